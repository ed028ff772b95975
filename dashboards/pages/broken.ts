import type { Check, InventoryService } from "../../association/index.ts";
import { alertOf } from "../alerts.ts";
import { plainText } from "../clean.ts";
import { ancestorsOf } from "../dependencies.ts";
import { type Contact, contact, type RoleContact, roleContact } from "../people.ts";
import { brokenSince, type CheckState, failing, reasonFor, type ServiceStatus, serviceStatus } from "../view.ts";
import { findingWords } from "../words/findings/index.ts";
import { reasonWords } from "../words/index.ts";
import { type Material, type Moment, moment } from "./material.ts";

/** A service that is down or degraded, with all that is needed to set it right. */
export interface BrokenModel {
  readonly id: string;
  readonly name: string;
  readonly purpose: string;
  readonly status: ServiceStatus;
  readonly words: string;
  readonly since: Moment;
  readonly howLong: string;
  readonly because: string;
  readonly failures: readonly FailureModel[];
  /** How many fail besides the first, which alone is shown at once; and what else is to be found behind it. */
  readonly others: number;
  readonly more: string;
  readonly owner: RoleContact;
  readonly level2: RoleContact | null;
  readonly supplier: SupplierModel | null;
  readonly procedureHref: string;
}

export interface FailureModel {
  readonly check: string;
  readonly target: string;
  readonly reason: string;
  readonly message: string;
  /** The language of the message: what a library says has no other than English. */
  readonly messageLang: string;
  /** Which places see it so, where they differ. */
  readonly seen: string;
  readonly since: Moment;
  readonly count: string;
  readonly runbook: string;
  readonly runbookHref: string;
}

export interface SupplierModel extends Contact {
  readonly notes: string;
  readonly contract: string;
}

/** Broken services, of all or of some, what is down before what is degraded, then the oldest first. */
export function brokenModels(
  material: Material,
  of: readonly InventoryService[] = Object.values(material.inventory.services),
): BrokenModel[] {
  const { inventory, view } = material;
  return of
    .filter(({ active }) => active)
    .flatMap((service) => {
      const status = serviceStatus(inventory, service, view);
      if (status !== "down" && status !== "degraded") return [];
      return { service, status, since: brokenSince(inventory, service, view) };
    })
    .filter(({ since }) => since !== undefined)
    .sort((a, b) => Number(b.status === "down") - Number(a.status === "down") || a.since! - b.since!)
    .map(({ service, status, since }) => brokenModel(service, status, since!, material));
}

function brokenModel(service: InventoryService, status: ServiceStatus, since: number, material: Material): BrokenModel {
  const { inventory, people, view, lang, w, format } = material;
  const owner = roleContact(inventory, people, service.owner, lang)!;
  const guilty = ancestorsOf(inventory, service).filter(
    (id) => serviceStatus(inventory, inventory.services[id]!, view) === "down",
  );
  const failed = failing(inventory, service, view);
  const others = Math.max(0, failed.length - 1);
  return {
    id: service.id,
    name: service.name[lang],
    purpose: service.purpose[lang],
    status,
    words: w.status.service[status],
    since: moment(since, view.now, format),
    howLong: format.length((view.now - since) / 1000),
    because:
      guilty.length === 0 ? "" : w.oncall.because(format.list(guilty.map((id) => inventory.services[id]!.name[lang]))),
    failures: failed.map((state) => failureModel(inventory.checks[state.check], state, material)),
    others,
    more: capital(w.oncall.more(others)),
    owner,
    level2: roleContact(inventory, people, inventory.roles[service.owner]?.escalatesTo, lang) ?? null,
    supplier: supplierModel(service, material),
    procedureHref: runbookHref(service.runbook, service.id, lang),
  };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Which places see it down and which do not, where they do not agree. */
export function seenWords(state: CheckState | undefined, { inventory, lang, w, format }: Material): string {
  if (state?.seen === undefined) return "";
  const from = (status: "up" | "down"): string =>
    format.list(
      state
        .seen!.filter((place) => place.status === status)
        .map(({ vantage }) =>
          vantage === undefined ? w.oncall.here : (inventory.services[vantage]?.name[lang] ?? vantage),
        ),
    );
  return plainText(w.oncall.seen(from("down"), from("up")));
}

/** What a check found, as pages and runbooks show it. */
export function messageWords(state: CheckState, lang: string, longest?: number) {
  const { text, lang: messageLang } = findingWords(state.lastRun?.message ?? "", lang);
  return { message: plainText(text, longest), messageLang };
}

function failureModel(check: Check | undefined, state: CheckState, material: Material): FailureModel {
  const { lang, view, w, format } = material;
  const alert = alertOf(check ?? { kind: "" }, state.lastRun?.reason);
  return {
    check: state.check,
    target: plainText(check?.target ?? "", LONGEST_TARGET),
    reason: reasonWords(reasonFor(state), lang),
    ...messageWords(state, lang),
    seen: [seenWords(state, material), state.flapping ? w.oncall.flapping : ""].filter(Boolean).join(" ; "),
    since: moment(state.since, view.now, format),
    count: w.oncall.failures(state.consecutiveFailures),
    runbook: alert,
    runbookHref: runbookHref(alert, state.check.split("/")[0]!, lang),
  };
}

const LONGEST_TARGET = 200;

/** Who to call about a service that somebody else runs, or about the machine that ours runs on. */
export function supplierModel({ delivery }: InventoryService, { inventory }: Material): SupplierModel | null {
  const id =
    delivery.by === "supplier"
      ? delivery.supplier
      : delivery.by === "us"
        ? inventory.hosts[delivery.host]?.supplier
        : undefined;
  const supplier = id === undefined ? undefined : inventory.suppliers[id];
  if (supplier === undefined) return null;
  return {
    ...contact({ name: supplier.name, ...supplier.contact }),
    notes: supplier.contact.notes ?? "",
    contract: supplier.contract ?? "",
  };
}

/** Where a runbook is read, with a service's own values. */
export const runbookHref = (name: string, service: string, lang: string): string =>
  `/runbooks/${encodeURIComponent(name)}?${new URLSearchParams({ service, lang })}`;
