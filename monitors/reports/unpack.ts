import { gunzipSync } from "node:zlib";
import { unzipSync } from "fflate";

/**
 * A report of a large provider on a small domain has some kilobytes; this is for one on a large domain. In bytes. Anybody may send reports, and
 * all else waits while one is read.
 */
export const LONGEST_PACKED = 2_000_000;
export const LONGEST_REPORT = 2_000_000;

/** Why an attachment is not a report that we read. */
export class UnreadableReport extends Error {
  override name = "UnreadableReport";
}

/**
 * The text of an attachment as it was packed: gzip (RFC 1952), a zip file with one report in it, or plain. What it is is told by its
 * first bytes, as types and file names in such mails are often wrong.
 *
 * @throws UnreadableReport where it is damaged, or longer unpacked than we read: small files that unpack to gigabytes are an old trick.
 */
export function unpack(packed: Buffer): string {
  if (packed.length > LONGEST_PACKED) throw new UnreadableReport(`attached are ${packed.length} bytes`);
  if (packed[0] === 0x1f && packed[1] === 0x8b) return ungzip(packed);
  if (packed.subarray(0, 4).equals(ZIP)) return unzip(packed);
  return packed.toString("utf8");
}

const ZIP = Buffer.from("PK\u0003\u0004", "latin1");

function ungzip(packed: Buffer): string {
  try {
    return gunzipSync(packed, { maxOutputLength: LONGEST_REPORT }).toString("utf8");
  } catch (error) {
    throw new UnreadableReport(`gzip: ${(error as Error).message}`, { cause: error });
  }
}

/** The first file whose name is a report's. The library writes no more than the length that the directory tells. */
function unzip(packed: Buffer): string {
  try {
    let found = 0;
    const files = unzipSync(packed, {
      filter: ({ name, originalSize }) => {
        if (found > 0 || !/\.(xml|json)$/i.test(name)) return false;
        if (originalSize > LONGEST_REPORT) throw new UnreadableReport(`${originalSize} bytes in the zip file`);
        found++;
        return true;
      },
    });
    const [content] = Object.values(files);
    if (content === undefined) throw new UnreadableReport("no report in the zip file");
    return Buffer.from(content).toString("utf8");
  } catch (error) {
    if (error instanceof UnreadableReport) throw error;
    throw new UnreadableReport(`zip: ${(error as Error).message}`, { cause: error });
  }
}
