import type { ItemPlace, ItemSpec, ServiceKind } from "../../association/vocabulary.ts";
import { suggestion } from "../command.ts";
import { Refusal } from "../refusal.ts";
import type { Choice } from "./choose.ts";
import type { Saved } from "./subject.ts";

/** What was asked back: a page, a mailbox, a share. */
export interface Item {
  /** `page technique:sauvegardes`. */
  readonly words: string;
  readonly spec: ItemSpec;
  readonly places: readonly ItemPlace[];
  readonly programs?: ReturnType<NonNullable<ItemSpec["programs"]>>;
}

/**
 * Reads `page:technique:sauvegardes`, as the service's kind understands it.
 * @throws {Refusal} where the service has no such items, or none can have that name
 */
export function readItem(typed: string, saved: Saved, kind: ServiceKind | undefined, exact = false): Item {
  const colon = typed.indexOf(":");
  const [word, name] = colon < 0 ? [typed, ""] : [typed.slice(0, colon), typed.slice(colon + 1)];
  const items = kind?.items ?? {};
  const spec = Object.hasOwn(items, word) ? items[word] : undefined;
  if (spec === undefined)
    throw new Refusal({
      what: `${saved.service.id} has no items called "${word}"${suggestion(word, Object.keys(items))}`,
      fix: describeItems(items).join("\n") || "Bring a file back: --file PATH",
    });
  const places = name === "" ? undefined : spec.places(name);
  if (places === undefined)
    throw new Refusal({
      what: `"${name}" cannot be the name of a ${word}: nothing was touched`,
      fix: `--item ${word}:${spec.example}   ${spec.summary}`,
    });
  const programs = spec.programs?.(name, exact);
  return { words: `${word} ${name}`, spec, places, ...(programs === undefined ? {} : { programs }) };
}

/** The items of a kind, one a line. Pure. */
export const describeItems = (items: Readonly<Record<string, ItemSpec>>): string[] =>
  Object.entries(items).map(([word, { summary, example }]) => `--item ${word}:${example}   ${summary}`);

/**
 * The paths of an item in a snapshot, those alone that are there.
 * @param names what is in a folder of the snapshot; undefined where there is no such folder
 */
export async function pathsOf(
  { places }: Pick<Item, "places">,
  { path: base }: Pick<Choice, "path">,
  names: (folder: string) => Promise<readonly string[] | undefined>,
): Promise<string[]> {
  const found: string[] = [];
  for (const place of places) {
    const [folder, matches] =
      typeof place === "string"
        ? [parentOf(place), (name: string) => name === place.slice(place.lastIndexOf("/") + 1)]
        : [place.folder, (name: string) => place.match.test(name)];
    const at = folder === "" ? base : `${base}/${folder}`;
    for (const name of (await names(at)) ?? []) if (matches(name)) found.push(`${at}/${name}`);
  }
  return found;
}

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));

/**
 * The last snapshot taken on schedule at a time or before it.
 * @param at as people write it, `2026-11-24 10:00`, in the association's time zone unless it says another
 * @throws {Refusal} where it is no time, or there is none that old
 */
export function snapshotAt(at: string, choices: readonly Choice[], timeZone: string, saved: Saved): Choice {
  const time = readTime(at, timeZone);
  if (time === undefined) throw new Refusal({ what: `"${at}" is no time`, fix: '--at "2026-11-24 10:00"' });
  const own = choices.filter(({ undo }) => !undo);
  const found = own.findLast((choice) => Date.parse(choice.time) <= time);
  if (found) return found;
  const [first] = own;
  throw new Refusal({
    what: `${saved.service.id} has no snapshot from ${at} or before: nothing was touched`,
    fix: first ? `The oldest is of ${first.time}` : `npm run backup -- --service ${saved.service.id}   takes the first`,
  });
}

/** Milliseconds of a moment, `YYYY-MM-DD[ HH:MM]` of a time zone's clock, or ISO 8601 with an offset. Pure. */
export function readTime(text: string, timeZone: string): number | undefined {
  if (/(Z|[+-]\d{2}:?\d{2})$/.test(text) && !Number.isNaN(Date.parse(text))) return Date.parse(text);
  const parts = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{1,2}):(\d{2}))?$/.exec(text.trim());
  if (parts === null) return undefined;
  const [, year, month, day, hour = "23", minute = "59"] = parts;
  const wall = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute));
  const back = new Date(wall);
  // The thirtieth of February, or twenty-five o'clock, would be another day.
  if (back.getUTCDate() !== Number(day) || back.getUTCHours() !== Number(hour) || Number(minute) > 59) return undefined;
  // What the zone's clock is ahead of UTC at about that time, asked twice for hours near a change.
  const first = wall - offsetOf(wall, timeZone);
  return wall - offsetOf(first, timeZone);
}

/** How far a zone's clock is ahead of UTC at a moment, in milliseconds. */
function offsetOf(at: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat("en-CA", {
    ...{ timeZone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit" },
    ...{ hour: "2-digit", minute: "2-digit", second: "2-digit" },
  });
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const wall = Date.UTC(part.year!, part.month! - 1, part.day!, part.hour!, part.minute!, part.second!);
  return wall - Math.floor(at / 1000) * 1000;
}
