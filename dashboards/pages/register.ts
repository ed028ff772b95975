import type { Inventory } from "../../association/index.ts";
import { type FrameOptions, frame } from "../frame.ts";
import { compilePage } from "../html.ts";
import type { Lang } from "../words/index.ts";

/** What stands in one place of a table. */
export interface Cell {
  readonly text: string;
  /** Where its text leads. */
  readonly href?: string;
  /** Below, in small. */
  readonly small?: string;
  /** A state's sign before the text. */
  readonly sign?: string;
  /** Instead of a text: several, one a line. */
  readonly lines?: readonly { readonly text: string; readonly href?: string }[];
}

export interface Section {
  /** Anchor: letters, digits, hyphens. */
  readonly id: string;
  readonly title: string;
  readonly intro?: string;
  /** The first column heads its row. `number` columns stand to the right. */
  readonly columns: readonly { readonly label: string; readonly number?: boolean }[];
  readonly rows: readonly (readonly (Cell | string)[])[];
  /** A last row, in bold. */
  readonly total?: readonly string[];
  /** Said instead of a table without rows. */
  readonly empty: string;
}

export interface RegisterPage extends FrameOptions {
  readonly intro: string;
  /** A sentence under the heading that gives the whole in one figure. */
  readonly figure?: string;
  readonly sections: readonly Section[];
}

const template = compilePage("register");

/**
 * A page of tables: most registers are no more than that. Each page gives rows; how they look, on a telephone, in print and to a
 * screen reader, is decided here once.
 */
export function registerPage(inventory: Inventory, lang: Lang, page: RegisterPage): string {
  return template({
    frame: frame(inventory, lang, page),
    title: page.title,
    intro: page.intro,
    figure: page.figure ?? "",
    sections: page.sections.map(sectionModel),
  });
}

/** A section as the template of all tables takes it. */
export function sectionModel({ id, title, intro, columns, rows, total, empty }: Section) {
  return {
    id,
    title,
    intro: intro ?? "",
    empty,
    columns: columns.map(({ label, number }) => ({ label, number: number ?? false })),
    rows: rows.map((row) => {
      const [head, ...cells] = row.map((cell, index) => filled(cell, columns[index]!));
      return { head, cells };
    }),
    total: total === undefined ? null : total.map((text, index) => filled(text, columns[index]!)),
  };
}

const filled = (given: Cell | string, { label, number }: Section["columns"][number]) => {
  const cell: Cell = typeof given === "string" ? { text: given } : given;
  return {
    text: cell.text === "" && !cell.lines?.length ? "–" : cell.text,
    href: cell.href ?? "",
    small: cell.small ?? "",
    sign: cell.sign ?? "",
    status: cell.sign ?? "",
    lines: (cell.lines ?? []).map(({ text, href }) => ({ text, href: href ?? "" })),
    label,
    number: number ?? false,
  };
};
