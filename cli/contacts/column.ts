import type { Place, PostalAddress } from "./contact.ts";

/** Where a column's text goes. */
export type Column =
  | {
      part:
        | "prefix"
        | "given"
        | "middle"
        | "family"
        | "suffix"
        | "shown"
        | "organisation"
        | "unit"
        | "title"
        | "url"
        | "uid";
    }
  | { part: "note" | "categories" | "birthday" }
  /** `of` names the column that says of what kind it is: see google.ts. */
  | { part: "email"; place: Place; of?: string }
  | { part: "phone"; place: Place; of?: string }
  | { part: "address"; place: PostalAddress["place"]; field: keyof Omit<PostalAddress, "place"> | "whole"; of?: string }
  | { part: "label" | "other"; of: string }
  | { part: "groups" }
  /** Says nothing of the person: how the program sorts or marks the entry. */
  | { part: "ignored" };
