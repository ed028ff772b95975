import type { Socket } from "node:net";
import type { RunContext } from "../check.ts";
import type { AddressWish } from "../net/connect.ts";

/** How long the header of an answer may be, in bytes. */
export const MOST_HEADERS = 64 * 1024;

export interface Request {
  url: URL;
  method: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
  /** Whether HTTP/2 (RFC 9113) is offered by ALPN; on https only. */
  http2?: boolean;
  /** Which addresses are tried. */
  addresses?: AddressWish;
}

/** An answer as it came, however it was sent. Times are of `performance.now()`. */
export interface Received {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
  /** More was sent than was read. */
  cut: boolean;
  sentAt: number;
  firstByteAt: number;
}

/** Sends the request over an open connection, which it closes, and reads `maxBytes` of body at most. */
export type Exchanger = (
  socket: Socket,
  request: Request & { headers: Readonly<Record<string, string>> },
  maxBytes: number,
  context: RunContext,
) => Promise<Received>;
