/** E.164 (ITU): a plus, the country and the number, 15 digits at most. */
const INTERNATIONAL = /^\+[1-9]\d{6,14}$/;

/**
 * A telephone number as machines write it, `+33639980101`, whatever people put between its digits; one that begins with a
 * single zero is a French one. Undefined where it is no whole number, as 39 49 or 112 are.
 */
export function internationalPhone(text: string): string | undefined {
  const digits = text
    .trim()
    .replace(/\(0\)/g, "")
    .replace(/[\s.()/\u00a0\u202f\u2010-\u2013-]+/g, "")
    .replace(/^00/, "+");
  const number = /^0[1-9]\d{8}$/.test(digits) ? `+${countryOf(digits)}${digits.slice(1)}` : digits;
  return INTERNATIONAL.test(number) ? number : undefined;
}

/** Overseas numbers begin as those of Metropolitan France do, and are another country's to the rest of the world (Arcep). */
const OVERSEAS = { 262: /^0(262|263|69[23])/, 590: /^0(590|69[01])/, 594: /^0(594|694)/, 596: /^0(596|69[67])/ };
const countryOf = (national: string): string =>
  Object.entries(OVERSEAS).find(([, numbers]) => numbers.test(national))?.[0] ?? "33";

/** Nine digits are read by two after the first one, overseas after the first three. */
const FRENCH = /^\+(?:(33)(\d)|(262|590|594|596)(\d{3}))(\d\d)(\d\d)(\d\d)(\d\d)?$/;

/** As pages show it, to be read and dialled from anywhere: `+33 6 39 98 01 01` (ITU-T E.123). Others stay as they are declared. */
export function shownPhone(text: string): string {
  const number = internationalPhone(text);
  const parts = (number === undefined ? undefined : FRENCH.exec(number))?.slice(1).filter((part) => part !== undefined);
  // The spaces keep the number on one line.
  return parts === undefined ? text.trim() : `+${parts.join("\u00a0")}`;
}
