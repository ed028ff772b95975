import { z } from "zod";
import { incident, incidentId } from "./schema/incident.ts";
import { list, mailbox } from "./schema/mail.ts";
import { maintenance } from "./schema/maintenance.ts";
import { holder, role, team } from "./schema/people.ts";
import { domain, host, supplier } from "./schema/places.ts";
import { schedule } from "./schema/schedule.ts";
import { type checkBase, service } from "./schema/service.ts";
import { share } from "./schema/share.ts";
import {
  duration,
  hostname,
  identifier,
  localText,
  type Ref,
  ref,
  text,
  timeZone,
  webAddress,
} from "./schema/values.ts";
import type { CheckKinds, ServiceKinds } from "./vocabulary.ts";

/** Who the association is. */
export const association = z.strictObject({
  /** Short name, used in container and volume names; never change it once deployed. */
  id: identifier,
  /** Full name, as on letters. */
  name: text,
  /** Languages of its pages and mails, the main one first. */
  languages: z
    .array(z.enum(["fr", "en"]))
    .min(1)
    .refine((languages) => new Set(languages).size === languages.length, "each language once")
    .default(["fr", "en"]),
  /** Its IANA time zone: schedules and pages follow it. */
  timeZone: timeZone.default("Europe/Paris"),
  /** The domain of its addresses and pages, one of `domains`. */
  mainDomain: ref("domain"),
  /** The role that the public pages name as contact, and that alerts with no better address go to. */
  contact: ref("role"),
  /** How often everything is rebuilt from nothing to prove that it can be (N14); without it nobody is told of a drill that is due. */
  drill: z
    .strictObject({
      /** When the drill runs by itself: `npm run drill -- --timer` writes what the machine needs for it. */
      schedule: schedule.default({ cron: "0 4 1 * *" }),
      /** How old the last good drill may be before the contact role is told. */
      maxAge: duration.prefault("45d"),
    })
    .optional(),
  /** What the association needs, in a few words, by the ids that services name in `needs`: the register of needs says what answers each. */
  needs: z.record(z.string().regex(/^N\d+$/, "a need's id such as N12"), localText).default({}),
  /** What the lookout makes of failures that last. */
  incidents: z
    .strictObject({
      /** How long a service may be down before it is an incident that members read about. */
      openAfter: duration.prefault("5m"),
      /** Where volunteers open tickets: an address with `{title}` and `{text}` in it, to be filled in. */
      tracker: webAddress
        .refine(
          (url) => url.includes("{title}"),
          "an address with {title} in it, such as https://example.org/new?title={title}",
        )
        .optional(),
    })
    .prefault({}),
});

/** The collections of a declaration: what keys them, and the schema of an entry. */
export const collections = {
  domains: { ref: "domain", key: hostname, entry: domain },
  teams: { ref: "team", key: identifier, entry: team },
  holders: { ref: "holder", key: identifier, entry: holder },
  roles: { ref: "role", key: identifier, entry: role },
  suppliers: { ref: "supplier", key: identifier, entry: supplier },
  hosts: { ref: "host", key: identifier, entry: host },
  services: { ref: "service", key: identifier, entry: service },
  mailboxes: { ref: "mailbox", key: identifier, entry: mailbox },
  lists: { ref: "list", key: identifier, entry: list },
  shares: { ref: "share", key: identifier, entry: share },
  maintenance: { ref: "window", key: identifier, entry: maintenance },
  incidents: { ref: "incident", key: incidentId, entry: incident },
} as const;

export type Collections = typeof collections;
export type CollectionName = keyof Collections;

/** A declaration whose entries are each well formed, defaults filled in; references are not yet verified. */
export type Declared = { association: z.output<typeof association> } & {
  [Name in CollectionName]: Record<string, z.output<Collections[Name]["entry"]>>;
};

/** The names that a declaration's references may take, by kind of reference. */
type Names = Record<Collections[CollectionName]["ref"], string>;

/** Narrows every `Ref<kind>` in a type to the names declared for that kind. */
type Bind<T, N extends Names> =
  T extends Ref<infer Kind>
    ? Kind extends keyof N
      ? string extends Kind
        ? T
        : NoInfer<N[Kind]>
      : T
    : T extends readonly (infer Item)[]
      ? readonly Bind<Item, N>[]
      : T extends object
        ? { [Key in keyof T]: Bind<T[Key], N> }
        : T;

type Entry<Name extends CollectionName, N extends Names> = Bind<z.input<Collections[Name]["entry"]>, N>;

type ByUs<N extends Names> = Omit<
  Extract<z.input<typeof service>["delivery"], { by: "us" }>,
  "kind" | "settings" | "host"
> & {
  host: NoInfer<N["host"]>;
} & {
    [Kind in keyof ServiceKinds]: {
      /** Which folder of `stacks/services/` deploys it. */
      kind: Kind;
    } & (Record<never, never> extends ServiceKinds[Kind]
      ? { /** What this kind of service lets one set. */ settings?: Bind<ServiceKinds[Kind], N> }
      : { /** What this kind of service lets one set. */ settings: Bind<ServiceKinds[Kind], N> });
  }[keyof ServiceKinds];

/** A check as a declaration writes it: the fields of all checks, and those of its kind. */
export type CheckInput<N extends Names = Names> = {
  [Kind in keyof CheckKinds]: { check: Kind } & Omit<KnownKeys<z.input<typeof checkBase>>, "check"> &
    Bind<CheckKinds[Kind], N>;
}[keyof CheckKinds];

/** Drops the index signature of a loose object, which would accept any field. */
type KnownKeys<T> = { [Key in keyof T as string extends Key ? never : Key]: T[Key] };

type ServiceInput<N extends Names> = Omit<Entry<"services", N>, "delivery" | "checks"> & {
  /** How it exists. */
  delivery: ByUs<N> | Bind<Exclude<z.input<typeof service>["delivery"], { by: "us" }>, N>;
  /** How the lookout knows that it works; at least one. */
  checks: readonly [CheckInput<N>, ...CheckInput<N>[]];
};

/** All that an association declares. Each collection's keys are the names that the others refer to. */
export type Declaration<N extends Names = Names> = {
  /** Who the association is. */
  association: Bind<z.input<typeof association>, N>;
  /** Domains it owns. */
  domains: Record<N["domain"], Entry<"domains", N>>;
  /** Teams, circles, commissions. */
  teams: Record<N["team"], Entry<"teams", N>>;
  /** People. Personal data: kept out of the inventory. */
  holders: Record<N["holder"], Entry<"holders", N>>;
  /** What people do; outlives them. */
  roles: Record<N["role"], Entry<"roles", N>>;
  /** Those it depends on. */
  suppliers?: Record<N["supplier"], Entry<"suppliers", N>>;
  /** Docker engines. */
  hosts?: Record<N["host"], Entry<"hosts", N>>;
  /** Every system: deployed, external or planned. */
  services: Record<N["service"], ServiceInput<N>>;
  /** Mailboxes of roles and people. */
  mailboxes?: Record<N["mailbox"], Entry<"mailboxes", N>>;
  /** Mailing lists. */
  lists?: Record<N["list"], Entry<"lists", N>>;
  /** Shares of the NAS. */
  shares?: Record<N["share"], Entry<"shares", N>>;
  /** Work announced on services. */
  maintenance?: Record<N["window"], Entry<"maintenance", N>>;
  /** Incidents that somebody wrote down: what `incidentsIn` reads from files. */
  incidents?: Record<N["incident"], Entry<"incidents", N>>;
};

/**
 * Declares an association. The editor completes the names, and the compiler refuses a reference to one that is not declared.
 * Nothing is verified at run time until `buildInventory`, so that all errors come at once.
 *
 * @example
 * export default defineAssociation({
 *   association: { id: "tilleuls", name: "Les Tilleuls", mainDomain: "tilleuls.example", contact: "it" },
 *   …
 * });
 */
export function defineAssociation<
  const D extends string,
  const T extends string,
  const P extends string,
  const R extends string,
  const S extends string,
  const H extends string,
  const V extends string,
  const M extends string,
  const L extends string,
  const X extends string,
  const W extends string,
  const I extends string,
>(
  declaration: Declaration<{
    domain: D;
    team: T;
    holder: P;
    role: R;
    supplier: S;
    host: H;
    service: V;
    mailbox: M;
    list: L;
    share: X;
    window: W;
    incident: I;
  }>,
): typeof declaration {
  return declaration;
}

/**
 * One collection of a declaration, kept in a file of its own: `export const pos = {...} as const satisfies Part<"services">`.
 * Names are verified where `defineAssociation` puts the parts together.
 */
export type Part<Name extends CollectionName> = NonNullable<Declaration[Name]>;
