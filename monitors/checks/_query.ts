import { z } from "zod";
import { secret } from "../../association/index.ts";
import { failed, good, type Outcome } from "../check.ts";
import { conditionsOf } from "../conditions/compile.ts";
import { conditions } from "../conditions/schema.ts";

/** Fields of every check that asks a database. */
export const queryParams = {
  /** The database. */
  database: z.string().min(1).max(100),
  /** The user: one that may read what the query reads, and nothing else. */
  login: z.string().min(1).max(100),
  /** Its password. */
  password: secret,
  /** One query, run in a read-only transaction. Rows are counted and compared, never shown but in a failed condition. */
  query: z.string().min(1).max(4000).default("SELECT 1"),
  /** Conditions that must all hold, such as `[ROWS] > 0`, `[BODY][0].waiting < 100`; `[BODY]` is the rows as JSON. */
  conditions: conditions("ROWS", "BODY", "RESPONSE_TIME").optional(),
};

/** The outcome of a query that was answered. */
export function judgeRows(
  rows: readonly unknown[],
  own: { conditions?: readonly string[] | undefined },
  seconds: number,
  phases: Readonly<Record<string, number>>,
): Outcome {
  const measures = { ...phases, query_seconds: seconds, rows: rows.length };
  const unmet = conditionsOf(own.conditions).unmet({
    numbers: { ROWS: rows.length, RESPONSE_TIME: seconds * 1000 },
    body: { text: () => JSON.stringify(rows, bigAsText), cut: false },
  });
  return unmet ? failed(unmet.reason, unmet.message, { measures }) : good({ measures });
}

/** JSON knows no integers beyond 2^53. */
const bigAsText = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);

export const queryMeasures = {
  connect_seconds: { help: "Time to open the connection." },
  tls_seconds: { help: "Time to agree on TLS." },
  query_seconds: { help: "Time to sign in, ask and read the rows." },
  rows: { help: "Rows in the answer." },
};
