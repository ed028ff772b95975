/** How much of what a checked machine says is kept, in characters. */
export const MOST_TEXT = 500;

/**
 * Characters that do something instead of showing something: C0 and C1 controls (ANSI escapes, line ends), line separators,
 * bidirectional overrides, invisible and unpaired ones, and those that are none, which no XML may hold.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}]/gu;

/** Text from a checked machine as one line that can be shown, logged and exported: short, every unsafe character spelled out. */
export function plain(text: string, most = MOST_TEXT): string {
  const short = text.length > most ? `${text.slice(0, most)}…` : text;
  return short.replace(UNSAFE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
