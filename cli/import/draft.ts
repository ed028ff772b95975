/** A check as an importer proposes it: its kind and fields, as a declaration writes them. */
export interface DraftCheck {
  readonly check: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Further fields, where it signs in: whoever writes it gives the secret its name. */
  readonly signIn?: ((secret: { readonly secret: string }) => Fields) | undefined;
  /** Conditions of the other program, each judged by itself: those that mean something here are kept. */
  readonly conditions?: readonly string[];
}

/** Something watched, before it is a service. */
export interface Draft {
  /** What the other program calls it. */
  readonly name: string;
  readonly group?: string;
  /** Where members open it, where that is known. */
  readonly url?: string;
  readonly checks: readonly DraftCheck[];
}

/** When work goes on, as a declaration writes it. */
export type DraftWhen =
  | { readonly from: string; readonly until: string }
  | { readonly every: string; readonly lasting: string };

/** Work that the other program announces. */
export interface DraftWindow {
  readonly title: string;
  readonly text?: string;
  readonly when: DraftWhen;
  /** On whose clocks; those of the association where nothing is known of them. */
  readonly timeZone?: string;
  /** What is worked on; everything that is imported, or nothing that the file tells. */
  readonly on: "all" | readonly Draft[];
}

/** Something that was not carried over. */
export interface Loss {
  /** Where in the other program's file: `endpoints[3] "wiki"`. */
  readonly where: string;
  /** What. */
  readonly what: string;
  /** Why not, or what to do instead. */
  readonly why: string;
}

/** What an importer makes of a file. */
export interface Imported {
  readonly drafts: readonly Draft[];
  readonly windows?: readonly DraftWindow[];
  readonly losses: readonly Loss[];
}

/** Places that are named where one thing was lost at many. */
const MOST_NAMED = 3;

/** What was lost, in the order of the file: the same of many places once, for it would hide what was lost at one. */
export function gathered(losses: readonly Loss[]): Loss[] {
  const alike = Map.groupBy(losses, ({ what, why }) => `${what}\n${why}`);
  return [...alike.values()].flatMap((same) => {
    if (same.length <= MOST_NAMED) return same;
    const named = same.slice(0, MOST_NAMED).map(({ where }) => where);
    return [{ ...same[0]!, where: `${named.join(", ")} and ${same.length - MOST_NAMED} more` }];
  });
}

/** Says what of one thing is not carried over, and why. */
export type Tell = (what: string, why: string) => void;

/** Collects losses about one thing. */
export class Losses {
  readonly all: Loss[] = [];

  /** For one thing of the file. */
  about(where: string): Tell {
    return (what, why) => void this.all.push({ where, what, why });
  }
}

/** A file that is not what it should be; its message is for people. */
export class ImportError extends Error {
  override name = "ImportError";
}

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A list, or an empty one where there is none; what is no list at all is refused. @throws ImportError */
export function listOf(value: unknown, where: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new ImportError(`${where}: expected a list`);
  return value;
}

export const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
export const numberOf = (value: unknown): number | undefined => {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
};

const GO_UNITS = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 } as const;

/** Seconds of a length of time as Go writes it (`1m30s`, `500ms`), or Prometheus (`1d`); undefined where it is none. */
export function goSeconds(value: unknown): number | undefined {
  if (typeof value === "number") return value > 0 ? value : undefined;
  if (typeof value !== "string" || value === "") return undefined;
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== value) return undefined;
  const units: Readonly<Record<string, number>> = { ...GO_UNITS, d: 86_400, w: 604_800 };
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * units[unit!]!, 0);
}

/** A length of time as a declaration writes it, in whole seconds, at least one; and whether it had to be rounded. */
export function duration(seconds: number): { text: string; rounded: boolean } {
  const whole = Math.max(1, Math.round(seconds));
  return { text: `${whole}s`, rounded: Math.abs(whole - seconds) > 1e-9 };
}
