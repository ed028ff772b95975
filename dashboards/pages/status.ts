import type { Inventory, InventoryService } from "../../association/index.ts";
import { BARS_HEIGHT, BARS_WIDTH, type Bars, drawBars } from "../bars.ts";
import { safeUrl } from "../clean.ts";
import { type Frame, frame } from "../frame.ts";
import { once } from "../once.ts";
import {
  brokenSince,
  type LookoutView,
  lastRunAt,
  type OverallStatus,
  overallStatus,
  type ServiceStatus,
  serviceStatus,
  type Told,
  toldOf,
  toldStatus,
  uptime,
} from "../view.ts";
import type { Lang } from "../words/index.ts";
import {
  type IncidentModel,
  incidentModel,
  publicIncidents,
  publicWorks,
  type WorkModel,
  workModel,
} from "./incidents.ts";
import { type Moment, moment, type Tongue, tongueOf } from "./material.ts";

export interface StatusModel {
  readonly frame: Frame;
  readonly overall: {
    readonly status: OverallStatus;
    readonly headline: string;
    readonly sentence: string;
    /** What is down, or not as it should be, by name; nothing where all or none is. */
    readonly names: string;
  };
  readonly updated: (Moment & { readonly stale: boolean }) | null;
  readonly teams: readonly { readonly id: string; readonly name: string; readonly services: readonly ServiceModel[] }[];
  /** Incidents going on, and those of the last days. */
  readonly open: readonly IncidentModel[];
  readonly recent: readonly IncidentModel[];
  readonly works: readonly WorkModel[];
  readonly contact: { readonly text: string; readonly href: string; readonly address: string };
}

/** What words about services need. */
type Input = Tongue & { readonly inventory: Inventory; readonly view: LookoutView };

export interface ServiceModel {
  readonly id: string;
  readonly name: string;
  readonly purpose: string;
  readonly url: string;
  readonly detailsHref: string;
  readonly details: string;
  readonly status: ServiceStatus;
  readonly words: string;
  readonly since: string;
  readonly uptime: string;
  readonly bars: Bars["paths"];
  readonly barsLabel: string;
  readonly outagesLabel: string;
  readonly outages: readonly string[];
  readonly box: { readonly width: number; readonly height: number };
  /** What is the same in every service's piece of the page. */
  readonly from: string;
  readonly to: string;
  readonly more: string;
}

/** Pages older than this are shown with a warning: the lookout, or what is between it and the reader, has stopped. */
const STALE_AFTER_MS = 15 * 60_000;

/** Incidents resolved longer ago than this are on their own page only. */
const RECENT_MS = 14 * 86_400_000;
const RECENT_LISTED = 5;

const BOX = { width: BARS_WIDTH, height: BARS_HEIGHT };

/** Days of outages listed in words below the bars. */
const OUTAGES_LISTED = 10;

/**
 * What everybody may see: public services in production, by team, in plain words. No person, no address of a machine,
 * no error message, no container.
 */
export function statusModel(inventory: Inventory, view: LookoutView, lang: Lang): StatusModel {
  const tongue = tongueOf(lang, inventory);
  const { w, format } = tongue;
  const shown = shownIn(inventory);
  const told = toldOf(view);
  const statuses = new Map(shown.map((service) => [service.id, toldStatus(inventory, service, view, told)]));
  const overall = overallStatus([...statuses.values()]);
  const named = (status: ServiceStatus): string =>
    format.list(
      shown
        .filter(({ id }) => statuses.get(id) === status)
        .map(({ name }) => name[lang])
        .sort(format.compare),
    );
  const last = lastRunAt(view);
  const role = inventory.roles[inventory.association.contact];
  const input = { inventory, view, ...tongue };
  const incidents = publicIncidents(input);
  return {
    frame: frame(inventory, lang, { title: w.status.title }),
    overall: {
      status: overall,
      headline: w.status.overall[overall],
      sentence: w.status.sentence[overall],
      names:
        overall === "partial"
          ? w.status.named.partial(named("down"))
          : overall === "degraded" || overall === "maintenance"
            ? w.status.named[overall](named(overall))
            : "",
    },
    updated: last === undefined ? null : { ...moment(last, view.now, format), stale: view.now - last > STALE_AFTER_MS },
    teams: teamsOf(inventory, tongue).map(({ id, name, services }) => ({
      id,
      name,
      services: services.map((service) => serviceModel(service, statuses.get(service.id)!, told, input)),
    })),
    open: incidents.filter(({ resolved }) => resolved === undefined).map((one) => incidentModel(one, input)),
    recent: incidents
      .filter(({ resolved }) => resolved !== undefined && resolved > view.now - RECENT_MS)
      .slice(0, RECENT_LISTED)
      .map((one) => incidentModel(one, input)),
    works: publicWorks(input).map((work) => workModel(work, input)),
    contact: {
      text: role === undefined ? "" : (role.address ? w.status.writeTo : w.status.askRole)(role.title[lang]),
      href: role?.address ? `mailto:${encodeURIComponent(role.address).replace("%40", "@")}` : "",
      address: role?.address ?? "",
    },
  };
}

/** Public services in production. */
const shownIn = ({ services }: Inventory): InventoryService[] =>
  Object.values(services).filter(({ active, audience }) => active && audience === "public");

/** Teams that have a public service, and these, by name. */
const teamsOf = once((inventory: Inventory, { lang, format }: Tongue) => {
  const byTeam = Map.groupBy(shownIn(inventory), ({ team }) => team);
  return Object.entries(inventory.teams)
    .flatMap(([id, team]) => {
      const services = byTeam.get(id);
      return services === undefined
        ? []
        : [
            {
              id,
              name: team.name[lang],
              services: services.sort((a, b) => format.compare(a.name[lang], b.name[lang])),
            },
          ];
    })
    .sort((a, b) => format.compare(a.name, b.name));
});

/** What is always the same of a service. */
const factsOf = once((service: InventoryService, { lang, w }: Tongue) => {
  const name = service.name[lang];
  return {
    id: service.id,
    name,
    purpose: service.purpose[lang],
    url: safeUrl(service.url),
    detailsHref: `/status/${service.id}?lang=${lang}`,
    details: w.site.service.detailsOf(name),
  };
});

/** Days in words and as a drawing: the same until what they show changes. */
const historyOf = once(({ paths, known, outages }: Bars, { w, format }: Tongue) => ({
  bars: paths,
  barsLabel: known === 0 ? w.status.noBars : w.status.bars(known, outages.length),
  outagesLabel: w.status.outages(outages.length),
  outages: outages
    .slice(0, OUTAGES_LISTED)
    .map(({ day, down }) => w.status.outage(format.day(day), format.length(down))),
}));

function serviceModel(service: InventoryService, status: ServiceStatus, told: Told, input: Input): ServiceModel {
  const { view, w, format } = input;
  const days = view.days[service.id] ?? [];
  const bars = drawBars(days);
  const share = uptime(days);
  return {
    ...factsOf(service, input),
    status,
    words: w.status.service[status],
    since: sinceWords(service, status, told, input),
    uptime: share === undefined ? w.status.noHistory : w.status.uptime(format.percent(share), bars.known),
    ...historyOf(bars, input),
    box: BOX,
    from: w.status.from,
    to: w.status.to,
    more: w.site.service.details,
  };
}

function sinceWords(
  service: InventoryService,
  status: ServiceStatus,
  told: Told,
  { inventory, view, w, format }: Input,
): string {
  if (status === "maintenance") return w.status.until(format.moment(view.maintenance![service.id]!.until, view.now));
  const since = status === "down" ? downSince(service, told, { inventory, view }) : undefined;
  if (since === undefined) return "";
  return w.status.since(format.moment(since, view.now), format.length((view.now - since) / 1000));
}

/** By its checks, or by what somebody wrote where they see nothing. */
const downSince = (service: InventoryService, told: Told, { inventory, view }: Pick<Input, "inventory" | "view">) =>
  serviceStatus(inventory, service, view) === "down"
    ? brokenSince(inventory, service, view)
    : told.get(service.id)?.since;
