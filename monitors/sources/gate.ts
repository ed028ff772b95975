import { readFile } from "node:fs/promises";
import { z } from "zod";
import { describeError, reasonOfError } from "../net/failure.ts";
import { shared } from "./shared.ts";

/** A container as the engine lists it. Texts come from the engine: hostile until escaped. */
export interface ListedContainer {
  /** `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`. */
  state: string;
  /** In the engine's words: `Up 2 minutes (healthy)`, `Exited (137) 3 hours ago`. */
  status: string;
}

export type Listing = { ok: true; containers: ReadonlyMap<string, ListedContainer> } | { ok: false; message: string };

/** A window on one host's engine. */
export interface Gate {
  url: string;
  /** By name; asked once every few seconds, however many checks want it. */
  containers(signal: AbortSignal): Promise<Listing>;
}

export interface GateOptions {
  url: string;
  /** File with the token to show, where the gate asks for one. */
  tokenFile?: string;
}

const FRESH_MS = 3000;
const LIMIT_MS = 8000;
const MOST_BYTES = 8 * 1024 * 1024;

/** What is used of `GET /containers/json` (Docker Engine API 1.41). */
const answer = z.array(z.object({ Names: z.array(z.string()).nullable(), State: z.string(), Status: z.string() }));

export function makeGate({ url, tokenFile }: GateOptions): Gate {
  const address = new URL("containers/json?all=true", `${url.replace(/\/$/, "")}/`);
  const fetchListing = async (signal: AbortSignal): Promise<Listing> => {
    try {
      const text = await get(address, tokenFile, signal);
      const containers = new Map<string, ListedContainer>();
      for (const { Names, State, Status } of answer.parse(JSON.parse(text)))
        for (const name of Names ?? []) containers.set(name.replace(/^\//, ""), { state: State, status: Status });
      return { ok: true, containers };
    } catch (error) {
      return { ok: false, message: `${address.origin}: ${explain(error)}` };
    }
  };
  return { url: address.origin, containers: shared(FRESH_MS, LIMIT_MS, fetchListing) };
}

async function get(address: URL, tokenFile: string | undefined, signal: AbortSignal): Promise<string> {
  // The token is read each time: it may be renewed while the exporter runs.
  const token = tokenFile === undefined ? undefined : (await readFile(tokenFile, "utf8")).trim();
  const { request } = await import("undici");
  const { statusCode, body } = await request(address, {
    headers: { accept: "application/json", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    reset: true,
    signal,
  });
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > MOST_BYTES) throw new Error(`the listing is longer than ${MOST_BYTES} bytes`);
    pieces.push(piece);
  }
  if (statusCode !== 200) throw new Error(`answered with status ${statusCode}, expected 200`);
  return Buffer.concat(pieces).toString("utf8");
}

function explain(error: unknown): string {
  if (error instanceof z.ZodError || error instanceof SyntaxError) return "the answer is no list of containers";
  if ((error as Error).name === "TimeoutError") return `no answer within ${LIMIT_MS / 1000} s`;
  return describeError(error, reasonOfError(error));
}
