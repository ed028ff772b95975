import { EXIT } from "./messages.ts";
import type { Outcome } from "./restic.ts";

/** Why a run failed, as a word for machines; the lookout knows the same ones. */
export type ReasonCode =
  | "backup-failed"
  | "destination-full"
  | "repository-unreachable"
  | "repository-missing"
  | "repository-damaged"
  | "running-too-long"
  | "wrong-password"
  | "dump-failed";

const CODES: Readonly<Record<number, ReasonCode>> = {
  [EXIT.noRepository]: "repository-missing",
  [EXIT.wrongPassword]: "wrong-password",
};

/** restic says most in words alone; the first pattern that fits tells. */
const WORDS: readonly (readonly [RegExp, ReasonCode])[] = [
  [
    /no space left|disk quota|quota exceeded|insufficient storage|\b507\b|EntityTooLarge|QuotaExceeded/i,
    "destination-full",
  ],
  [/wrong password|no key found/i, "wrong-password"],
  [
    /permission denied \(|host key verification failed|access ?denied|InvalidAccessKeyId|SignatureDoesNotMatch|NoSuchBucket|bucket does not exist/i,
    "repository-unreachable",
  ],
  [
    /ciphertext verification failed|invalid data returned|unexpected pack id|not found in (repository|index)|contains errors|already contains keys|zero size|damaged|unable to load index|index .* (is )?missing/i,
    "repository-damaged",
  ],
  [
    /dial |connect|no such host|does not answer|i\/o timeout|unreachable|network|\bEOF\b|broken pipe|does not know the user|\b(401|403|50[0-4])\b/i,
    "repository-unreachable",
  ],
];

/** What some words of restic, of the server's or of ours mean. Pure. */
export const codeOfWords = (words: string): ReasonCode | undefined =>
  WORDS.find(([pattern]) => pattern.test(words))?.[1];

/** Why restic failed, in one word. Pure. */
export function codeOf({ code, errors }: Pick<Outcome, "code" | "errors">): ReasonCode {
  const known = CODES[code];
  if (known) return known;
  for (const words of errors) {
    const found = codeOfWords(words);
    if (found) return found;
  }
  return "backup-failed";
}
