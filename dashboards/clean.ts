/**
 * Characters that change how the rest of a text is shown, or that belong to terminals: controls, line and paragraph
 * separators, invisible formats, among them the bidirectional ones that let a text lie about its order (Unicode TR 36,
 * section 3.2; CVE-2021-42574), and halves of surrogate pairs. The joiner of emoji is left alone.
 */
const UNSEEN = /(?!\u200d)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A checked machine may answer with a novel: pages show its beginning. */
export const LONGEST_TEXT = 600;

/**
 * A text from elsewhere as one line that shows what it holds: controls appear as their pictures (`␛`, `␊`), or as `�`.
 * It is not escaped for HTML: templates do that.
 */
export function plainText(text: string, longest = LONGEST_TEXT): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut.replace(UNSEEN, picture);
}

/** U+2400 and on picture the C0 controls. */
function picture(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "␡" : "�";
}

/**
 * The same for every string of a value made of plain objects and arrays: nothing reaches a template without passing
 * here. Other objects, such as HTML that was made safe, are left as they are.
 */
export function cleanAll<T>(value: T): T {
  if (typeof value === "string") return plainText(value, Number.POSITIVE_INFINITY) as T;
  if (Array.isArray(value)) return value.map(cleanAll) as T;
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const cleaned: Record<string, unknown> = {};
  for (const key of Object.keys(value)) cleaned[key] = cleanAll((value as Record<string, unknown>)[key]);
  return cleaned as T;
}

const SAFE_SCHEMES: ReadonlySet<string> = new Set(["http:", "https:", "mailto:", "tel:"]);

/** An address that may be a link's target; the empty string for `javascript:` and the like, and for what is no address. */
export function safeUrl(text: string | undefined): string {
  if (text === undefined || !URL.canParse(text)) return "";
  const url = new URL(text);
  return SAFE_SCHEMES.has(url.protocol) ? url.href : "";
}
