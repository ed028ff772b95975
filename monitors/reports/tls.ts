import { z } from "zod";
import { parseJson } from "../conditions/json.ts";
import { UnreadableReport } from "./unpack.ts";

/** What one sender met when it wrote to us over TLS (RFC 8460 section 4). */
export interface TlsReport {
  reporter: string;
  id: string;
  domain: string;
  /** End of the time it is about, as a Unix time. */
  until: number;
  good: number;
  failed: number;
  /** Kinds of failure, such as `certificate-expired`, with how many sessions each. */
  failures: Record<string, number>;
}

const count = z.number().int().min(0).max(1e12).catch(0);
const report = z.object({
  "organization-name": z.string().max(1000).catch(""),
  "report-id": z.string().max(1000).catch(""),
  "date-range": z.object({ "end-datetime": z.string().max(64) }),
  policies: z
    .array(
      z.object({
        policy: z.object({ "policy-domain": z.string().max(255).catch("") }).catch({ "policy-domain": "" }),
        summary: z.object({ "total-successful-session-count": count, "total-failure-session-count": count }),
        "failure-details": z
          .array(
            z.object({
              "result-type": z
                .string()
                .regex(/^[a-z-]{1,60}$/)
                .catch("other"),
              "failed-session-count": count,
            }),
          )
          .max(1000)
          .catch([])
          .default([]),
      }),
    )
    .max(100),
});

/** @throws UnreadableReport where the text is no TLS report. */
export function parseTls(json: string): TlsReport {
  let parsed: unknown;
  try {
    parsed = parseJson(json);
  } catch (error) {
    throw new UnreadableReport(`JSON: ${(error as Error).message.slice(0, 200)}`, { cause: error });
  }
  const result = report.safeParse(parsed);
  const until = result.success ? Date.parse(result.data["date-range"]["end-datetime"]) : Number.NaN;
  if (!result.success || Number.isNaN(until)) throw new UnreadableReport("it is not a report on TLS");
  const { policies, "organization-name": reporter, "report-id": id } = result.data;
  const failures = new Map<string, number>();
  for (const { "failure-details": details } of policies)
    for (const { "result-type": type, "failed-session-count": sessions } of details)
      failures.set(type, (failures.get(type) ?? 0) + sessions);
  return {
    reporter,
    id,
    domain: policies[0]?.policy["policy-domain"].toLowerCase() ?? "",
    until: until / 1000,
    good: total(policies.map(({ summary }) => summary["total-successful-session-count"])),
    failed: total(policies.map(({ summary }) => summary["total-failure-session-count"])),
    failures: Object.fromEntries(failures),
  };
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);
