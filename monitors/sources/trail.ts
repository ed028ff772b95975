import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { TrailAnswer, TrailQuery } from "../../dashboards/trail.ts";
import { getText } from "../net/get-text.ts";

/** The audit trail of one file server. */
export interface Trail {
  /** Never throws: a server that does not answer, or not as it should, is an answer too. */
  search(query: TrailQuery): Promise<TrailAnswer>;
}

const word = z.string().max(300);
/** Longer than any that Linux has. */
const path = z.string().max(20_000);

/** As `vigie_nas/trail.py` writes it. */
const answer = z.object({
  events: z
    .array(
      z.object({
        time: word,
        event: word,
        result: word,
        user: word.optional(),
        ip: word.optional(),
        share: word.optional(),
        path: path.optional(),
        to: path.optional(),
        why: z.string().max(2000).optional(),
      }),
    )
    .max(500),
  next: word.optional(),
  reached: word.optional(),
  since: z.iso.date().optional(),
});

/** A search may take some seconds there; nobody waits for longer. In milliseconds. */
const LIMIT_MS = 12_000;
const MOST_BYTES = 8 * 1024 * 1024;

export function makeTrail({ url, tokenFile }: { url: string; tokenFile: string }, limitMs = LIMIT_MS): Trail {
  return {
    async search({ fields, limit }) {
      try {
        const token = (await readFile(tokenFile, "utf8")).trim();
        const address = new URL(url);
        address.search = String(new URLSearchParams({ ...fields, limit: String(limit) }));
        const { status, text } = await getText(address, {
          headers: { authorization: `Bearer ${token}` },
          signal: AbortSignal.timeout(limitMs),
          most: MOST_BYTES,
          what: "its answer",
        });
        return status === 200 ? { ok: true, ...answer.parse(JSON.parse(text)) } : { ok: false };
      } catch {
        return { ok: false };
      }
    },
  };
}

/** Asks the server of a question; one that we have no way to counts as not answering. */
export const askTrail = (trails: ReadonlyMap<string, Trail> | undefined, query: TrailQuery): Promise<TrailAnswer> =>
  trails?.get(query.service)?.search(query) ?? Promise.resolve({ ok: false });
