import type { Column } from "./column.ts";
import type { Place } from "./contact.ts";

/** What Google Contacts calls the parts of a name, of an organisation and of its own order. */
const SIMPLE: Readonly<Record<string, Column>> = {
  "additional name": { part: "middle" },
  "family name": { part: "family" },
  "name prefix": { part: "prefix" },
  "name suffix": { part: "suffix" },
  "organization name": { part: "organisation" },
  "organization title": { part: "title" },
  "organization department": { part: "unit" },
  "organization 1 name": { part: "organisation" },
  "organization 1 title": { part: "title" },
  "organization 1 department": { part: "unit" },
  "organization 1 type": { part: "ignored" },
  labels: { part: "groups" },
  "group membership": { part: "groups" },
  photo: { part: "ignored" },
  "file as": { part: "ignored" },
};

const ADDRESS = {
  street: "street",
  "extended address": "street",
  "po box": "street",
  city: "city",
  region: "region",
  "postal code": "code",
  country: "country",
  formatted: "whole",
} as const;

/**
 * A column of an export of Google Contacts. Its columns come in pairs, `E-mail 1 - Label` (`Type` in older ones) and `E-mail 1 - Value`: the
 * first says of what kind the second is.
 */
export function googleColumn(words: string): Column | undefined {
  if (Object.hasOwn(SIMPLE, words)) return SIMPLE[words];
  const [, of, kind, what] =
    /^((e mail|phone|address|website|event|relation|custom field) \d+) (.+)$/.exec(words) ?? [];
  if (of === undefined) return undefined;
  if (what === "label" || what === "type") return { part: "label", of };
  if (kind === "address")
    return Object.hasOwn(ADDRESS, what!)
      ? { part: "address", place: "other", field: ADDRESS[what as keyof typeof ADDRESS], of }
      : undefined;
  if (what !== "value") return undefined;
  if (kind === "e mail") return { part: "email", place: "other", of };
  if (kind === "phone") return { part: "phone", place: "other", of };
  return kind === "website" ? { part: "url" } : { part: "other", of };
}

/** Several values of one kind share a cell. */
export const valuesOf = (cell: string): string[] => cell.split(" ::: ").flatMap((one) => one.trim() || []);

/** Groups of the program's own, such as `* myContacts`, say nothing of the person. */
export const groupsOf = (cell: string): string[] => valuesOf(cell).filter((group) => !group.startsWith("*"));

/** What a label says, of the first that is found in it. */
const PLACES: readonly [RegExp, Place][] = [
  [/fax|telecopie/, "fax"],
  [/mobile|portable|cell|iphone/, "mobile"],
  [/work|business|bureau|travail|professionnel/, "work"],
  [/home|domicile|maison|personnel/, "home"],
  [/^(main|other|principal|autre|internet|profile|homepage|)$/, "other"],
];

/** The kind that a label means, undefined for words of one's own: those are worth keeping. */
export const placeOf = (label: string): Place | undefined => PLACES.find(([pattern]) => pattern.test(label))?.[1];
