import { randomBytes } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { derive, readable, rootBytes, Secrets } from "../../stacks/secrets.ts";

/** What an output holds, once it does. */
const resolved = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((resolve) => output.apply(resolve));

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((all) => Buffer.from(all));

describe("derivation", () => {
  it("follows RFC 5869: the same as the algorithm written out", async () => {
    const { createHmac } = await import("node:crypto");
    fc.assert(
      fc.property(
        bytes(32),
        fc.string({ maxLength: 100 }),
        fc.integer({ min: 1, max: 32 }),
        (root, purpose, length) => {
          const extracted = createHmac("sha256", "vigie/secrets/1").update(root).digest();
          const expanded = createHmac("sha256", extracted).update(`${purpose}\u0001`).digest();
          expect(derive(root, purpose, length)).toEqual(expanded.subarray(0, length));
        },
      ),
    );
  });

  it("gives another secret for another purpose or another root, and never the root", () => {
    fc.assert(
      fc.property(bytes(32), bytes(32), fc.string(), fc.string(), (root, other, purpose, elsewhere) => {
        const secret = derive(root, purpose, 32);
        expect(secret.equals(derive(root, purpose, 32))).toBe(true);
        expect(secret.equals(root)).toBe(false);
        if (purpose !== elsewhere) expect(secret.equals(derive(root, elsewhere, 32))).toBe(false);
        if (!root.equals(other)) expect(secret.equals(derive(other, purpose, 32))).toBe(false);
      }),
    );
  });
});

describe("a root secret", () => {
  it.each(["", "short", randomBytes(31).toString("base64url")])("is refused where it is too short: %j", (root) => {
    expect(() => rootBytes(root)).toThrow(/^vigie:rootSecret holds \d+ bytes; it needs 32 random bytes in base64url$/);
  });

  it("is not shown in the refusal", () => {
    expect(() => rootBytes("c2VjcmV0")).not.toThrow(/c2VjcmV0/);
  });

  it("is read with a line end, as files have one", () => {
    const root = randomBytes(32);
    expect(rootBytes(`${root.toString("base64url")}\n`)).toEqual(root);
  });
});

describe("a readable password", () => {
  it("keeps 5 bits of every byte: two passwords differ wherever those bits do", () => {
    fc.assert(
      fc.property(bytes(20), bytes(20), (one, other) => {
        const bits = (buffer: Buffer) => [...buffer].map((byte) => byte & 31).join();
        expect(readable(one) === readable(other)).toBe(bits(one) === bits(other));
      }),
    );
    const signs = new Set(Array.from({ length: 256 }, (_, byte) => readable(Buffer.from([byte]))));
    expect(signs.size).toBe(32);
  });

  it("has 100 bits in four groups of five, without the letters that are read as digits", () => {
    fc.assert(
      fc.property(bytes(20), (all) => {
        expect(readable(all)).toMatch(/^([0-9a-hjkmnp-tv-z]{5}-){3}[0-9a-hjkmnp-tv-z]{5}$/);
      }),
    );
  });

  it("gives every sign the same chance", () => {
    const counts = new Map<string, number>();
    for (let byte = 0; byte < 256; byte++) {
      const sign = readable(Buffer.from([byte]));
      counts.set(sign, (counts.get(sign) ?? 0) + 1);
    }
    expect(new Set(counts.values())).toEqual(new Set([8]));
  });
});

describe("the secrets of a stack", () => {
  const root = randomBytes(32).toString("base64url");
  const secrets = () => new Secrets(pulumi.secret(root));

  it("are Pulumi secrets even where the root was not marked as one", async () => {
    const careless = new Secrets(pulumi.output(root));
    expect(await pulumi.isSecret(careless.token("gate/main"))).toBe(true);
    expect(await pulumi.isSecret(careless.password("ada"))).toBe(true);
  });

  it("are the same at each run", async () => {
    expect(await resolved(secrets().token("restic/repository"))).toBe(
      await resolved(secrets().token("restic/repository")),
    );
    expect(await resolved(secrets().password("ada"))).toBe(await resolved(secrets().password("ada")));
  });

  it("are 256 bits for programs, and of one purpose only", async () => {
    const token = await resolved(secrets().token("gate/main"));
    expect(Buffer.from(token, "base64url")).toHaveLength(32);
    expect(await resolved(secrets().token("gate/second"))).not.toBe(token);
    expect(token).not.toContain(root);
  });

  it("need a purpose", () => {
    expect(() => secrets().token("")).toThrow("a secret needs a purpose");
  });
});
