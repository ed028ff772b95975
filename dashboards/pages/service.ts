import type { Inventory, InventoryService } from "../../association/index.ts";
import { BARS_HEIGHT, BARS_WIDTH, drawBars } from "../bars.ts";
import { CHART_HEIGHT, CHART_WIDTH, drawChart } from "../chart.ts";
import { safeUrl } from "../clean.ts";
import { childrenOf, parentsOf } from "../dependencies.ts";
import { byUrgency } from "../incident.ts";
import { paid } from "../money.ts";
import { roleContact } from "../people.ts";
import { cronWords } from "../schedule.ts";
import { toldStatus, uptime } from "../view.ts";
import { brokenModels, runbookHref, supplierModel } from "./broken.ts";
import { incidentModel, isPublic, workModel } from "./incidents.ts";
import type { Material } from "./material.ts";
import { backupRows, checkRows } from "./tables.ts";

/** What words about a service need; people are not among it. */
type Input = Omit<Material, "people">;

/** What everybody may know of a service. */
export function publicFacts(service: InventoryService, input: Input) {
  const { inventory, view, lang, w, format } = input;
  const status = toldStatus(inventory, service, view);
  const days = view.days[service.id] ?? [];
  const { paths, known, outages } = drawBars(days);
  const share = uptime(days);
  return {
    id: service.id,
    name: service.name[lang],
    purpose: service.purpose[lang],
    url: safeUrl(service.url),
    status,
    words: w.status.service[status],
    bars: paths,
    barsLabel: known === 0 ? w.status.noBars : w.status.bars(known, outages.length),
    uptime: share === undefined ? w.status.noHistory : w.status.uptime(format.percent(share), known),
    outages: outages.slice(0, 30).map(({ day, down }) => w.status.outage(format.day(day), format.length(down))),
    box: { width: BARS_WIDTH, height: BARS_HEIGHT },
    privacy: privacyFacts(service, input),
    badge: `/badges/${service.id}.svg?lang=${lang}`,
  };
}

/** Incidents and work of a service, in words. */
export function eventsOf({ id }: InventoryService, input: Input, internal: boolean) {
  const { view, inventory } = input;
  return {
    incidents: byUrgency(view.incidents ?? [])
      .filter(({ services }) => services.includes(id) && (internal || isPublic(inventory, services)))
      .slice(0, 20)
      .map((incident) => incidentModel(incident, input, internal)),
    works: (view.announced ?? [])
      .filter(({ services, until }) => services.includes(id) && until > view.now)
      .map((work) => workModel(work, input, internal)),
  };
}

/** What is told to the people concerned (GDPR articles 13 and 30); null where there is nothing of theirs. */
function privacyFacts({ privacy }: InventoryService, { inventory, lang, w, format }: Input) {
  if ("none" in privacy) return null;
  const { registers } = w.site;
  return {
    purpose: privacy.purpose[lang],
    data: privacy.data.map((one) => one[lang]).join(w.site.service.between),
    subjects: privacy.subjects.map((one) => one[lang]).join(w.site.service.between),
    basis: registers.privacy.bases[privacy.legalBasis],
    kept: format.length(privacy.retention),
    recipients:
      privacy.recipients.length === 0
        ? registers.privacy.nobody
        : format.list(privacy.recipients.map((id) => inventory.suppliers[id]?.name ?? id)),
  };
}

/** A service among those that it needs, or that need it. */
interface Branch {
  readonly name: string;
  readonly href: string;
  readonly status: string;
  readonly words: string;
  readonly branches: readonly Branch[];
}

/** A chain longer than this is shown up to here. */
const DEEPEST = 5;

function tree(
  id: string,
  next: (inventory: Inventory, service: InventoryService) => readonly string[],
  input: Material,
  above: readonly string[] = [],
): Branch[] {
  const { inventory, view, lang, w } = input;
  const service = inventory.services[id];
  if (service === undefined || above.length >= DEEPEST) return [];
  return next(inventory, service)
    .filter((other) => !above.includes(other) && other !== id)
    .map((other) => {
      const found = inventory.services[other]!;
      const status = toldStatus(inventory, found, view);
      return {
        name: found.name[lang],
        href: serviceHref(other, lang),
        status,
        words: w.status.service[status],
        branches: tree(other, next, input, [...above, id]),
      };
    });
}

export const serviceHref = (id: string, lang: string): string => `/services/${encodeURIComponent(id)}?lang=${lang}`;

const DAY_MS = 86_400_000;

function charts(service: InventoryService, { inventory, view, w, format }: Material) {
  return service.checks.flatMap((id) => {
    const latency = view.latency?.(id);
    const chart = latency && drawChart(latency.points, view.now - DAY_MS, view.now);
    if (chart === undefined || latency === undefined || inventory.checks[id] === undefined) return [];
    const { p50 = 0, p95 = 0, p99 = 0, good, total } = latency.whole;
    return {
      ...chart,
      check: id,
      label: w.site.service.latencyOf(id),
      text: w.site.service.latencyText(format.fine(p50), format.fine(p95), format.fine(p99)),
      failedText: good === total ? "" : w.site.service.failedRuns(total - good),
      topText: format.fine(chart.top),
    };
  });
}

/** Everything that volunteers may know of a service. */
export function internalFacts(service: InventoryService, input: Material) {
  const { inventory, people, view, lang, w, format } = input;
  const host = service.delivery.by === "us" ? inventory.hosts[service.delivery.host] : undefined;
  const backup = "none" in service.backup ? undefined : service.backup;
  const { keptWords, every } = w.site.service;
  return {
    ...publicFacts(service, input),
    ...eventsOf(service, input, true),
    broken: brokenModels(input, [service])[0] ?? null,
    watched: service.checks.length > 0,
    delivery: w.site.service.delivery[service.delivery.by],
    host: host ? `${host.name[lang]} (${host.address})` : "",
    container: service.container ?? "",
    project: service.delivery.by === "project" ? service.delivery.next[lang] : "",
    owner: roleContact(inventory, people, service.owner, lang)!,
    level2: roleContact(inventory, people, inventory.roles[service.owner]?.escalatesTo, lang) ?? null,
    supplier: supplierModel(service, input),
    team: inventory.teams[service.team]?.name[lang] ?? "",
    needs: service.needs.join(", "),
    parents: tree(service.id, parentsOf, input),
    children: tree(service.id, (all, { id }) => childrenOf(all, id), input),
    charts: charts(service, input),
    chartBox: { width: CHART_WIDTH, height: CHART_HEIGHT },
    checks: checkRows(input, service),
    backups: backupRows(input).filter((row) => row.service === service.name[lang]),
    policy:
      backup === undefined || service.delivery.by !== "us"
        ? null
        : {
            when:
              "cron" in backup.schedule
                ? cronWords(backup.schedule.cron, w)
                : every(format.length(backup.schedule.everySeconds)),
            keep: keptWords(backup.keep.daily, backup.keep.weekly, backup.keep.monthly, backup.keep.yearly),
            rpoRto: w.runbook.rpoRto(format.length(backup.rpo), format.length(backup.rto)),
          },
    noBackup: "none" in service.backup ? service.backup.none : "",
    cost: service.cost ? paid(service.cost, { w, format }) : "",
    noPrivacy: "none" in service.privacy ? service.privacy.none : "",
    procedureHref: runbookHref(service.runbook, service.id, lang),
    now: view.now,
  };
}
