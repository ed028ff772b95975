import { z } from "zod";
import { duration, hostname, secret, secretFile } from "../../association/index.ts";
import { defineCheck, failed, good } from "../check.ts";
import { parseAddress } from "../net/address.ts";
import { type Digest, digest } from "../reports/digest.ts";
import { hostPort, noPort, written } from "./_address.ts";
import { ReportMemory } from "./_report-box.ts";

const params = z.strictObject({
  /** Where the box is read over TLS, `host:port`; the service's port `imaps` when left out. */
  read: hostPort.optional(),
  /** The name that the certificate must be for. */
  serverName: hostname.optional(),
  /** The login of the box that reports are sent to. */
  login: z.string().min(1).default("vigie-probe"),
  /** Its password; the one that the stack derives for the login when left out. */
  password: secret.optional(),
  /** How many days of reports count. */
  over: duration.prefault("7d"),
  /** Addresses that are ours: nothing from them may fail. Where they are not known, the part of all messages that may fail is looked at. */
  ours: z.array(z.union([z.ipv4(), z.ipv6()])).default([]),
  /** The part of reported messages, and of TLS connections, that may fail, from 0 to 1. */
  mostFailing: z.number().min(0).max(1).default(0.1),
});

/** Fewer than this, and one failure would be a large part. */
const LEAST = 20;
/** Sources told apart in measures; the rest are in the sums. */
const MOST_SOURCES = 25;
const KEEP = 90 * 86_400_000;

const memories = new Map<string, ReportMemory>();

function memoryOf(key: string): ReportMemory {
  const memory = memories.get(key) ?? new ReportMemory();
  memories.set(key, memory);
  return memory;
}

export default defineCheck({
  summary: "Other servers report that mail in our name is authentic and that TLS works (RFC 7489, RFC 8460)",
  params,
  resolve: (own, context) => {
    const read = own.read ?? written(context.endpoint("imaps"));
    return read === undefined
      ? noPort("read", "imaps", context)
      : { ...own, read, password: own.password ?? { derived: `mail/${own.login}` } };
  },
  secrets: ({ password }) => (password === undefined ? [] : [password]),
  target: ({ read }) => read ?? "",
  measures: {
    dmarc_messages: {
      help: "Messages in our name that others have reported on, by result of DMARC.",
      metric: "vigie_mail_dmarc_messages",
      label: "result",
    },
    tls_sessions: {
      help: "Connections to our server that others have reported on, by result of TLS.",
      metric: "vigie_mail_tls_sessions",
      label: "result",
    },
    passing: { help: "Reported messages that passed, by the address they came from.", label: "source" },
    failing: { help: "Reported messages that failed, by the address they came from.", label: "source" },
    reports: { help: "Reports that were read." },
  },
  run: async (wish, context) => {
    const target = parseAddress(wish.read ?? "");
    if (target === undefined || wish.password === undefined)
      return failed("not-configured", "this check was not completed from its service");
    const [{ isRefusal, signIn }, { readSecret }, box] = await Promise.all([
      import("./_mailbox.ts"),
      import("./_secret.ts"),
      import("./_report-box.ts"),
    ]);
    const password = await readSecret(wish.password);
    if (password === undefined) return failed("not-configured", `${secretFile(wish.password)} cannot be read`);
    const since = new Date(Date.now() - wish.over * 1000);
    try {
      const client = await signIn(target, wish.serverName, { login: wish.login, password }, context);
      try {
        context.step("collecting reports");
        await box.collect(client);
        const memory = memoryOf(`${wish.read} ${wish.login}`);
        const { reports, unreadable } = await box.readReports(client, memory, since);
        await box.forget(client, new Date(Date.now() - KEEP));
        const found = digest(reports, since.getTime() / 1000);
        const measures = measuresOf(found);
        const problem = problemOf(found, wish);
        if (problem !== undefined) return failed("taken-for-spam", problem, { measures });
        return good({
          measures,
          ...(unreadable.length === 0
            ? {}
            : { message: `${unreadable.length} could not be read: ${unreadable[0]!.slice(0, 160)}` }),
        });
      } finally {
        client.close();
      }
    } catch (error) {
      if (isRefusal(error)) return failed("wrong-password", `the server refuses ${wish.login}`);
      throw error;
    }
  },
});

function measuresOf({ reports, dmarc, tls, sources }: Digest): Record<string, number> {
  return {
    reports,
    "dmarc_messages/pass": dmarc.pass,
    "dmarc_messages/fail": dmarc.fail,
    "tls_sessions/good": tls.good,
    "tls_sessions/failed": tls.failed,
    ...Object.fromEntries(
      sources.slice(0, MOST_SOURCES).flatMap(({ source, pass, fail }) => [
        [`passing/${source}`, pass],
        [`failing/${source}`, fail],
      ]),
    ),
  };
}

/** What the reports mean for us, in words; undefined where all is well. */
export function problemOf(
  { dmarc, tls, sources }: Digest,
  { ours, mostFailing }: { ours: readonly string[]; mostFailing: number },
): string | undefined {
  const own = sources.filter(({ source, fail }) => fail > 0 && ours.includes(source));
  if (own.length > 0)
    return `others find mail from our own ${own.map(({ source, fail }) => `${source} (${fail})`).join(", ")} not authentic`;
  const total = dmarc.pass + dmarc.fail;
  if (ours.length === 0 && total >= LEAST && dmarc.fail / total > mostFailing)
    return `${dmarc.fail} of ${total} messages in our name fail DMARC, most from ${sources[0]!.source}`;
  const sessions = tls.good + tls.failed;
  if (sessions >= LEAST && tls.failed / sessions > mostFailing)
    return `${tls.failed} of ${sessions} connections of others to our server fail for TLS`;
  return undefined;
}

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    "mail-reports": z.input<typeof params>;
  }
}
