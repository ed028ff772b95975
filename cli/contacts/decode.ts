/**
 * The text of a file as programs of French computers write them: UTF-8 with or without its mark, UTF-16 with it, else Windows-1252, which is
 * what Outlook and Excel save as "CSV". Bytes that are no UTF-8 are never one by accident: an accent is at least two bytes there.
 */
export function decode(bytes: Uint8Array): string {
  const [encoding, start] = markOf(bytes);
  if (encoding !== undefined) return new TextDecoder(encoding).decode(bytes.subarray(start));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** The encoding that a byte order mark tells (Unicode, section 23.8), and how long the mark is. */
function markOf([a, b, c]: Uint8Array): [string | undefined, number] {
  if (a === 0xef && b === 0xbb && c === 0xbf) return ["utf-8", 3];
  if (a === 0xff && b === 0xfe) return ["utf-16le", 2];
  if (a === 0xfe && b === 0xff) return ["utf-16be", 2];
  return [undefined, 0];
}
