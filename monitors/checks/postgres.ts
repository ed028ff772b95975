import { z } from "zod";
import { secretFile } from "../../association/index.ts";
import { defineCheck, failed } from "../check.ts";
import { reasonOfError } from "../net/failure.ts";
import type { Reason } from "../reasons.ts";
import { watchFrames } from "./_postgres-frames.ts";
import { judgeRows, queryMeasures, queryParams } from "./_query.ts";
import { alreadyOpen, openStream, streamParams, withAddress } from "./_stream.ts";

const params = z.strictObject({
  ...streamParams,
  /** Whether TLS protects it, on the protocol's own request; its certificate is verified. */
  tls: z.enum(["no", "starttls"]).default("no"),
  ...queryParams,
});

/** Reasons by SQLSTATE class or code (PostgreSQL, appendix A). */
const STATES: readonly (readonly [prefix: string, reason: Reason])[] = [
  ["28", "wrong-password"],
  ["3D", "no-such-thing"],
  ["42501", "forbidden"],
  ["57014", "timeout"],
  ["57P03", "unreachable"],
  ["53", "query-failed"],
];

export default defineCheck({
  summary: "A PostgreSQL database answers a query",
  params,
  resolve: (own, context) => withAddress(own, context, "postgres"),
  secrets: ({ password }) => [password],
  target: ({ address, database }) => `${address ?? ""}/${database}`,
  measures: queryMeasures,
  run: async (own, context) => {
    const [{ default: pg }, { readSecret }] = await Promise.all([import("pg"), import("./_secret.ts")]);
    const password = await readSecret(own.password);
    if (password === undefined) return failed("not-configured", `${secretFile(own.password)} cannot be read`);
    const { socket, phases, flooded, refused } = await openStream(own, "postgres", context);
    if (refused !== undefined) return failed("handshake", refused, { measures: phases });
    const frames = watchFrames(socket);
    const client = new pg.Client({
      stream: () => alreadyOpen(socket),
      host: "opened.invalid",
      user: own.login,
      database: own.database,
      password,
      ssl: false,
      application_name: "vigie",
      // The server gives up by itself what nobody waits for any more.
      options: `-c default_transaction_read_only=on -c statement_timeout=${Math.ceil(context.timeoutMs)}`,
    });
    // Errors after the fact are events as well as rejections.
    client.on("error", () => {});
    const since = performance.now();
    try {
      context.step("signing in", own.login);
      await client.connect();
      context.step("asking", own.query);
      const answer: unknown = await client.query(own.query);
      // Several statements in one text give as many results.
      const { rows } = (Array.isArray(answer) ? answer.at(-1) : answer) as { rows: unknown[] };
      return judgeRows(rows, own, (performance.now() - since) / 1000, phases);
    } catch (error) {
      context.signal.throwIfAborted();
      const flood = flooded();
      if (flood) throw flood;
      if (frames.broken)
        return failed("malformed", "no PostgreSQL answer: a message that has no end", { measures: phases });
      const { code = "", message } = error as { code?: string; message: string };
      if (/^[0-9A-Z]{5}$/.test(code)) {
        const reason = STATES.find(([prefix]) => code.startsWith(prefix))?.[1] ?? "query-failed";
        return failed(reason, `the server says: ${message.slice(0, 200)} (${code})`, { measures: phases });
      }
      // What the library stumbles over while it reads is the server's doing.
      if (reasonOfError(error) !== "internal") throw error;
      return failed(
        /terminated|ended/i.test(message) ? "closed" : "malformed",
        `no PostgreSQL answer: ${message.slice(0, 200)}`,
        {
          measures: phases,
        },
      );
    } finally {
      socket.destroy();
    }
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    postgres: z.input<typeof params>;
  }
}
