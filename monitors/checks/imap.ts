import { z } from "zod";
import { hostname, secret, secretFile } from "../../association/index.ts";
import { defineCheck, failed, good } from "../check.ts";
import { parseAddress } from "../net/address.ts";
import { atOwnPort, hostPort } from "./_address.ts";

const params = z.strictObject({
  /** Where to connect over TLS, `host:port`; the service's port `imaps` when left out. */
  address: hostPort.optional(),
  /** The name that the certificate must be for; the address's own when left out. */
  serverName: hostname.optional(),
  /** Sign in too. */
  account: z
    .strictObject({
      /** The login. */
      login: z.string().min(1),
      /** Its password. */
      password: secret,
    })
    .optional(),
});

/** What is read at most of a greeting, in bytes. */
const MOST_READ = 8192;

export default defineCheck({
  summary: "A mail server lets people read: greeting and certificate, and signing in where asked (RFC 9051)",
  anywhere: true,
  params,
  resolve: atOwnPort("imaps"),
  secrets: ({ account }) => (account === undefined ? [] : [account.password]),
  target: ({ address }) => address ?? "",
  measures: {
    connect_seconds: { help: "Time to open the connection." },
    tls_seconds: { help: "Time to agree on TLS." },
    sign_in_seconds: { help: "Time to sign in." },
  },
  run: async ({ address, serverName, account }, context) => {
    const target = parseAddress(address ?? "");
    if (target === undefined) return failed("not-configured", "this check has no address");
    const [{ openSocket }, { overTls }] = await Promise.all([import("../net/connect.ts"), import("./_mail-tls.ts")]);
    const opened = await openSocket(target, context);
    let phases = opened.phases;
    let greeting = "";
    try {
      const since = performance.now();
      const socket = await overTls(opened.socket, serverName ?? target.host, context);
      phases = { ...phases, tls_seconds: (performance.now() - since) / 1000 };
      context.step("waiting for the greeting");
      for await (const chunk of socket) {
        greeting += chunk;
        if (greeting.includes("\n") || greeting.length > MOST_READ) break;
      }
    } finally {
      opened.socket.destroy();
    }
    if (!/^\* (OK|PREAUTH)\b/.test(greeting))
      return failed(
        "wrong-reply",
        `expected an IMAP greeting; the server said ${JSON.stringify(greeting.slice(0, 120))}`,
        { measures: phases },
      );
    if (account === undefined) return good({ measures: phases });

    const [{ isRefusal, signIn }, { readSecret }] = await Promise.all([
      import("./_mailbox.ts"),
      import("./_secret.ts"),
    ]);
    const password = await readSecret(account.password);
    if (password === undefined)
      return failed("not-configured", `${secretFile(account.password)} cannot be read`, { measures: phases });
    context.step("signing in", account.login);
    const since = performance.now();
    try {
      const client = await signIn(target, serverName, { login: account.login, password }, context);
      const measures = { ...phases, sign_in_seconds: (performance.now() - since) / 1000 };
      client.close();
      return good({ measures });
    } catch (error) {
      if (isRefusal(error))
        return failed("wrong-password", `the server refuses ${account.login}`, { measures: phases });
      throw error;
    }
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    imap: z.input<typeof params>;
  }
}
