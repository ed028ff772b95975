import { isAscii } from "node:buffer";
import { TextDecoder } from "node:util";

/** Where a page names its own encoding: as far into it as browsers look (HTML, "prescan a byte stream"). In bytes. */
const HEAD = 1024;
const NAMED = /<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)|^\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]+)/i;

/** A body's text, in the encoding that its type or the page itself names; UTF-8 where neither does, or nobody knows that one. */
export function textIn(body: Buffer, type = ""): string {
  const label =
    /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(type)?.[1] ??
    (/html|xml/i.test(type) && !isAscii(body) ? namedIn(body) : undefined);
  const decoder = label === undefined || /^utf-?8$/i.test(label) ? undefined : decoderOf(label);
  const text = decoder === undefined ? body.toString("utf8") : decoder.decode(body);
  // A byte order mark is none of the text: no JSON begins with one (RFC 8259 section 8.1).
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/**
 * A header field as it is meant: Node gives each byte as a character of ISO 8859-1, while servers write UTF-8, in addresses that
 * they redirect to above all.
 */
export function fieldText(value: string): string {
  if (!/[\x80-\xff]/.test(value) || /[\u0100-\uffff]/.test(value)) return value;
  try {
    return UTF8.decode(Buffer.from(value, "latin1"));
  } catch {
    return value;
  }
}
const UTF8 = new TextDecoder("utf-8", { fatal: true });

function namedIn(body: Buffer): string | undefined {
  const [, inMeta, inXml] = NAMED.exec(body.toString("latin1", 0, HEAD)) ?? [];
  return inMeta ?? inXml;
}

function decoderOf(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label);
  } catch {
    return undefined;
  }
}
