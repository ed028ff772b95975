/** Somebody in an address book, as cards and spreadsheets both know them. Empty parts are left out. */
export interface Contact {
  uid?: string;
  prefix?: string;
  given?: string;
  middle?: string;
  family?: string;
  suffix?: string;
  /** How the name is shown, where it is not made of its parts. */
  shown?: string;
  organisation?: string;
  unit?: string;
  title?: string;
  emails: Kinded[];
  phones: Kinded[];
  addresses: PostalAddress[];
  /** `YYYY-MM-DD`, or `--MM-DD` where nobody told the year. */
  birthday?: string;
  url?: string;
  categories: string[];
  note?: string;
}

export type Place = "work" | "home" | "mobile" | "fax" | "other";
export interface Kinded {
  place: Place;
  value: string;
}
export interface PostalAddress {
  place: "work" | "home" | "other";
  street?: string;
  city?: string;
  region?: string;
  code?: string;
  country?: string;
}

export const nothing = (): Contact => ({ emails: [], phones: [], addresses: [], categories: [] });

/** The name to show: as told, of its parts, of the organisation, of the first address. */
export const nameOf = (contact: Contact): string =>
  contact.shown ||
  [contact.prefix, contact.given, contact.middle, contact.family, contact.suffix].filter(Boolean).join(" ") ||
  contact.organisation ||
  contact.emails[0]?.value ||
  "";
