import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { TrailAnswer, TrailQuery } from "../../dashboards/trail.ts";

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
        const text = await get(address, token, AbortSignal.timeout(limitMs));
        return { ok: true, ...answer.parse(JSON.parse(text)) };
      } catch {
        return { ok: false };
      }
    },
  };
}

/** Asks the server of a question; one that we have no way to counts as not answering. */
export const askTrail = (trails: ReadonlyMap<string, Trail> | undefined, query: TrailQuery): Promise<TrailAnswer> =>
  trails?.get(query.service)?.search(query) ?? Promise.resolve({ ok: false });

async function get(address: URL, token: string, signal: AbortSignal): Promise<string> {
  const { request } = await import("undici");
  const { statusCode, body } = await request(address, {
    headers: { authorization: `Bearer ${token}` },
    reset: true,
    signal,
  });
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > MOST_BYTES) throw new Error("its answer is too long");
    pieces.push(piece);
  }
  if (statusCode !== 200) throw new Error(`it answered with status ${statusCode}`);
  return Buffer.concat(pieces).toString("utf8");
}
