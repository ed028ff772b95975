import { parse } from "csv-parse/sync";
import { type Column, columnOf, EXPORTED } from "./columns.ts";
import { type Contact, nameOf, nothing } from "./contact.ts";

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
  const sheet: Sheet = { contacts: [], bad: [], unknown: headings.filter((name, index) => name && !columns[index]) };
  for (const { record, info } of others) {
    if (record.every((cell) => cell.trim() === "")) continue;
    const line = info.lines + skipped;
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
  const contact = nothing();
  const problems: string[] = [];
  const notes: string[] = [];
  record.slice(0, headings.length).forEach((cell, index) => {
    const value = cell.trim().replaceAll("\r\n", "\n");
    if (value === "") return;
    const column = columns[index];
    if (column === undefined) notes.push(`${headings[index]}: ${value}`);
    else put(contact, column, value, problems);
  });
  if (notes.length > 0) contact.note = [contact.note, ...notes].filter(Boolean).join("\n");
  if (nameOf(contact) === "" && contact.phones.length === 0) problems.push("has neither name nor address");
  return { contact, problems };
}

function put(contact: Contact, column: Column, value: string, problems: string[]): void {
  switch (column.part) {
    case "ignored":
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
      const known = contact.addresses.find(({ place }) => place === column.place);
      if (known) known[column.field] = value;
      else contact.addresses.push({ place: column.place, [column.field]: value });
      return;
    }
    case "categories":
      contact.categories.push(...value.split(/[;,]/).flatMap((one) => one.trim() || []));
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
    default:
      contact[column.part] = value;
  }
}

/** A day written as in France, or as ISO 8601 has it. */
function dayOf(text: string): string | undefined {
  const [, day, month, year] = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(text) ?? [];
  const iso = year === undefined ? text : `${year}-${month!.padStart(2, "0")}-${day!.padStart(2, "0")}`;
  if (!/^\d{4}-\d\d-\d\d$/.test(iso)) return undefined;
  const date = new Date(`${iso}T00:00:00Z`);
  return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== iso ? undefined : iso;
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
