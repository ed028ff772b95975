import type { Check, Inventory, InventoryService } from "../../association/index.ts";
import { plainText, safeUrl } from "../clean.ts";
import { once } from "../once.ts";
import { type Contact, contact, type RoleContact, roleContact } from "../people.ts";
import { type CheckState, reasonFor } from "../view.ts";
import { type Lang, reasonWords } from "../words/index.ts";
import { messageWords, runbookHref, seenWords } from "./broken.ts";
import { type Material, moment, type Tongue, tongueOf } from "./material.ts";

type Status = CheckState["status"];

/** What the checks' kinds call the numbers that the tables show; see `measures` in `monitors/checks/`. */
export const MEASURES = {
  certificateExpiry: "certificate_expiry_timestamp_seconds",
  snapshotTime: "last_snapshot_timestamp_seconds",
  snapshotSize: "snapshot_size_bytes",
  snapshotFiles: "snapshot_files",
  verified: "verified_timestamp_seconds",
  dataRead: "data_read_ratio",
  keyUsable: "key_usable",
  proof: "proof_timestamp_seconds",
} as const;

const LONGEST_CELL = 240;

const byKind = new WeakMap<Inventory, ReadonlyMap<string, readonly Check[]>>();

/** The checks of a kind: there may be ten thousand of another one. */
function checksOf(inventory: Inventory, kind: string): readonly Check[] {
  const kinds = byKind.get(inventory) ?? Map.groupBy(Object.values(inventory.checks), (check) => check.kind);
  byKind.set(inventory, kinds);
  return kinds.get(kind) ?? [];
}

/** Checks that work are listed up to this many: nobody reads on, and each thousand rows takes two hundredths of a second to write. */
const MOST_LISTED = 500;

const checksByService = once(({ services }: Inventory, { lang, format }: Tongue) =>
  Object.values(services)
    .sort((a, b) => format.compare(a.name[lang], b.name[lang]))
    .flatMap(({ checks }) => checks),
);

/** All checks, or those of one service: those that fail first, however many, then the others by service. */
export function checkRows(material: Material, of?: InventoryService) {
  const { inventory, view, lang, w, format } = material;
  const ids = of?.checks ?? checksByService(inventory, tongueOf(lang, inventory));
  const isDown = (id: string): boolean => view.states[id]?.status === "down";
  const down = ids.filter(isDown);
  const others = ids.filter((id) => !isDown(id)).slice(0, Math.max(0, MOST_LISTED - down.length));
  return [...down, ...others].map((id) => {
    const check = inventory.checks[id]!;
    const state = view.states[id];
    const run = state?.lastRun;
    // Fewer failures than its threshold: it does not count as down, and nobody should read that it passes.
    const doubtful = state?.status === "up" && run?.ok === false && state.consecutiveFailures > 0;
    const status: Status = doubtful ? "pending" : (state?.status ?? "pending");
    return {
      service: inventory.services[check.service]?.name[lang] ?? check.service,
      check: check.id,
      target: plainText(check.target, LONGEST_CELL),
      severity: w.oncall.severity[check.severity],
      status,
      words: doubtful ? w.oncall.failures(state.consecutiveFailures) : w.oncall.status[status],
      since: state ? moment(state.since, view.now, format) : null,
      last: run ? moment(run.at, view.now, format) : null,
      took: run ? format.fine(run.seconds) : "",
      ...errorWords(state, lang),
      seen: seenWords(state, material),
    };
  });
}

/** Where a check stands, and why where it is down. */
const statusWords = (state: CheckState | undefined, { lang, w }: Pick<Material, "lang" | "w">): string =>
  state?.status === "down" ? reasonWords(reasonFor(state), lang) : w.oncall.status[state?.status ?? "pending"];

/** What the last run found wrong: the reason's words where it left no others. */
function errorWords(state: CheckState | undefined, lang: Lang): { error: string; errorLang: string } {
  if (state?.lastRun === undefined || state.lastRun.ok) return { error: "", errorLang: lang };
  const { message, messageLang } = messageWords(state, lang, LONGEST_CELL);
  return message === ""
    ? { error: reasonWords(state.lastRun.reason ?? "", lang), errorLang: lang }
    : { error: message, errorLang: messageLang };
}

/** Every container that is looked at, by host. */
export function containerRows({ inventory, view, lang, w, format }: Material) {
  return checksOf(inventory, "container")
    .map((check) => {
      const service = inventory.services[check.service]!;
      const host = service.delivery.by === "us" ? inventory.hosts[service.delivery.host] : undefined;
      const state = view.states[check.id];
      const status: Status = state?.status ?? "pending";
      return {
        container: plainText(check.target, LONGEST_CELL),
        service: service.name[lang],
        host: host?.name[lang] ?? "",
        status,
        words: statusWords(state, { lang, w }),
        since: state ? moment(state.since, view.now, format) : null,
      };
    })
    .sort((a, b) => format.compare(a.host, b.host) || format.compare(a.service, b.service));
}

/** Kinds of checks about one service's backups. */
const BACKUP_KINDS: ReadonlySet<string> = new Set(["backup", "backup-job", "backup-content", "restore-proof"]);

/** Every backup repository, and what verifying it found. */
export function repositoryRows({ inventory, view, lang, w, format }: Material) {
  return checksOf(inventory, "backup-integrity")
    .map((check) => {
      const state = view.states[check.id];
      const status: Status = state?.status ?? "pending";
      const measures = state?.lastRun?.measures ?? {};
      const verified = measures[MEASURES.verified];
      const read = measures[MEASURES.dataRead];
      const usable = measures[MEASURES.keyUsable];
      return {
        service: inventory.services[check.service]?.name[lang] ?? check.service,
        verified: verified === undefined ? null : moment(verified * 1000, view.now, format),
        read: read === undefined ? "" : format.percent(read),
        key: usable === undefined ? "" : usable === 1 ? w.oncall.backupKey.opens : w.oncall.backupKey.refused,
        status,
        words: statusWords(state, { lang, w }),
      };
    })
    .sort((a, b) => format.compare(a.service, b.service));
}

/** The youngest snapshot of every volume that is backed up, the oldest first, those without any before them. */
export function backupRows({ inventory, view, lang, w, format }: Material) {
  return checksOf(inventory, "backup")
    .flatMap((check) => {
      const service = inventory.services[check.service]!;
      const state = view.states[check.id];
      // One row tells all that is known of a volume's backups: the first thing that is wrong decides.
      const all = service.checks
        .filter((id) => BACKUP_KINDS.has(inventory.checks[id]?.kind ?? ""))
        .flatMap((id) => view.states[id] ?? []);
      const wrong = all.find((one) => one.status === "down");
      const proof = all.map((one) => one.lastRun?.measures[MEASURES.proof]).find((at) => at !== undefined);
      const status: Status = wrong?.status ?? state?.status ?? "pending";
      return Object.entries(service.volumes)
        .filter(([, volume]) => volume.backup)
        .map(([volume]) => {
          const taken = state?.lastRun?.measures[`${MEASURES.snapshotTime}/${volume}`];
          const size = state?.lastRun?.measures[`${MEASURES.snapshotSize}/${volume}`];
          const files = state?.lastRun?.measures[`${MEASURES.snapshotFiles}/${volume}`];
          return {
            service: service.name[lang],
            volume,
            at: taken ?? Number.NEGATIVE_INFINITY,
            taken: taken === undefined ? null : moment(taken * 1000, view.now, format),
            size: size === undefined ? "" : format.bytes(size),
            files: files === undefined ? "" : format.number(files),
            proven: proof === undefined ? null : moment(proof * 1000, view.now, format),
            promise: "none" in service.backup ? "" : format.length(service.backup.rpo),
            status,
            words: statusWords(wrong ?? state, { lang, w }),
          };
        });
    })
    .sort((a, b) => a.at - b.at || format.compare(a.service, b.service));
}

/** Services that are deliberately not backed up, and why. */
export function uncoveredRows({ inventory, lang, format }: Material) {
  return Object.values(inventory.services)
    .filter(({ active, delivery }) => active && delivery.by === "us")
    .flatMap((service) => ("none" in service.backup ? { service: service.name[lang], why: service.backup.none } : []))
    .sort((a, b) => format.compare(a.service, b.service));
}

const DAY_MS = 86_400_000;

/** Certificates, the first to expire first; those never seen come last. */
export function certificateRows({ inventory, view, lang, w, format }: Material) {
  return checksOf(inventory, "tls")
    .map((check) => {
      const state = view.states[check.id];
      const status: Status = state?.status ?? "pending";
      const expiry = state?.lastRun?.measures[MEASURES.certificateExpiry];
      return {
        target: plainText(check.target, LONGEST_CELL),
        service: inventory.services[check.service]?.name[lang] ?? "",
        at: expiry ?? Number.POSITIVE_INFINITY,
        expires: expiry === undefined ? "" : format.dateTime(expiry * 1000, view.now),
        left: expiry === undefined ? "" : w.oncall.daysLeft(Math.floor((expiry * 1000 - view.now) / DAY_MS)),
        status,
        words: statusWords(state, { lang, w }),
      };
    })
    .sort((a, b) => a.at - b.at || format.compare(a.target, b.target));
}

/** Every role with its holders, vacant ones first. */
export function roleRows({ inventory, people, lang, format }: Material) {
  return Object.entries(inventory.roles)
    .map(([id, role]) => ({
      ...(roleContact(inventory, people, id, lang) as RoleContact),
      vacant: role.holderCount === 0,
      team: inventory.teams[role.team]?.name[lang] ?? "",
      level2: role.escalatesTo === undefined ? "" : (inventory.roles[role.escalatesTo]?.title[lang] ?? ""),
    }))
    .sort((a, b) => Number(b.vacant) - Number(a.vacant) || format.compare(a.title, b.title));
}

/** Everybody the association depends on, what for, and how to reach them. */
export const supplierRows = ({ inventory, lang }: Pick<Material, "inventory" | "lang">) =>
  suppliersOf(inventory, tongueOf(lang, inventory));

const suppliersOf = once((inventory: Inventory, { lang, format }: Tongue) => {
  const services = Object.values(inventory.services).filter(({ active }) => active);
  const hosts = Object.values(inventory.hosts);
  return Object.entries(inventory.suppliers)
    .map(([id, supplier]) => ({
      ...(contact({ name: supplier.name, ...supplier.contact }) as Contact),
      website: safeUrl(supplier.website),
      notes: supplier.contact.notes ?? "",
      contract: supplier.contract ?? "",
      renews: supplier.renews === undefined ? "" : format.date(supplier.renews),
      services: format.list([
        ...services
          .filter(({ delivery }) => delivery.by === "supplier" && delivery.supplier === id)
          .map(({ name }) => name[lang]),
        ...hosts.filter((host) => host.supplier === id).map(({ name }) => name[lang]),
        ...Object.entries(inventory.domains)
          .filter(([, { registrar }]) => registrar === id)
          .map(([domain]) => domain),
      ]),
    }))
    .sort((a, b) => format.compare(a.name, b.name));
});

const GATES = ["build", "study", "opportunity"] as const;

/** What is not in production yet, the nearest to it first. */
export function projectRows({ inventory, lang, w, format }: Material) {
  return Object.values(inventory.services)
    .flatMap((service) => (service.delivery.by === "project" ? { service, delivery: service.delivery } : []))
    .sort(
      (a, b) =>
        GATES.indexOf(a.delivery.gate) - GATES.indexOf(b.delivery.gate) ||
        format.compare(a.service.name[lang], b.service.name[lang]),
    )
    .map(({ service, delivery }) => ({
      name: service.name[lang],
      gate: delivery.gate,
      gateWords: w.oncall.gates[delivery.gate],
      next: delivery.next[lang],
      owner: inventory.roles[service.owner]?.title[lang] ?? service.owner,
      href: runbookHref(service.runbook, service.id, lang),
    }));
}
