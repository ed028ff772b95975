import type { Inventory, InventoryService, People } from "../association/index.ts";
import { safeUrl } from "../dashboards/clean.ts";
import { childrenOf, parentsOf } from "../dashboards/dependencies.ts";
import { type Format, formats } from "../dashboards/format.ts";
import { messageWords, type SupplierModel, supplierModel } from "../dashboards/pages/broken.ts";
import { type Moment, moment } from "../dashboards/pages/material.ts";
import { type RoleContact, roleContact } from "../dashboards/people.ts";
import { failing, type LookoutView, reasonFor, type ServiceStatus, serviceStatus } from "../dashboards/view.ts";
import { type Lang, reasonWords, type Words, words } from "../dashboards/words/index.ts";
import { type Place, type Push, placeOf, placeWith, probeCommand, pushesOf, shellWord } from "./commands.ts";

/** What a runbook is made of. */
export interface RunbookInput {
  readonly inventory: Inventory;
  /** Names and telephone numbers: runbooks are internal pages. */
  readonly people: People;
  readonly view: LookoutView;
  /** The service it is read for; without one, commands hold words in capitals to be replaced. */
  readonly service?: string;
  readonly lang: Lang;
}

/** Every value that a runbook may name. All are there whatever the service: templates are strict. */
export interface RunbookModel extends Place {
  readonly service: Readonly<Record<"id" | "name" | "purpose" | "url" | "hostname", string>>;
  /** Whether it runs on our machines. */
  readonly ours: boolean;
  readonly host: Readonly<Record<"name" | "address", string>>;
  /** Ports opened on the host, by the names of the kinds that runbooks are written for. */
  readonly ports: Readonly<Record<"smb" | "http" | "https", string>>;
  readonly probe: string;
  /** Jobs that report by themselves: what they call, and where the token is that they show. */
  readonly pushes: readonly Push[];
  readonly supplier: (SupplierModel & { readonly website: string }) | null;
  readonly project: { readonly gate: string; readonly next: string } | null;
  readonly backup: { readonly rpo: string; readonly rto: string } | null;
  /** Why there is no backup. */
  readonly noBackup: string;
  /** Jobs of the backup program that cover the service. */
  readonly jobs: readonly string[];
  /** What to type to put each volume back. */
  readonly restores: readonly { readonly command: string }[];
  /** Volumes that hold nothing to keep. */
  readonly data: readonly { readonly volume: string }[];
  readonly proxy: Place;
  readonly backups: Place;
  readonly repository: Place;
  readonly lookout: Place;
  readonly metrics: Place;
  readonly alerts: Place;
  readonly mail: Place;
  /** The three that watch. */
  readonly monitoring: readonly Place[];
}

/** What the box beside a runbook shows: the service as it is now. */
export interface Facts {
  readonly frame: { readonly w: Words; readonly lang: Lang };
  readonly name: string;
  readonly status: ServiceStatus;
  readonly words: string;
  readonly failures: readonly {
    readonly check: string;
    readonly reason: string;
    readonly message: string;
    readonly messageLang: string;
    readonly since: Moment;
  }[];
  readonly host: string;
  readonly container: string;
  readonly owner: RoleContact;
  readonly level2: RoleContact | null;
  readonly supplier: SupplierModel | null;
  readonly parents: string;
  readonly children: string;
  readonly promise: string;
}

/** The values of a runbook for one service, or for none in particular. */
export function runbookModel(input: RunbookInput, service: InventoryService | undefined): RunbookModel {
  const { inventory, lang, view } = input;
  const w = words[lang];
  const format = formats(lang, inventory.association.timeZone);
  const blank = w.runbook.placeholders;
  const delivery = service?.delivery;
  const host = delivery?.by === "us" ? inventory.hosts[delivery.host] : undefined;
  const near = (ability: InventoryService["provides"][number]): Place =>
    placeWith(inventory, ability, service, blank.container);
  const [lookout, metrics, alerts] = [near("lookout"), near("metrics"), near("alerts")];
  const supplier = service ? supplierModel(service, material(input, format)) : null;
  const own = delivery?.by === "supplier" ? inventory.suppliers[delivery.supplier] : undefined;
  return {
    ...placeOf(inventory, service, blank.container),
    service: {
      id: service?.id ?? blank.id,
      name: service?.name[lang] ?? blank.service,
      purpose: withoutStop(service?.purpose[lang] ?? blank.purpose),
      url: safeUrl(service?.url) || blank.url,
      hostname: shellWord(service?.hostname ?? hostOf(service?.url) ?? blank.hostname),
    },
    ours: delivery === undefined || delivery.by === "us",
    host: { name: host?.name[lang] ?? blank.host, address: shellWord(host?.address ?? blank.address) },
    ports: {
      smb: portOf(service, "smb", blank),
      http: portOf(service, "http", blank),
      https: portOf(service, "https", blank),
    },
    probe: probeCommand(
      inventory,
      service?.id ?? blank.id,
      checkToProbe(inventory, service, view) ?? blank.check,
      blank.container,
    ),
    pushes: service === undefined ? [] : pushesOf(inventory, service, blank.container),
    supplier: supplier && delivery?.by === "supplier" ? { ...supplier, website: safeUrl(own?.website) } : null,
    project: delivery?.by === "project" ? { gate: w.oncall.gates[delivery.gate], next: delivery.next[lang] } : null,
    backup: promiseOf(service, format),
    noBackup: service && "none" in service.backup ? withoutStop(service.backup.none) : w.runbook.noBackup,
    jobs: volumesOf(service, true).map(([name]) => shellWord(`${service!.id}-${name}`)),
    restores: volumesOf(service, true).map(([, { name }]) => ({
      command: restoreCommand(near("backup"), placeOf(inventory, service, blank.container), name),
    })),
    data: volumesOf(service, false).map(([, { name }]) => ({ volume: shellWord(name) })),
    proxy: near("proxy"),
    backups: near("backup"),
    repository: near("backup-repository"),
    lookout,
    metrics,
    alerts,
    mail: near("mail"),
    monitoring: [lookout, metrics, alerts],
  };
}

/** The box beside the runbook of a service. */
export function factsOf(input: RunbookInput, service: InventoryService): Facts {
  const { inventory, people, view, lang } = input;
  const w = words[lang];
  const format = formats(lang, inventory.association.timeZone);
  const status = serviceStatus(inventory, service, view);
  const host = service.delivery.by === "us" ? inventory.hosts[service.delivery.host] : undefined;
  const names = (ids: readonly string[]): string =>
    ids.length === 0 ? "" : format.list(ids.map((id) => inventory.services[id]?.name[lang] ?? id));
  const promise = promiseOf(service, format);
  return {
    frame: { w, lang },
    name: service.name[lang],
    status,
    words: w.status.service[status],
    failures: failing(inventory, service, view).map((state) => ({
      check: state.check,
      reason: reasonWords(reasonFor(state), lang),
      ...messageWords(state, lang),
      since: moment(state.since, view.now, format),
    })),
    host: host ? `${host.name[lang]} (${host.address})` : "",
    container: service.container ?? "",
    owner: roleContact(inventory, people, service.owner, lang)!,
    level2: roleContact(inventory, people, inventory.roles[service.owner]?.escalatesTo, lang) ?? null,
    supplier: supplierModel(service, material(input, format)),
    parents: names(parentsOf(inventory, service)),
    children: names(childrenOf(inventory, service.id)),
    promise: promise === null ? "" : w.runbook.rpoRto(promise.rpo, promise.rto),
  };
}

const material = ({ inventory, people, view, lang }: RunbookInput, format: Format) => ({
  inventory,
  people,
  view,
  lang,
  w: words[lang],
  format,
});

/** The check to explain: one that fails, else the first that looks at the service as a member does. */
function checkToProbe(
  inventory: Inventory,
  service: InventoryService | undefined,
  view: LookoutView,
): string | undefined {
  if (service === undefined) return undefined;
  const own = service.checks.flatMap((id) => inventory.checks[id] ?? []);
  const chosen =
    failing(inventory, service, view)[0]?.check ?? own.find(({ origin }) => origin === "declared")?.id ?? own[0]?.id;
  return chosen?.slice(service.id.length + 1);
}

const promiseOf = (service: InventoryService | undefined, format: Format) =>
  service === undefined || "none" in service.backup || service.delivery.by !== "us"
    ? null
    : { rpo: format.length(service.backup.rpo), rto: format.length(service.backup.rto) };

const volumesOf = (service: InventoryService | undefined, backup: boolean) =>
  Object.entries(service?.volumes ?? {}).filter(
    ([, volume]) => (volume.backup && !("none" in service!.backup)) === backup,
  );

/** Snapshots hold a volume under `/data/`, its name on the engine; an archive keeps owners and rights. */
function restoreCommand(backups: Place, place: Place, volume: string): string {
  const path = shellWord(`/data/${volume}`);
  return `${backups.docker} exec ${backups.container} vigie-backup dump SNAPSHOT --path ${path} | ${place.docker} run --rm --interactive --volume ${shellWord(volume)}:${path} debian:trixie-slim tar --extract --same-owner --directory /`;
}

const portOf = (service: InventoryService | undefined, name: string, { port }: { port: string }): string =>
  String(service?.ports[name]?.published ?? port);

const hostOf = (url: string | undefined): string | undefined =>
  url !== undefined && URL.canParse(url) ? new URL(url).hostname : undefined;

/** Purposes and reasons are put into sentences of the runbooks. */
const withoutStop = (text: string): string => text.replace(/[.\s]+$/, "");
