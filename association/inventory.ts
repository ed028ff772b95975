import type { z } from "zod";
import type { association } from "./declaration.ts";
import type { incident } from "./schema/incident.ts";
import type { list } from "./schema/mail.ts";
import type { role, team } from "./schema/people.ts";
import type { domain, host, supplier } from "./schema/places.ts";
import type { Schedule } from "./schema/schedule.ts";
import type { service } from "./schema/service.ts";
import type { share } from "./schema/share.ts";
import type { Cost, LocalText } from "./schema/values.ts";
import type { DeliveredSecret } from "./secrets.ts";
import type { Ability } from "./vocabulary.ts";

/** Raised when a reader of inventories would have to change. */
export const INVENTORY_VERSION = 1;

/**
 * Everything derived from a declaration, every default filled in: what the stacks deploy and the exporter watches.
 * Plain JSON, immutable, in an order of its own whatever the declaration's, without secrets and without personal data.
 */
export interface Inventory {
  readonly version: typeof INVENTORY_VERSION;
  readonly association: z.output<typeof association>;
  readonly deployment: Deployment;
  readonly domains: Readonly<Record<string, z.output<typeof domain>>>;
  readonly teams: Readonly<Record<string, z.output<typeof team>>>;
  readonly roles: Readonly<Record<string, Role>>;
  readonly suppliers: Readonly<Record<string, z.output<typeof supplier>>>;
  readonly hosts: Readonly<Record<string, Host>>;
  readonly services: Readonly<Record<string, InventoryService>>;
  readonly checks: Readonly<Record<string, Check>>;
  readonly lists: Readonly<Record<string, z.output<typeof list>>>;
  readonly shares: Readonly<Record<string, z.output<typeof share>>>;
  readonly maintenance: Readonly<Record<string, MaintenanceWindow>>;
  readonly incidents: Readonly<Record<string, WrittenIncident>>;
  /** Mailboxes of roles; those of people are personal data. */
  readonly roleMailboxes: Readonly<Record<string, RoleMailbox>>;
}

/** Where this copy of the association's systems runs; the only part that comes from the stack's configuration. */
export interface Deployment {
  /** Starts the name of every container, network and volume: `tilleuls-demo`. */
  readonly prefix: string;
  /** Added to every port opened on a host. */
  readonly portOffset: number;
}

/** A role without its holders. */
export type Role = Omit<z.output<typeof role>, "holders"> & {
  /** How many people hold it: a role that nobody holds is an organisational fault, not a personal fact. */
  readonly holderCount: number;
  /** Its mailbox, where it has one. */
  readonly address?: string;
};

export type Host = z.output<typeof host> & { readonly id: string };
export type RoleMailbox = { address: string; role: string; aliases: string[]; quotaMb: number };

/** Work announced on services. Times are in milliseconds since the epoch. */
export interface MaintenanceWindow {
  /** Services that may not answer, those of its hosts included. */
  readonly services: readonly string[];
  readonly title: LocalText;
  readonly text?: LocalText;
  readonly when:
    | { readonly from: number; readonly until: number }
    | { readonly cron: string; readonly seconds: number; readonly timeZone: string };
}

type DeclaredIncident = z.output<typeof incident>;

/** An incident that somebody wrote down. Times are in milliseconds since the epoch. */
export type WrittenIncident = Omit<DeclaredIncident, "started" | "detected" | "resolved" | "updates"> & {
  readonly started: number;
  readonly detected?: number;
  readonly resolved?: number;
  /** Oldest first. */
  readonly updates: readonly (Omit<DeclaredIncident["updates"][number], "at"> & { readonly at: number })[];
};

type DeclaredService = z.output<typeof service>;
export type Backup = Exclude<DeclaredService["backup"], { none: string }>;
export type Privacy = Exclude<DeclaredService["privacy"], { none: string }>;

/** A port of a service, by the name its kind gives it. */
export interface Port {
  /** Port inside the container. */
  readonly container: number;
  /** Port opened on the host's `publishOn`, offset included. */
  readonly published?: number;
  readonly protocol: "tcp" | "udp";
}

/** A named volume of a service. */
export interface Volume {
  /** The volume's name on its engine. */
  readonly name: string;
  /** Where it is mounted in the service's container. */
  readonly path: string;
  readonly backup: boolean;
  /** What of it is not saved, by patterns from its top. */
  readonly excludes?: readonly string[];
}

/** A service, completed from its kind. */
export interface InventoryService {
  readonly id: string;
  readonly name: LocalText;
  readonly purpose: LocalText;
  readonly needs: readonly string[];
  readonly owner: string;
  /** The owner role's team. */
  readonly team: string;
  readonly delivery: DeclaredService["delivery"];
  /** True where it is in production, hence watched: run by us or by a supplier. */
  readonly active: boolean;
  readonly audience: "public" | "internal";
  readonly hostname?: string;
  /** Where members open it, with the port they need and no final slash. */
  readonly url?: string;
  /** Name of its main container, where we run it. */
  readonly container?: string;
  readonly provides: readonly Ability[];
  readonly ports: Readonly<Record<string, Port>>;
  readonly volumes: Readonly<Record<string, Volume>>;
  readonly dependsOn: readonly string[];
  /** Services of ours that it opens connections to. */
  readonly uses: readonly string[];
  /** True where it opens connections to machines that are none of ours. */
  readonly callsOut?: boolean;
  /** What members may count on. */
  readonly slo?: Slo;
  /** Identifiers in `checks`. */
  readonly checks: readonly string[];
  readonly backup: Backup | { readonly none: string };
  /** What is decided about its new versions. */
  readonly upgrades: DeclaredService["upgrades"];
  readonly runbook: string;
  readonly privacy: Privacy | { readonly none: string };
  readonly cost?: Cost;
}

/** An objective of availability. */
export interface Slo {
  /** The share of runs that succeed, in percent. */
  readonly availability: number;
  /** The time over which it is counted, in seconds. */
  readonly over: number;
}

/** A check, ready to be run. */
export interface Check {
  /** `service/id`, for instance `wiki/http`. */
  readonly id: string;
  readonly service: string;
  /** A file of `monitors/checks/`. */
  readonly kind: string;
  readonly schedule: Schedule;
  readonly timeoutSeconds: number;
  readonly retries: number;
  readonly failAfter: number;
  readonly recoverAfter: number;
  readonly severity: "page" | "ticket";
  /** What it looks at, for pages and labels. */
  readonly target: string;
  /** The kind's own parameters, verified and completed. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Names of the secrets that it needs, where it needs any. */
  readonly secrets?: readonly DeliveredSecret[];
  /** The other places that it is run from as well, by service, and how it is addressed from there. */
  readonly from?: Readonly<Record<string, Pick<Check, "target" | "params">>>;
  /** Written in the declaration, or added because of what the service is. */
  readonly origin: "declared" | "derived";
}

/** The personal half of a declaration: for services' accounts and members-only pages. Never public (N35). */
export interface People {
  readonly version: typeof INVENTORY_VERSION;
  /** By holder. */
  readonly holders: Readonly<Record<string, Person>>;
  /** Holders of each role. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
  /** Members of each team: holders of its roles and those who list it. */
  readonly teams: Readonly<Record<string, readonly string[]>>;
  /** Mailboxes of people. */
  readonly mailboxes: Readonly<Record<string, { address: string; holder: string; aliases: string[]; quotaMb: number }>>;
}

export interface Person {
  readonly login: string;
  readonly name: string;
  readonly email: string;
  readonly phone?: string;
  /** Public half of an age key. */
  readonly recoveryKey?: string;
  readonly language: "fr" | "en";
  /** Teams this person is a member of, by a role or directly. */
  readonly teams: readonly string[];
}
