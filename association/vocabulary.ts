import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import type { Host, InventoryService } from "./inventory.ts";
import type { SecretRef } from "./secrets.ts";

/**
 * What a declaration can name beyond the model itself: kinds of services, kinds of checks, service runbooks.
 * Each is a file found by its place, so that adding one touches nothing else:
 *
 * - `stacks/services/NAME/kind.ts`, default export of `defineKind({...})`;
 * - `monitors/checks/NAME.ts`, default export of `defineCheck({...})`;
 * - `runbooks/services/NAME.md.hbs`.
 */
export interface Vocabulary {
  kinds: Readonly<Record<string, ServiceKind>>;
  checks: Readonly<Record<string, CheckKind>>;
  runbooks: readonly string[];
}

/** Settings of each kind of service: every `kind.ts` adds its own by declaration merging. */
// biome-ignore lint/suspicious/noEmptyInterface: merged into by the kinds
export interface ServiceKinds {}

/** Parameters of each kind of check: every file of `monitors/checks/` adds its own by declaration merging. */
// biome-ignore lint/suspicious/noEmptyInterface: merged into by the checks
export interface CheckKinds {}

/** A port that a kind of service listens on inside its container. */
export interface PortSpec {
  /** Port inside the container. */
  container: number;
  /** Port opened on the host unless the declaration says otherwise; not opened when left out. */
  published?: number;
  /** Listen on the published port inside the container too, so that its URLs are the same inside and outside. */
  same?: boolean;
  protocol?: "tcp" | "udp";
}

/** A volume of a kind of service. */
export interface VolumeSpec {
  /** Where it is mounted in the container. */
  path: string;
  /** False where its content can be made again: caches, metrics, the backups themselves. */
  backup: boolean;
  /** What of it is not saved, by restic's patterns from its top: files at work, where a copy of them is saved. */
  excludes?: readonly string[];
}

/**
 * - `proxy`: gives services their https addresses;
 * - `backup`: takes snapshots of the volumes of its host;
 * - `backup-repository`: keeps snapshots;
 * - `engine-state`: tells which containers of its host are healthy;
 * - `lookout`: runs the checks; `vantage`: some of them from elsewhere; `metrics`: scrapes it; `alerts`: routes its alerts;
 * - `names`: answers for the association's domains;
 * - `contacts`: has address books, which mail programs read;
 * - `shares`, `lists`, `mail`: serve what the collections of those names declare.
 */
export type Ability =
  | "proxy"
  | "backup"
  | "backup-repository"
  | "engine-state"
  | "lookout"
  | "vantage"
  | "metrics"
  | "alerts"
  | "names"
  | "shares"
  | "lists"
  | "mail"
  | "contacts";

/** Where a part of an item is in its volume: a path, or those entries of a folder whose names match. */
export type ItemPlace = string | { readonly folder: string; readonly match: RegExp };

/** Something that can be brought back alone, with all that belongs to it. */
export interface ItemSpec {
  /** One sentence, for `restore --help` and error messages. */
  summary: string;
  /** The volume that it is in. */
  volume: string;
  /** A name as people type it. */
  example: string;
  /** Its parts, from the volume's top; undefined where no item can have that name. Pure. */
  places(name: string): readonly ItemPlace[] | undefined;
  /** Whether the service is stopped while one is put back in place: it keeps accounts of its own about the files. */
  stops?: boolean;
  /**
   * Programs of the service's image, for what it keeps in a database as well: one that writes an item's part of it into the files
   * that are saved, and one that takes it up from there once they are back, and tells what that changed. Pure.
   * @param exact whether what came since goes
   */
  programs?(name: string, exact: boolean): { readonly write: readonly string[]; readonly take: readonly string[] };
}

/** The declared half of `stacks/services/NAME/`: everything but the containers. Pure. */
export interface ServiceKind<Settings extends z.ZodType = z.ZodType> {
  /** One sentence, for the documentation and error messages. */
  summary: string;
  /** Schema of `delivery.settings`; its defaults are filled into the inventory. */
  settings: Settings;
  ports: Readonly<Record<string, PortSpec>>;
  volumes: Readonly<Record<string, VolumeSpec>>;
  /** The port that the proxy forwards the service's host name to. */
  web?: string;
  /** The Debian packages that members would name it by, for `versions` to tell: `["dokuwiki"]`. */
  software?: readonly string[];
  /** What people ask back of such a service, by the word they use: a page, a mailbox, a share. */
  items?: Readonly<Record<string, ItemSpec>>;
  /** What services of this kind can do for others. */
  provides?: readonly Ability[];
  /** The services that this one opens connections to: only they share a network with it. */
  uses?(service: InventoryService, services: Readonly<Record<string, InventoryService>>): readonly string[];
  /** Whether it opens connections to machines that are none of ours; never when left out. */
  callsOut?(service: InventoryService): boolean;
  /** Checks that every service of this kind gets besides the declared ones; `domains` are the association's, sorted. */
  checks?(service: InventoryService, domains: readonly string[]): readonly CheckInputLoose[];
}

/** A check as a kind writes it: like a declared one, its parameters verified by its own schema. */
export type CheckInputLoose = { check: string; id?: string; every?: string } & Record<string, unknown>;

/** What a check may ask about the service it watches when its parameters are completed. */
export interface ResolveContext {
  service: InventoryService;
  host: Host | undefined;
  /** `https://wiki.example.org` without a final slash; undefined where the service has no web address. */
  webUrl: string | undefined;
  /** `container:port` on the services' own networks, or `address:port` from another host. */
  endpoint(port: string): { host: string; port: number } | undefined;
  /** The same of the service that has an ability; undefined where none has, or its port is not reached. */
  reach(ability: Ability, port: string): { host: string; port: number } | undefined;
  /** The port at which host names are opened over https. */
  httpsPort: number;
  /** The settings of the service that has an ability; undefined where none has. */
  settingsOf(ability: Ability): unknown;
  /** Name of the service's main container. */
  container: string | undefined;
}

/** The declared half of a check. Pure: the inventory uses it, the exporter adds `run`. */
export interface CheckKind<Params extends z.ZodType = z.ZodType> {
  /** One sentence, for the documentation and error messages. */
  summary: string;
  /** Schema of the check's own fields. */
  params: Params;
  /**
   * Completes parameters from the service: a path becomes a URL, a port name an address.
   * A string says why it cannot, as the thing expected.
   */
  resolve?(params: z.output<Params>, context: ResolveContext): z.output<Params> | string;
  /** The secrets that it needs, by name: the stack puts each into the file that `secretFile` tells. */
  secrets?(params: z.output<Params>): readonly SecretRef[];
  /** Whether any machine on the network may look: it is then run from every place that is watched from, unless it needs a secret. */
  anywhere?: boolean;
  /** What the check looks at, in one word for pages and labels: a URL, an address, a container. */
  target(params: z.output<Params>): string;
}

/** Types a kind of service; identity at run time. */
export const defineKind = <Settings extends z.ZodType>(kind: ServiceKind<Settings>): ServiceKind<Settings> => kind;

const ROOT = new URL("../", import.meta.url);

/** Finds what this checkout offers. Import errors of a single file are thrown with its name. */
export async function loadVocabulary(root: URL = ROOT): Promise<Vocabulary> {
  const [kinds, checks, runbooks] = await Promise.all([
    loadAll<ServiceKind>(root, "stacks/services/", (entry) => `${entry}/kind.ts`),
    loadAll<CheckKind>(root, "monitors/checks/", (entry) => (isCheckFile(entry) ? entry : undefined)),
    names(root, "runbooks/services/"),
  ]);
  return {
    kinds,
    checks,
    runbooks: runbooks.filter((file) => file.endsWith(".md.hbs")).map((file) => file.slice(0, -".md.hbs".length)),
  };
}

const isCheckFile = (entry: string): boolean => entry.endsWith(".ts") && !entry.startsWith("_");

async function names(root: URL, folder: string): Promise<string[]> {
  return (await readdir(new URL(folder, root)).catch(() => [])).sort();
}

async function loadAll<T>(root: URL, folder: string, file: (entry: string) => string | undefined) {
  const found: Record<string, T> = {};
  await Promise.all(
    (await names(root, folder)).map(async (entry) => {
      const path = file(entry);
      if (path === undefined) return;
      const module = await importExisting(new URL(folder + path, root));
      if (module === undefined) return;
      if (typeof module.default !== "object") throw new Error(`${folder}${path}: has no default export`);
      found[entry.replace(/\.ts$/, "")] = module.default as T;
    }),
  );
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function importExisting(url: URL): Promise<{ default?: unknown } | undefined> {
  if (!existsSync(url)) return undefined;
  return import(url.href).catch((error: unknown) => {
    throw new Error(`${fileURLToPath(url)}: cannot be loaded: ${error}`, { cause: error });
  });
}
