import type { Access } from "./arguments.ts";
import { faultOf } from "./integrity.ts";
import { codeOf, type ReasonCode } from "./reasons.ts";
import { ensureRepository, type Place, reasonOf, Unusable } from "./repository.ts";
import type { Restic } from "./restic.ts";

/** How the last copying went. Times are ISO 8601. */
export interface Copied {
  readonly id: string;
  readonly at?: string;
  /** When all snapshots were last seen to be there. */
  readonly goodAt?: string;
  readonly seconds?: number;
  readonly code?: ReasonCode;
  readonly reason?: string;
}

/** restic on the other repository, and how it reaches the first. */
export interface Elsewhere {
  readonly restic: Restic;
  readonly place: Place;
  readonly from: Access;
}

/** The words that name the repository to copy from; its cuts are taken over, so that data that is there is known again. */
const fromArguments = ({ repositoryFile, passwordFile }: Access): string[] => [
  ...["--from-repository-file", repositoryFile],
  ...["--from-password-file", passwordFile],
];

/** Copies what is not there yet: encrypted here and there, nothing of it is in the clear on the way. Never throws for restic's sake. */
export async function copyAll(
  { restic, place, from }: Elsewhere,
  known: Copied,
  host: string,
  signal?: AbortSignal,
): Promise<Copied> {
  const started = Date.now();
  const end = (own: Partial<Copied>): Copied => ({
    id: known.id,
    ...(known.goodAt ? { goodAt: known.goodAt } : {}),
    at: new Date().toISOString(),
    seconds: (Date.now() - started) / 1000,
    ...own,
  });
  try {
    await ensureRepository(restic, place, undefined, undefined, ["--copy-chunker-params", ...fromArguments(from)]);
    const args = ["copy", ...fromArguments(from), "--host", host, "--retry-lock", "30m"];
    let ran = await restic(args, { signal });
    if (ran.code === 11) {
      await restic(["unlock"], { signal });
      ran = await restic(args, { signal });
    }
    if (ran.code !== 0) return end({ code: codeOf(ran), reason: reasonOf(ran).slice(0, 500) });
    // What was copied long ago may have been lost since: that every pack is there and the folders hold together is seen each time.
    const seen = await restic(["check", "--retry-lock", "30m"], { signal });
    if (seen.code === 0) return end({ goodAt: new Date().toISOString() });
    return end(faultOf(seen));
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    return end({ code: codeOf({ code: 1, errors: [error.message] }), reason: error.message });
  }
}
