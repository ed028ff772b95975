import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { z } from "zod";
import { defineCheck, failed, good, type RunContext } from "../check.ts";
import { conditionsOf } from "../conditions/compile.ts";
import { conditions } from "../conditions/schema.ts";
import { parseAddress } from "../net/address.ts";
import { addressParam, withAddress } from "./_stream.ts";
import { matches, textCondition, wanted } from "./_text.ts";

/** Kinds of host keys that may be asked for (RFC 8709, RFC 5656, RFC 8332). */
const KEY_TYPES = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
] as const;

const params = z.strictObject({
  /** Where to connect: `host:port`, or the name of one of the service's own ports; its port `ssh` when left out. */
  address: addressParam.optional(),
  /** What the server's first line must say, for instance `OpenSSH`. */
  banner: textCondition.optional(),
  /** Fingerprints of the keys that the server may have, as `ssh-keygen -l` shows them: a stranger in its place is found out. */
  hostKeys: z
    .array(z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/, "a fingerprint as ssh-keygen -l shows it: SHA256:…"))
    .min(1)
    .max(16)
    .optional(),
  /** The kind of key to ask for; the server chooses when left out. */
  keyType: z.enum(KEY_TYPES).optional(),
  /** Conditions that must all hold; `[BODY]` is the server's first line. */
  conditions: conditions("BODY", "IP", "RESPONSE_TIME").optional(),
});

type Params = z.output<typeof params>;

/** Lines before the identification that are passed over (RFC 4253 section 4.2). */
const MOST_LINES = 50;

export default defineCheck({
  summary: "An SSH server answers and shows the host key that it should (RFC 4253); nobody signs in",
  anywhere: true,
  params,
  resolve: (own, context) => withAddress(own, context, "ssh"),
  target: ({ address }) => address ?? "",
  measures: {
    connect_seconds: { help: "Time to open the connection." },
    greeting_seconds: { help: "Time until the server's first line." },
  },
  run: async (own, context) => {
    const target = parseAddress(own.address ?? "");
    if (target === undefined) return failed("not-configured", "this check has no address");
    const [{ openSocket }, { Reader }] = await Promise.all([import("../net/connect.ts"), import("./_reader.ts")]);
    const { socket, phases } = await openSocket(target, context);
    let measures: Record<string, number> = phases;
    try {
      const since = performance.now();
      const reader = new Reader(socket);
      context.step("waiting for the greeting");
      let greeting = await reader.line();
      for (let lines = 0; !greeting.startsWith("SSH-"); lines++) {
        if (lines === MOST_LINES) return failed("wrong-reply", "no SSH server: it never says who it is", { measures });
        greeting = await reader.line();
      }
      measures = { ...phases, greeting_seconds: (performance.now() - since) / 1000 };
      context.step("greeted", greeting);
      if (!/^SSH-(2\.0|1\.99)-/.test(greeting))
        return failed("weak-protocol", `expected SSH 2; the server said ${quoted(greeting)}`, { measures });
      if (own.banner !== undefined && !matches(own.banner, greeting))
        return failed("wrong-reply", `expected ${wanted(own.banner)}; the server said ${quoted(greeting)}`, {
          measures,
        });
      const unmet = conditionsOf(own.conditions).unmet({
        numbers: { RESPONSE_TIME: performance.now() - since },
        texts: { IP: socket.remoteAddress ?? "" },
        body: { text: () => greeting, cut: false },
      });
      if (unmet) return failed(unmet.reason, unmet.message, { measures });
      if (own.hostKeys === undefined) return good({ measures, message: greeting.slice(0, 200) });
      // The library reads the greeting itself.
      reader.release();
      socket.unshift(Buffer.from(`${greeting}\r\n`, "latin1"));
      const found = await fingerprintOf(socket, own, context);
      if (own.hostKeys.includes(found)) return good({ measures, message: found });
      return failed("wrong-key", `the host key is ${found}, expected ${own.hostKeys.join(" or ")}`, { measures });
    } finally {
      socket.destroy();
    }
  },
});

const quoted = (text: string): string => JSON.stringify(text.slice(0, 120));

/** The fingerprint of the key that the server proves to have; the conversation ends there. */
async function fingerprintOf(socket: Socket, { keyType }: Params, { step, signal }: RunContext): Promise<string> {
  const { Client } = (await import("ssh2")).default;
  step("exchanging keys");
  const client = new Client();
  try {
    return await new Promise<string>((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      client.on("error", (error) => reject(asHandshake(error)));
      client.on("close", () => reject(Object.assign(new Error("the server hung up"), { code: "ECONNRESET" })));
      client.connect({
        sock: socket,
        username: "vigie",
        readyTimeout: 0,
        ...(keyType === undefined ? {} : { algorithms: { serverHostKey: [keyType] } }),
        // Called once the server has signed the exchange with it: the key is really its own.
        hostVerifier: (key: Buffer) => {
          resolve(`SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`);
          return false;
        },
      });
    });
  } finally {
    client.on("error", () => {});
    client.end();
  }
}

/** The library tells where it stopped by a level; network errors keep their own code. */
const asHandshake = (error: Error & { code?: unknown; level?: string }): Error =>
  typeof error.code !== "string" ? Object.assign(error, { code: "VIGIE_HANDSHAKE" }) : error;

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    ssh: z.input<typeof params>;
  }
}
