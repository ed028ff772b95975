import { XMLParser } from "fast-xml-parser";
import { z } from "zod";
import { UnreadableReport } from "./unpack.ts";

/** What one receiver saw of mail in our name (RFC 7489 section 7.2 and appendix C). */
export interface DmarcReport {
  /** Who reports. */
  reporter: string;
  id: string;
  domain: string;
  /** End of the time it is about, as a Unix time. */
  until: number;
  rows: DmarcRow[];
}

export interface DmarcRow {
  /** Address that the messages came from. */
  source: string;
  messages: number;
  /** Whether DMARC was satisfied: DKIM or SPF, aligned with the domain in From. */
  pass: boolean;
  dkim: boolean;
  spf: boolean;
  /** What the receiver did with them. */
  disposition: string;
}

/** Tags and entities: a row has fifty, and a thousand rows tell nothing more. Fifty thousand are read in a tenth of a second. */
const MOST_PIECES = 50_000;
const MOST_ROWS = 10_000;

function piecesIn(xml: string): number {
  let pieces = 0;
  for (let at = 0; at < xml.length; at++) if (xml[at] === "<" || xml[at] === "&") pieces++;
  return pieces;
}

// Entities are left as they are and a document type is refused below: neither has a place in a report.
const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  processEntities: false,
  removeNSPrefix: true,
  isArray: (name) => name === "record",
});

const text = z.string().max(1000).catch("");
const count = z.coerce.number().int().min(0).max(1e9).catch(0);
const verdict = z
  .string()
  .catch("")
  .transform((value) => value.trim().toLowerCase() === "pass");

const feedback = z.object({
  report_metadata: z.object({
    org_name: text,
    report_id: text,
    date_range: z.object({ end: z.coerce.number().int().min(0).max(1e11) }),
  }),
  policy_published: z.object({ domain: text }),
  record: z
    .array(
      z.object({
        row: z.object({
          source_ip: z.string().regex(/^[0-9a-fA-F.:]{2,45}$/),
          count,
          policy_evaluated: z
            .object({ disposition: text, dkim: verdict, spf: verdict })
            .catch({ disposition: "", dkim: false, spf: false }),
        }),
      }),
    )
    .max(MOST_ROWS)
    .default([]),
});

/** @throws UnreadableReport where the text is no aggregate report. */
export function parseDmarc(xml: string): DmarcReport {
  if (/<!(DOCTYPE|ENTITY)/i.test(xml)) throw new UnreadableReport("it defines entities, which no report needs");
  if (piecesIn(xml) > MOST_PIECES) throw new UnreadableReport(`XML: more than ${MOST_PIECES} tags`);
  let parsed: unknown;
  try {
    parsed = parser.parse(xml);
  } catch (error) {
    throw new UnreadableReport(`XML: ${(error as Error).message}`, { cause: error });
  }
  const result = feedback.safeParse((parsed as { feedback?: unknown })?.feedback);
  if (!result.success) throw new UnreadableReport("it is not a DMARC report");
  const { report_metadata: about, policy_published: policy, record } = result.data;
  return {
    reporter: about.org_name.trim(),
    id: about.report_id.trim(),
    domain: policy.domain.trim().toLowerCase(),
    until: about.date_range.end,
    rows: record.map(({ row }) => {
      const { dkim, spf, disposition } = row.policy_evaluated;
      return { source: row.source_ip, messages: row.count, pass: dkim || spf, dkim, spf, disposition };
    }),
  };
}
