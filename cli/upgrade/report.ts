import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { InventoryService } from "../../association/index.ts";
import type { Edition } from "../../stacks/edition.ts";
import { LOCAL } from "../places.ts";
import type { Update } from "./candidates.ts";
import type { NpmUpdate } from "./npm.ts";

/** An update, with when it was first seen: ISO 8601. */
export type SeenUpdate = Update & { readonly since: string };

/** What one service runs, and what is newer. */
export interface ServiceVersions {
  /** The image's name and its id on the engine. */
  readonly image: string;
  readonly id: string;
  readonly edition: Edition;
  /** The packages that members would name it by: `dokuwiki 2024-02-06b`. */
  readonly software: readonly { readonly package: string; readonly version: string }[];
  readonly packages: number;
  readonly updates: readonly SeenUpdate[];
  readonly decision: InventoryService["upgrades"]["decision"];
}

/** An image of somebody else's that ours start from or run: what it was when it was fetched, and what its tag stands for now. */
export interface BaseVersion {
  readonly image: string;
  readonly digest?: string;
  readonly latest?: string;
  readonly newerTags: readonly string[];
}

/** What `versions` found; the lookout reads it too. Version 1. */
export interface VersionsReport {
  readonly version: 1;
  readonly made: string;
  readonly stack: string;
  readonly services: Readonly<Record<string, ServiceVersions>>;
  readonly bases: readonly BaseVersion[];
  readonly npm: readonly NpmUpdate[];
  /** What could not be asked, in words: what is said of it is what was known before, or nothing. */
  readonly unreached: readonly string[];
}

export const reportFile = (stack: string, local = LOCAL): string => join(local, `versions-${stack}.json`);

/** The report before; undefined where there is none that can be read. */
export function previousReport(stack: string, local = LOCAL): VersionsReport | undefined {
  const file = reportFile(stack, local);
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8")) as VersionsReport;
  } catch {
    return undefined; // cut short: the next one is whole
  }
}

/** Updates with the day each was first seen, kept from the report before. Pure. */
export function seen(updates: readonly Update[], before: readonly SeenUpdate[] | undefined, now: string): SeenUpdate[] {
  const since = new Map((before ?? []).map((one) => [`${one.package} ${one.from}`, one.since]));
  return updates.map((one) => ({ ...one, since: since.get(`${one.package} ${one.from}`) ?? now }));
}
