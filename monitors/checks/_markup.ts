import type { Parser } from "htmlparser2";
import { Turns } from "../turns.ts";

const PIECE = 16_384;

/**
 * Has a parser read markup piece by piece, until it has what it wants. In turns: megabytes of small elements are most of a second's work.
 *
 * @throws the signal's reason, once it is aborted
 */
export async function readMarkup(
  parser: Parser,
  text: string,
  isOver: () => boolean,
  signal?: AbortSignal,
): Promise<void> {
  const turns = new Turns();
  for (let at = 0; at < text.length && !isOver(); at += PIECE) {
    parser.write(text.slice(at, at + PIECE));
    if (isOver()) return;
    if (turns.over) await turns.next();
    signal?.throwIfAborted();
  }
}
