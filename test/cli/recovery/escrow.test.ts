import { armor, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { beforeAll, describe, expect, it } from "vitest";
import { type Escrow, recoveryKeys, seal, unseal } from "../../../cli/recovery/escrow.ts";
import { changedDemo, demo } from "../../stacks/fixtures/demo.ts";

const content: Escrow = {
  version: 1,
  stack: "demo",
  made: "2026-11-24T03:00:00.000Z",
  rootSecret: "the-root-secret",
  passphrase: "the-passphrase",
  config: "config:\n  vigie:portOffset: '1'\n",
  state: '{"version":3}',
  images: { "demo-wiki": { name: "vigie/wiki:6c72035c3841", id: `sha256:${"ab".repeat(32)}` } },
};
let ada: { key: string; file: string };
let bob: typeof ada;
let eve: typeof ada;
let sealed = "";

async function holder(): Promise<typeof ada> {
  const identity = await generateX25519Identity();
  const key = await identityToRecipient(identity);
  return { key, file: `# created: today\n# public key: ${key}\r\n${identity}\n` };
}

beforeAll(async () => {
  [ada, bob, eve] = [await holder(), await holder(), await holder()];
  sealed = await seal(content, { ada: ada.key, bob: bob.key });
});

describe("an escrow", () => {
  it("opens with each holder's key alone", async () => {
    expect(await unseal(sealed, ada.file)).toEqual(content);
    expect(await unseal(sealed, bob.file)).toEqual(content);
  });

  it("made before it held state and images still opens", async () => {
    const { state: _, images: __, ...older } = content;
    expect(await unseal(await seal(older, { ada: ada.key, bob: bob.key }), bob.file)).toEqual(older);
  });

  it("does not open with anybody else's", async () => {
    await expect(unseal(sealed, eve.file)).rejects.toThrow(
      /That key does not open the escrow: it was not sealed to it/,
    );
  });

  it("does not open once a byte of it has changed", async () => {
    const lines = sealed.split("\n");
    const line = lines[8]!;
    lines[8] = (line[0] === "A" ? "B" : "A") + line.slice(1);
    await expect(unseal(lines.join("\n"), ada.file)).rejects.toThrow(/escrow is damaged/);
  });

  it.each([0, 10, 100, 400, 700])("cut short after %i characters is told from a wrong key", async (length) => {
    await expect(unseal(sealed.slice(0, length), ada.file)).rejects.toThrow(/damaged or cut short.*Use another/s);
  });

  it("asked for with a mistyped key says so, and never shows the key", async () => {
    const secret = ada.file.match(/AGE-SECRET-KEY-\w+/)![0];
    for (const wrong of [secret.slice(0, 40), secret.replace(/.$/, (sign) => (sign === "Q" ? "P" : "Q"))]) {
      const refused = await unseal(sealed, wrong).catch((error: Error) => error.message);
      expect(refused).toMatch(/mistyped or cut short/);
      expect(refused).not.toContain(wrong.slice(0, 30));
    }
  });

  it("refuses what is sealed and is no JSON", async () => {
    const encrypter = new Encrypter();
    encrypter.addRecipient(ada.key);
    const other = armor.encode(await encrypter.encrypt("a letter"));
    await expect(unseal(other, ada.file)).rejects.toThrow(/no escrow of this version/);
  });

  it("shows nothing of what is in it", () => {
    expect(sealed).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\n/);
    for (const secret of [content.rootSecret, content.passphrase!])
      expect(Buffer.from(sealed.replace(/-----.*-----|\n/g, ""), "base64").includes(secret)).toBe(false);
  });

  it("refuses a key file without a key, such as the public half", async () => {
    await expect(unseal(sealed, `# public key: ${ada.key}\n${ada.key}`)).rejects.toThrow(/holds no key/);
  });

  it("refuses what is sealed and is no escrow", async () => {
    const other = await seal({ ...content, version: 2 as never }, { ada: ada.key });
    await expect(unseal(other, ada.file)).rejects.toThrow(/no escrow of this version/);
  });

  it("is not sealed while a key is mistyped; every such holder is named", async () => {
    const mistyped = (key: string) => key.replace(/.$/, (sign) => (sign === "q" ? "p" : "q"));
    const keys = { ada: mistyped(ada.key), bob: bob.key, eve: mistyped(eve.key) };
    await expect(seal(content, keys)).rejects.toThrow(/key of ada is mistyped.*key of eve is mistyped/s);
  });
});

describe("declared recovery keys", () => {
  const declaring = (...keys: (string | undefined)[]) =>
    changedDemo((copy) => {
      const holders = Object.values<{ recoveryKey?: string }>(copy.holders);
      for (const [index, key] of keys.entries()) if (key) holders[index]!.recoveryKey = key;
    });

  it("may be left out altogether, and two are enough", () => {
    expect(recoveryKeys(demo().people)).toEqual({});
    expect(Object.values(recoveryKeys(declaring(ada.key, bob.key).people))).toEqual(
      expect.arrayContaining([ada.key, bob.key]),
    );
  });

  it("are refused alone, or where two holders share one", () => {
    expect(() => declaring(ada.key)).toThrow(/recoveryKey.*keys of two holders at least/s);
    expect(() => declaring(ada.key, ada.key)).toThrow(/keys of two holders at least/);
  });

  it("are refused where they are something else, a secret key above all", () => {
    const secret = ada.file.split("\n").find((line) => line.startsWith("AGE-SECRET"))!;
    expect(() => declaring(secret, bob.key)).toThrow(/an age public key/);
  });

  it("stay out of the inventory, which is public", () => {
    expect(JSON.stringify(declaring(ada.key, bob.key).inventory)).not.toContain(ada.key);
  });
});
