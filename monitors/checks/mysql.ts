import { z } from "zod";
import { hostname, secretFile } from "../../association/index.ts";
import { defineCheck, failed } from "../check.ts";
import { parseAddress } from "../net/address.ts";
import { reasonOfError } from "../net/failure.ts";
import { CIPHERS } from "../net/trust.ts";
import type { Reason } from "../reasons.ts";
import { judgeRows, queryMeasures, queryParams } from "./_query.ts";
import { addressParam, openStream, withAddress } from "./_stream.ts";

const params = z.strictObject({
  /** Where to connect: `host:port`, or the name of one of the service's own ports; its port `mysql` when left out. */
  address: addressParam.optional(),
  /** Whether TLS protects it, on the protocol's own request; its certificate is verified. */
  tls: z.enum(["no", "starttls"]).default("no"),
  /** The name that the certificate must be for; the address's own when left out. */
  serverName: hostname.optional(),
  ...queryParams,
});

/** Reasons by the server's error (MariaDB, error codes). */
const ERRORS: Readonly<Record<string, Reason>> = {
  ER_ACCESS_DENIED_ERROR: "wrong-password",
  ER_DBACCESS_DENIED_ERROR: "forbidden",
  ER_TABLEACCESS_DENIED_ERROR: "forbidden",
  ER_BAD_DB_ERROR: "no-such-thing",
  ER_STATEMENT_TIMEOUT: "timeout",
  ER_CON_COUNT_ERROR: "query-failed",
};

export default defineCheck({
  summary: "A MariaDB or MySQL database answers a query",
  params,
  resolve: (own, context) => withAddress(own, context, "mysql"),
  secrets: ({ password }) => [password],
  target: ({ address, database }) => `${address ?? ""}/${database}`,
  measures: queryMeasures,
  run: async (own, context) => {
    const [{ default: mysql }, { readSecret }] = await Promise.all([import("mysql2"), import("./_secret.ts")]);
    const password = await readSecret(own.password);
    if (password === undefined) return failed("not-configured", `${secretFile(own.password)} cannot be read`);
    const name = own.serverName ?? parseAddress(own.address ?? "")?.host ?? "";
    // The protocol asks for TLS in the middle of its greeting: the library does that.
    const { socket, phases, flooded } = await openStream({ ...own, tls: "no" }, "postgres", context);
    const since = performance.now();
    context.step("signing in", own.login);
    const connection = mysql.createConnection({
      stream: socket,
      host: name,
      user: own.login,
      password,
      database: own.database,
      supportBigNumbers: true,
      bigNumberStrings: false,
      // LOAD DATA LOCAL would let a server read the lookout's own files.
      flags: ["-LOCAL_FILES"],
      infileStreamFactory: undefined,
      // Or it would write a program for the columns that a server names, and run it: for 60 000 of them that takes a third of a second.
      disableEval: true,
      ...(own.tls === "no"
        ? {}
        : {
            ssl: {
              ca: context.resources.trust.authorities() as string[],
              ciphers: CIPHERS,
              rejectUnauthorized: true,
              verifyIdentity: true,
            },
          }),
    });
    const ask = (sql: string) =>
      new Promise<unknown>((resolve, reject) => {
        connection.query(sql, (error, rows) => (error ? reject(error) : resolve(rows)));
      });
    try {
      const rows = await new Promise<unknown>((resolve, reject) => {
        // What ends the connection is told to whoever waits, or to nobody.
        connection.on("error", reject);
        context.signal.addEventListener("abort", () => reject(context.signal.reason), { once: true });
        const asking = async () => {
          await ask("SET SESSION TRANSACTION READ ONLY");
          context.step("asking", own.query);
          return ask(own.query);
        };
        asking().then(resolve, reject);
      });
      return judgeRows(Array.isArray(rows) ? rows : [], own, (performance.now() - since) / 1000, phases);
    } catch (error) {
      context.signal.throwIfAborted();
      const flood = flooded();
      if (flood) throw flood;
      const { code = "", message, errno } = error as { code?: string; message: string; errno?: number };
      const found = { measures: phases };
      if (code.startsWith("ER_") || (errno ?? 0) >= 1000)
        return failed(ERRORS[code] ?? "query-failed", `the server says: ${message.slice(0, 200)} (${code})`, found);
      if (code === "PROTOCOL_CONNECTION_LOST") return failed("closed", "the server hung up", found);
      if (code === "HANDSHAKE_NO_SSL_SUPPORT") return failed("handshake", "the server does not offer TLS", found);
      if (code === "HANDSHAKE_SSL_ERROR") return failed("handshake", message.slice(0, 200), found);
      // What the library stumbles over while it reads is the server's doing.
      if (reasonOfError(error) !== "internal") throw error;
      return failed("malformed", `no MySQL answer: ${message.slice(0, 200)}`, found);
    } finally {
      connection.destroy();
      socket.destroy();
    }
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    mysql: z.input<typeof params>;
  }
}
