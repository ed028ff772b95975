import { createHash, timingSafeEqual } from "node:crypto";

/** The two signatures of a KeePass 2 file. */
const SIGNATURE = Buffer.from("03d9a29a67fb4bb5", "hex");
const CIPHER = 2;
const MASTER_SEED = 4;
const KDF_PARAMETERS = 11;
const END = 0;
const SHA256_BYTES = 32;

/** What a header is read from, at most: salts, parameters of the key derivation and the public data of plugins. */
export const HEADER_BYTES = 64 * 1024;

export type Header = { ok: true; version: string } | { ok: false; why: string };

/**
 * Whether a KeePass file begins as KeePass begins its files, up to where the encrypted part starts: all that can be known of it
 * without its password. From version 4 on the header is followed by its own SHA-256, so that a single flipped bit in it is found.
 * The format: https://keepass.info/help/kb/kdbx.html
 *
 * Pure.
 */
export function readHeader(bytes: Buffer): Header {
  const no = (why: string): Header => ({ ok: false, why });
  if (bytes.length < 12) return no(bytes.length === 0 ? "it is empty" : "it is cut off in its first bytes");
  if (!bytes.subarray(0, 8).equals(SIGNATURE)) return no("it does not begin as a KeePass file does");
  const [minor, major] = [bytes.readUInt16LE(8), bytes.readUInt16LE(10)];
  if (major !== 3 && major !== 4) return no(`it is of version ${major}.${minor}, and 3 and 4 are known`);
  const fields = new Map<number, number>();
  // Lengths have two bytes in version 3, four in version 4.
  const width = major === 3 ? 2 : 4;
  let at = 12;
  for (;;) {
    if (at + 1 + width > bytes.length) return no("its header is cut off");
    const type = bytes[at]!;
    const length = width === 2 ? bytes.readUInt16LE(at + 1) : bytes.readUInt32LE(at + 1);
    at += 1 + width;
    if (at + length > bytes.length) return no("its header is cut off");
    fields.set(type, length);
    at += length;
    if (type === END) break;
  }
  if (fields.get(CIPHER) !== 16 || fields.get(MASTER_SEED) !== 32 || (major === 4 && !fields.has(KDF_PARAMETERS)))
    return no("its header lacks what it is decrypted by");
  if (major === 4) {
    const told = bytes.subarray(at, at + SHA256_BYTES);
    if (told.length < SHA256_BYTES) return no("its header is cut off");
    if (!timingSafeEqual(createHash("sha256").update(bytes.subarray(0, at)).digest(), told))
      return no("its header is damaged: it is not what its own hash says");
  }
  return { ok: true, version: `${major}.${minor}` };
}
