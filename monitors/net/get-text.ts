import type { Dispatcher } from "undici";

export interface Got {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData["headers"];
  readonly text: string;
}

/**
 * Asks another part of the stack over a connection of its own, and reads a bounded answer.
 *
 * @param most bytes that the answer may have
 * @param what the answer, as an error that it is too long begins: "the listing"
 */
export async function getText(
  address: URL | string,
  {
    headers = {},
    signal,
    most,
    what,
  }: { headers?: Record<string, string>; signal: AbortSignal; most: number; what: string },
): Promise<Got> {
  const { request } = await import("undici");
  const { statusCode, headers: got, body } = await request(address, { headers, reset: true, signal });
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > most) throw new Error(`${what} is longer than ${most} bytes`);
    pieces.push(piece);
  }
  return { status: statusCode, headers: got, text: Buffer.concat(pieces).toString("utf8") };
}
