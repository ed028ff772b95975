import { parse } from "csv-parse/sync";
import type { Column } from "./column.ts";
import { columnOf, EXPORTED, plain } from "./columns.ts";
import { type Contact, nameOf, nothing, type PostalAddress } from "./contact.ts";
import { groupsOf, placeOf, valuesOf } from "./google.ts";

/** A row that cannot be a contact, with its line in the file. */
export interface BadRow {
  line: number;
  why: string;
}

/** What was read of a spreadsheet. */
export interface Sheet {
  contacts: Contact[];
  bad: BadRow[];
  /** Headings that mean nothing to us: their text is kept in the notes. */
  unknown: string[];
}

/** Semicolons where a French Excel wrote it, commas or tabs elsewhere: what the line of headings has most of. */
function separatorOf(text: string): string {
  const told = /^sep=(.)\r?\n/i.exec(text)?.[1];
  if (told !== undefined) return told;
  const headings = (/^[^\r\n]*/.exec(text)?.[0] ?? "").replace(/"[^"]*"/g, "");
  const count = (sign: string): number => headings.split(sign).length;
  return [";", "\t", ","].reduce((best, sign) => (count(sign) > count(best) ? sign : best));
}

/** Reads a spreadsheet saved as CSV (RFC 4180, and what is written in its name). */
export function readCsv(text: string): Sheet {
  const separator = separatorOf(text);
  const body = text.replace(/^sep=.\r?\n/i, "");
  const skipped = body === text ? 0 : 1;
  let rows: { record: string[]; info: { lines: number } }[];
  try {
    rows = parse(body, {
      delimiter: separator,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      // Outlook leaves quotation marks inside a field as they are.
      relax_quotes: true,
    }) as unknown as typeof rows;
  } catch (error) {
    return { contacts: [], bad: [{ line: 1, why: `is no CSV: ${(error as Error).message}` }], unknown: [] };
  }
  const [first, ...others] = rows;
  const headings = first?.record.map((heading) => heading.trim()) ?? [];
  const columns = headings.map(columnOf);
  if (!columns.some((column) => column !== undefined && column.part !== "ignored")) {
    const why = `no heading of this line is known (${headings.slice(0, 5).join(", ")}): a name or an address is needed`;
    return { contacts: [], bad: [{ line: 1, why }], unknown: [] };
  }
  const filled = (index: number): boolean => others.some(({ record }) => (record[index] ?? "").trim() !== "");
  const sheet: Sheet = {
    contacts: [],
    bad: [],
    unknown: headings.filter((name, index) => name && !columns[index] && filled(index)),
  };
  for (const { record, info } of others) {
    if (record.every((cell) => cell.trim() === "")) continue;
    // Where the row begins: it is told where it ended.
    const line = info.lines + skipped - (record.join("").match(/\r\n|\r|\n/g)?.length ?? 0);
    const why =
      record.length > headings.length && record.slice(headings.length).some((cell) => cell.trim() !== "")
        ? `has ${record.length} fields, and there are ${headings.length} headings`
        : undefined;
    const { contact, problems } = contactOf(record, headings, columns);
    const all = [...(why === undefined ? [] : [why]), ...problems];
    if (all.length === 0) sheet.contacts.push(contact);
    else sheet.bad.push({ line, why: all.join("; ") });
  }
  return sheet;
}

const ADDRESS = /^[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]+$/;

function contactOf(record: readonly string[], headings: readonly string[], columns: readonly (Column | undefined)[]) {
  const row: Row = { contact: nothing(), problems: [], notes: [], addresses: new Map(), labels: new Map() };
  const cells = record.slice(0, headings.length).map((cell) => cell.trim().replaceAll("\r\n", "\n"));
  cells.forEach((value, index) => {
    const column = columns[index];
    if (column?.part === "label") row.labels.set(column.of, value);
  });
  cells.forEach((value, index) => {
    const column = columns[index];
    if (value === "") return;
    if (column === undefined) row.notes.push(`${headings[index]}: ${value}`);
    else if ("of" in column && column.of !== undefined) putLabelled(row, column, column.of, value);
    else put(row, column, value);
  });
  const { contact, problems, notes } = row;
  contact.addresses = [...row.addresses.values()].map(({ whole, ...parts }) =>
    whole === undefined || Object.keys(parts).length > 1 ? parts : { ...parts, street: whole },
  );
  if (notes.length > 0) contact.note = [contact.note, ...notes].filter(Boolean).join("\n");
  if (nameOf(contact) === "" && contact.phones.length === 0) problems.push("has neither name nor address");
  return { contact, problems };
}

/** What is known of a row while it is read. */
interface Row {
  contact: Contact;
  problems: string[];
  notes: string[];
  /** By the group of columns that each is made of; `whole` is the one text that Google gives beside its parts. */
  addresses: Map<string, PostalAddress & { whole?: string }>;
  /** What kind of value a pair of columns holds, by the name of the pair. */
  labels: Map<string, string>;
}

/** A value with a label beside it: words that mean no place of ours go to the notes with what they are of. */
function putLabelled(row: Row, column: Column, of: string, cell: string): void {
  // A star marks the one that is preferred.
  const label = (row.labels.get(of) ?? "").replace(/^\*\s*/, "");
  const place = placeOf(plain(label));
  if (column.part === "email" || column.part === "phone") {
    for (const value of valuesOf(cell)) put(row, { ...column, place: place ?? column.place }, value);
    if (place === undefined) row.notes.push(`${label}: ${valuesOf(cell).join(", ")}`);
  } else if (column.part === "address") {
    valuesOf(cell).forEach((value, index) => {
      put(
        row,
        { ...column, place: place === "work" || place === "home" ? place : "other", of: `${of}/${index}` },
        value,
      );
    });
  } else if (column.part === "other") {
    row.notes.push(`${label || of}: ${cell}`);
  }
}

function put({ contact, problems, notes, addresses }: Row, column: Column, value: string): void {
  switch (column.part) {
    case "ignored":
    case "label":
    case "other":
      return;
    case "email":
      // "Jeanne <jeanne@…>", as programs copy them.
      value = /<([^<>]+)>$/.exec(value)?.[1] ?? value.replace(/^mailto:/i, "");
      if (!ADDRESS.test(value)) problems.push(`"${value}" is not a mail address`);
      else contact.emails.push({ place: column.place, value });
      return;
    case "phone":
      contact.phones.push({ place: column.place, value });
      return;
    case "address": {
      const key = column.of ?? column.place;
      const known = addresses.get(key) ?? { place: column.place };
      addresses.set(key, known);
      // A street has several columns: a building, a box.
      known[column.field] = [known[column.field], value].filter(Boolean).join("\n");
      return;
    }
    case "categories":
      contact.categories.push(...value.split(/[;,]/).flatMap((one) => one.trim() || []));
      return;
    case "groups":
      contact.categories.push(...groupsOf(value));
      return;
    case "birthday": {
      const day = dayOf(value);
      // Outlook's "0/0/00" is no day.
      if (day === undefined && !/^0+\/0+\/0+$/.test(value)) problems.push(`"${value}" is not a day such as 31/01/1980`);
      else if (day !== undefined) contact.birthday = day;
      return;
    }
    case "note":
      contact.note = [contact.note, value].filter(Boolean).join("\n");
      return;
    case "url":
      if (contact.url === undefined) contact.url = value;
      else notes.push(value);
      return;
    default:
      contact[column.part] = value;
  }
}

/** A day written as in France, or as ISO 8601 has it; of no year (`--03-07`) where that is left out. */
function dayOf(text: string): string | undefined {
  const [, day, month, year] = /^(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}))?$/.exec(text) ?? [];
  const iso = day === undefined ? text : `${year ?? "-"}-${month!.padStart(2, "0")}-${day.padStart(2, "0")}`;
  if (!/^(\d{4}|-)-\d\d-\d\d$/.test(iso)) return undefined;
  // A year that has every day.
  const dated = iso.replace(/^-(?=-)/, "2000");
  const date = new Date(`${dated}T00:00:00Z`);
  return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== dated ? undefined : iso;
}

/**
 * A spreadsheet that Excel and Outlook in French open by a double click: semicolons, CRLF, UTF-8 with its mark.
 * A cell that Excel would take for a formula is given an apostrophe (CWE-1236).
 */
export function writeCsv(contacts: readonly Contact[]): string {
  const line = (cells: readonly string[]): string => `${cells.map(cell).join(";")}\r\n`;
  const rows = contacts.map((contact) => line(EXPORTED.map(([, part]) => safe(part(contact) ?? ""))));
  return `\ufeff${line(EXPORTED.map(([heading]) => heading))}${rows.join("")}`;
}

const cell = (text: string): string => (/[";\r\n,\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** International numbers are no formulas. */
const safe = (text: string): string => (/^[=@\t\r]|^[+-](?![\d ().-]*$)/.test(text) ? `'${text}` : text);
