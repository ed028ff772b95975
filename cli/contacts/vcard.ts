import ICAL from "ical.js";
import { internationalPhone } from "../../association/index.ts";
import { type Contact, type Kinded, nameOf, nothing, type Place } from "./contact.ts";

const TYPES: Record<Place, string[]> = {
  work: ["WORK"],
  home: ["HOME"],
  mobile: ["CELL"],
  fax: ["FAX"],
  other: ["VOICE"],
};

/** Contacts as vCards 3.0 (RFC 2426), which every program reads. */
export const writeCards = (contacts: readonly Contact[]): string =>
  contacts.map((contact) => `${cardOf(contact).toString()}\r\n`).join("");

function cardOf(contact: Contact): ICAL.Component {
  const card = new ICAL.Component(["vcard", [], []]);
  const add = (name: string, value: unknown, type: readonly string[] = []): void => {
    const property = new ICAL.Property(name, card);
    property.setValue(value as string);
    if (type.length > 0) property.setParameter("type", type.length === 1 ? type[0]! : [...type]);
    card.addProperty(property);
  };
  add("version", "3.0");
  if (contact.uid) add("uid", contact.uid);
  add("fn", nameOf(contact));
  add(
    "n",
    [contact.family, contact.given, contact.middle, contact.prefix, contact.suffix].map((part) => part ?? ""),
  );
  if (contact.organisation || contact.unit)
    add("org", [contact.organisation ?? "", ...(contact.unit ? [contact.unit] : [])]);
  if (contact.title) add("title", contact.title);
  for (const { place, value } of contact.emails)
    add("email", value, ["INTERNET", ...(place === "other" ? [] : TYPES[place])]);
  for (const { place, value } of contact.phones) add("tel", internationalPhone(value) ?? value, TYPES[place]);
  for (const { place, street, city, region, code, country } of contact.addresses) {
    add(
      "adr",
      ["", "", street, city, region, code, country].map((part) => part ?? ""),
      place === "other" ? [] : TYPES[place],
    );
  }
  if (contact.birthday) card.addProperty(birthdayOf(contact.birthday, card));
  if (contact.url) add("url", contact.url);
  if (contact.note) add("note", contact.note);
  if (contact.categories.length > 0) {
    const property = new ICAL.Property("categories", card);
    property.setValues(contact.categories);
    card.addProperty(property);
  }
  return card;
}

/** What vCard 3.0 has no word for, as Apple writes it and most others read it: the year that stands for none. */
const NO_YEAR = "x-apple-omit-year";
const ANY_YEAR = "1604";

function birthdayOf(birthday: string, card: ICAL.Component): ICAL.Property {
  const property = new ICAL.Property("bday", card);
  const unknown = birthday.startsWith("--");
  property.setValue(unknown ? `${ANY_YEAR}${birthday.slice(1)}` : birthday);
  if (unknown) property.setParameter(NO_YEAR, ANY_YEAR);
  return property;
}

/** Contacts of vCards 3.0 or 4.0 (RFC 6350). @throws where the text is no vCard */
export function readCards(text: string): Contact[] {
  const parsed = ICAL.parse(withPlainSemicolons(text)) as unknown[];
  // One card is given by itself, several in a list.
  const all = (typeof parsed[0] === "string" ? [parsed] : parsed) as [string, unknown[], unknown[]][];
  return all.map((one) => contactFrom(new ICAL.Component(one as never)));
}

/** Properties whose parts semicolons part. */
const STRUCTURED = /^(?:[\w-]+\.)?(?:n|adr|org|gender|clientpidmap)[;:]/i;

/**
 * Everywhere else a semicolon stands for itself, and programs that escape it all the same (RFC 6350 section 3.4 lets them) leave a backslash
 * to this library, which knows of none there. Lines come out unfolded.
 */
const withPlainSemicolons = (text: string): string =>
  text
    .replace(/\r?\n[ \t]/g, "")
    .split(/\r?\n/)
    .map((line) => (STRUCTURED.test(line) ? line : line.replace(/\\(.)/g, (pair, sign) => (sign === ";" ? ";" : pair))))
    .join("\r\n");

function contactFrom(card: ICAL.Component): Contact {
  const contact = nothing();
  const textOf = (name: string): string | undefined => {
    const value = card.getFirstPropertyValue(name);
    return value === null || value === undefined ? undefined : String(value);
  };
  const assign = (key: "uid" | "title" | "note" | "url", value: string | undefined): void => {
    if (value) contact[key] = value;
  };
  const [family, given, middle, prefix, suffix] = partsOf(card.getFirstPropertyValue("n"));
  Object.assign(contact, filled({ family, given, middle, prefix, suffix }));
  const [organisation, unit] = partsOf(card.getFirstPropertyValue("org"));
  Object.assign(contact, filled({ organisation, unit }));
  assign("uid", textOf("uid"));
  assign("title", textOf("title"));
  assign("note", textOf("note"));
  assign("url", textOf("url"));
  contact.emails = card
    .getAllProperties("email")
    .flatMap((property) => kinded(property, String(property.getFirstValue())));
  contact.phones = card
    .getAllProperties("tel")
    .flatMap((property) => kinded(property, String(property.getFirstValue()).replace(/^tel:/i, "")));
  contact.addresses = card.getAllProperties("adr").map((property) => {
    const [, , street, city, region, code, country] = partsOf(property.getFirstValue());
    const place = placeOf(property);
    return {
      place: place === "work" || place === "home" ? place : "other",
      ...filled({ street, city, region, code, country }),
    };
  });
  contact.categories = card.getAllProperties("categories").flatMap((property) => property.getValues().map(String));
  const bday = card.getFirstProperty("bday");
  // RFC 6350 section 4.3.1: `--0307`.
  const [, year, ...day] = /^(\d{4}|-)-?(\d\d)-?(\d\d)/.exec(textOf("bday") ?? "") ?? [];
  if (year !== undefined) contact.birthday = [year === bday?.getParameter(NO_YEAR) ? "-" : year, ...day].join("-");
  // Only where it is not what the rest makes it.
  const shown = textOf("fn");
  if (shown && shown !== nameOf(contact)) contact.shown = shown;
  return contact;
}

const kinded = (property: ICAL.Property, value: string): Kinded[] =>
  value === "" ? [] : [{ place: placeOf(property), value }];

function placeOf(property: ICAL.Property): Place {
  const types = [property.getParameter("type") ?? []].flat().map((type) => String(type).toLowerCase());
  if (types.includes("fax")) return "fax";
  if (types.includes("cell")) return "mobile";
  if (types.includes("work")) return "work";
  return types.includes("home") ? "home" : "other";
}

const partsOf = (value: unknown): (string | undefined)[] =>
  (Array.isArray(value) ? value : value === null || value === undefined ? [] : [value]).map((part) =>
    Array.isArray(part) ? part.map((word) => String(word).trim()).join(", ") : String(part),
  );

/** The parts that hold something. */
const filled = <T extends Record<string, string | undefined>>(parts: T): { [K in keyof T]?: string } =>
  Object.fromEntries(Object.entries(parts).filter(([, value]) => value)) as { [K in keyof T]?: string };
