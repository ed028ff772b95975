import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import type { Reason } from "../reasons.ts";

/** More is in it than is read. */
class TooLong extends Error {
  readonly code = "VIGIE_TOO_LARGE";
}

type Unpack = (body: Buffer, options: { maxOutputLength: number }) => Buffer;

const UNPACK: Readonly<Record<string, Unpack>> = {
  gzip: gunzipSync,
  "x-gzip": gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

/**
 * A body as it was before its `Content-Encoding`: nothing compressed is asked for, yet some servers send it.
 *
 * @param most bytes that are read of a body, packed or not: a bomb ends there, and a small answer is never more work than a large one
 * @throws where it cannot be unpacked: see `whyUndecodable`
 */
export function unpacked(body: Buffer, encoding: string | undefined, most: number): Buffer {
  const coding = encoding?.trim().toLowerCase() ?? "";
  if (coding === "" || coding === "identity" || body.length === 0) return body;
  const unpack = Object.hasOwn(UNPACK, coding) ? UNPACK[coding] : undefined;
  if (unpack === undefined) throw new Error(`content-encoding ${JSON.stringify(coding)}`);
  try {
    return unpack(body, { maxOutputLength: most });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_BUFFER_TOO_LARGE") throw error;
    throw new TooLong(`it unpacks to more than ${most} bytes`);
  }
}

/** What is to be told of a body that could not be decoded. */
export const whyUndecodable = (error: unknown): Reason => (error instanceof TooLong ? "too-large" : "malformed");
