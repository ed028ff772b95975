import { getText } from "../net/get-text.ts";
import type { makeTrust } from "../net/trust.ts";

export interface AuthorityOptions {
  /** Where the authority's certificate is served. */
  url: string;
  trust: ReturnType<typeof makeTrust>;
  /** Told when the answer changes: undefined is good. */
  onChange(problem: string | undefined): void;
}

export interface Following {
  /** Settles once the certificate is known for the first time. */
  learnt: Promise<void>;
  stop(): void;
}

/** Certificates are a few kilobytes; anything longer is something else. */
const MOST_BYTES = 64 * 1024;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
/** An authority may be renewed, or made anew with its proxy. */
const AGAIN_MS = 300_000;

/**
 * Learns the certificate of our own authority, as soon as it is served and then now and again, until stopped.
 * Until it is known, what it has signed fails as `untrusted`, which is true.
 */
export function followAuthority({ url, trust, onChange }: AuthorityOptions): Following {
  const controller = new AbortController();
  const learnt = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  let problem: string | undefined | null = null;
  let retry = FIRST_RETRY_MS;
  const look = async () => {
    const found = await fetchInto(url, trust, controller.signal);
    if (controller.signal.aborted) return;
    if (found !== problem) onChange(found);
    problem = found;
    if (found === undefined) learnt.resolve();
    retry = found === undefined ? FIRST_RETRY_MS : Math.min(retry * 2, LONGEST_RETRY_MS);
    timer = setTimeout(look, found === undefined ? AGAIN_MS : retry);
    timer.unref();
  };
  void look();
  return {
    learnt: learnt.promise,
    stop: () => {
      controller.abort();
      clearTimeout(timer);
    },
  };
}

async function fetchInto(
  url: string,
  trust: AuthorityOptions["trust"],
  stop: AbortSignal,
): Promise<string | undefined> {
  try {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(5000)]);
    const { status, text } = await getText(url, { signal, most: MOST_BYTES, what: "the answer" });
    if (status !== 200) throw new Error(`status ${status}`);
    trust.add(text);
    return undefined;
  } catch (error) {
    return `The certificate of the authority at ${url} could not be learnt: ${(error as Error).message}`;
  }
}
