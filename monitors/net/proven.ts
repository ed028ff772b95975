import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { getText } from "./get-text.ts";

/**
 * A question to a machine of ours and its answer over a wire that is nobody's: whoever asks proves that they know a key, and what is
 * answered proves to be made by whoever knows it, for this very question. The key itself is never sent, and an old answer is no use
 * to anybody. The question shows `vigie-nonce` (hexadecimal) and `vigie-proof`, HMAC-SHA256 (RFC 2104) of `ask NONCE`, or of `ask NONCE
 * WORDS` where it has `vigie-said: WORDS` to say; the answer `vigie-proof`, that of `answer NONCE BODY`. `report.ts` of the backup image answers so too.
 */
export const PROOF_HEADER = "vigie-proof";
const NONCE_HEADER = "vigie-nonce";
const SAID_HEADER = "vigie-said";
const NONCE = /^[0-9a-f]{32,128}$/;

const question = (nonce: string, said: string | undefined): string => `ask ${nonce}${said ? ` ${said}` : ""}`;

const proof = (key: string, words: string): string => createHmac("sha256", key).update(words).digest("hex");

/** Whether two proofs are the same, in a time that tells nothing. */
function same(given: unknown, expected: string): boolean {
  const one = Buffer.from(String(given ?? ""));
  const other = Buffer.from(expected);
  return one.length === other.length && timingSafeEqual(one, other);
}

interface Asking {
  key: string;
  signal: AbortSignal;
  /** Bytes that are read of the answer at most. */
  most: number;
  /** What is said with the question, in one line. */
  said?: string | undefined;
  /** What the answer is, for messages: "its report". */
  what: string;
}

/** Asks, and gives the answer's body. @throws where it is refused, or not proven */
export async function askProven(address: string | URL, { key, signal, most, what, said }: Asking): Promise<string> {
  const nonce = randomBytes(32).toString("hex");
  const { status, headers, text } = await getText(address, {
    headers: {
      [NONCE_HEADER]: nonce,
      [PROOF_HEADER]: proof(key, question(nonce, said)),
      ...(said ? { [SAID_HEADER]: said } : {}),
    },
    signal,
    most,
    what,
  });
  if (status === 401) throw new Error("it does not know us: the keys differ");
  if (status !== 200) throw new Error(`answered with status ${status}, expected 200`);
  if (!same(headers[PROOF_HEADER], proof(key, `answer ${nonce} ${text}`)))
    throw new Error(`${what} is not its own: the proof does not hold`);
  return text;
}

/** What a question says, and how to prove an answer to it; undefined where whoever asks does not know the key. */
export function answerer(
  key: string,
  header: (name: string) => string | undefined,
): { said: string | undefined; prove: (body: string) => string } | undefined {
  const nonce = header(NONCE_HEADER) ?? "";
  const said = header(SAID_HEADER);
  if (!NONCE.test(nonce) || !same(header(PROOF_HEADER), proof(key, question(nonce, said)))) return undefined;
  return { said, prove: (body) => proof(key, `answer ${nonce} ${body}`) };
}
