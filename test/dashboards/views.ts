import { buildInventory, type Inventory, loadVocabulary, type People } from "../../association/index.ts";
import demo from "../../associations/tilleuls/index.ts";
import type { Incident } from "../../dashboards/incident.ts";
import {
  type Announced,
  type CheckState,
  DAYS_SHOWN,
  type DayBar,
  type Latency,
  type LatencyPoint,
  type LookoutView,
  type Run,
} from "../../dashboards/view.ts";

/** 10 March 2026, 14:05 in Paris. */
export const NOW = Date.UTC(2026, 2, 10, 13, 5);

const MINUTE = 60_000;
const DAY_MS = 86_400_000;

/** The demo association, as deployed. */
export async function demoInventory(): Promise<{ inventory: Inventory; people: People }> {
  return buildInventory(demo, await loadVocabulary(), { prefix: "tilleuls-demo", portOffset: 0 });
}

/** How a made-up view departs from "all is well". */
export interface Departures {
  /** Checks that are down, with their last run. */
  readonly down?: Readonly<Record<string, Partial<Run> & { since?: number }>>;
  readonly maintenance?: LookoutView["maintenance"];
  readonly problems?: readonly string[];
  readonly incidents?: LookoutView["incidents"];
  readonly works?: LookoutView["announced"];
  /** Milliseconds by which everything is older. */
  readonly late?: number;
}

/** A view in which everything that is not said to be otherwise works. */
export function viewOf(inventory: Inventory, departures: Departures = {}): LookoutView {
  const late = departures.late ?? 0;
  return {
    now: NOW,
    startedAt: NOW - 20 * DAY_MS,
    states: Object.fromEntries(
      Object.values(inventory.checks).map((check) => [
        check.id,
        stateOf(check.id, check.kind, inventory, departures.down?.[check.id], late),
      ]),
    ),
    days: Object.fromEntries(Object.keys(inventory.services).map((id, index) => [id, daysOf(index)])),
    ...(departures.maintenance ? { maintenance: departures.maintenance } : {}),
    problems: departures.problems ?? [],
    incidents: departures.incidents ?? [],
    announced: departures.works ?? [],
    latency: latencyOf,
  };
}

/** Nothing has been run yet. */
export const emptyView: LookoutView = { now: NOW, startedAt: NOW - MINUTE, states: {}, days: {}, problems: [] };

/** Every check of the inventory as down, for the worst of days. */
export const everythingDown = (inventory: Inventory): Departures["down"] =>
  Object.fromEntries(
    Object.keys(inventory.checks).map((id, index) => [
      id,
      { reason: "unreachable", message: "no route to host", since: NOW - (index + 3) * MINUTE },
    ]),
  );

function stateOf(
  id: string,
  kind: string,
  inventory: Inventory,
  down: (Partial<Run> & { since?: number }) | undefined,
  late: number,
): CheckState {
  const { since, ...run } = down ?? {};
  const at = NOW - 20_000 - late;
  return {
    check: id,
    status: down ? "down" : "up",
    since: since ?? (down ? NOW - 25 * MINUTE : NOW - 6 * DAY_MS),
    consecutiveFailures: down ? 4 : 0,
    lastSuccess: down ? NOW - 26 * MINUTE : at,
    lastRun: { at, ok: !down, seconds: 0.043, measures: measuresOf(id, kind, inventory), ...run },
  };
}

function measuresOf(id: string, kind: string, { checks, services }: Inventory): Record<string, number> {
  if (kind === "tls") return { certificate_expiry_timestamp_seconds: NOW / 1000 + 61 * 86_400 };
  if (kind === "backup-integrity")
    return { verified_timestamp_seconds: NOW / 1000 - 7200, data_read_ratio: 0.9, key_usable: 1 };
  if (kind !== "backup") return {};
  return Object.fromEntries(
    Object.keys(services[checks[id]!.service]!.volumes).flatMap((volume, index) => [
      [`last_snapshot_timestamp_seconds/${volume}`, NOW / 1000 - (index + 2) * 3600],
      [`snapshot_size_bytes/${volume}`, (index + 1) * 1.34e9],
      [`snapshot_files/${volume}`, (index + 1) * 12_340],
    ]),
  );
}

/** Ninety days, with an outage here and there that depends on the service; some services are newer. */
function daysOf(index: number): DayBar[] {
  const length = index % 4 === 3 ? 33 : DAYS_SHOWN;
  return Array.from({ length }, (_, position) => {
    const ago = length - 1 - position;
    const day = new Date(NOW - ago * DAY_MS).toISOString().slice(0, 10);
    const bad = (ago * 7 + index * 13) % 41 === 5;
    const down = bad ? (index % 2 === 0 ? 1500 : 5400) : 0;
    return { day, total: 2880, good: 2880 - Math.round(down / 30), down };
  });
}

/** Incidents of both kinds, open and resolved; with a text of one's own in place of what people wrote. */
export function incidentsOf(text?: string): Incident[] {
  const said = (fr: string, en: string) => (text === undefined ? { fr, en } : { fr: text, en: text });
  return [
    {
      id: "auto-wiki-1",
      by: "lookout",
      services: ["wiki"],
      severity: "major",
      started: NOW - 25 * MINUTE,
      detected: NOW - 24 * MINUTE,
      acknowledged: { at: NOW - 12 * MINUTE, by: "karim-benali" },
      updates: [
        {
          at: NOW - 24 * MINUTE,
          status: "investigating",
          fact: { what: "detected", service: "wiki", reason: text ?? "wrong-status" },
        },
        { at: NOW - 12 * MINUTE, status: "investigating", fact: { what: "acknowledged" } },
      ],
    },
    {
      id: "2026-03-02-shop-offline",
      by: "hand",
      title: said("La caisse hors ligne un samedi", "The till offline on a Saturday"),
      services: ["till", "internet"],
      severity: "critical",
      started: NOW - 8 * DAY_MS,
      detected: NOW - 8 * DAY_MS + 2 * MINUTE,
      resolved: NOW - 8 * DAY_MS + 95 * MINUTE,
      updates: [
        {
          at: NOW - 8 * DAY_MS + 10 * MINUTE,
          status: "identified",
          text: said("La box du local est coupée.", "The premises' box is off."),
        },
        {
          at: NOW - 8 * DAY_MS + 95 * MINUTE,
          status: "resolved",
          text: said("La box est remplacée.", "The box was replaced."),
        },
      ],
      postmortem: said(
        "## Ce qui s'est passé\n\nUn orage a coupé la box.\n\n- Un onduleur est commandé.",
        "## What happened\n\nA storm cut the box off.\n\n- An UPS is ordered.",
      ),
    },
    {
      id: "auto-prometheus-1",
      by: "lookout",
      services: ["prometheus"],
      severity: "minor",
      started: NOW - 3 * DAY_MS,
      resolved: NOW - 3 * DAY_MS + 9 * MINUTE,
      updates: [
        {
          at: NOW - 3 * DAY_MS,
          status: "investigating",
          fact: { what: "detected", service: "prometheus", reason: "timeout" },
        },
      ],
    },
  ];
}

/** Work going on and announced. */
export const worksOf = (text?: string): Announced[] => [
  {
    window: "forms-upgrade",
    title: { fr: text ?? "Nouvelle version des formulaires", en: text ?? "New version of the forms" },
    services: ["forms"],
    from: NOW - 20 * MINUTE,
    until: NOW + 60 * MINUTE,
  },
  {
    window: "disk",
    title: { fr: text ?? "Remplacement d'un disque", en: text ?? "A disk is replaced" },
    services: ["nas", "wiki"],
    from: NOW + 3 * DAY_MS,
    until: NOW + 4 * DAY_MS,
  },
];

/** A day of response times with a bad hour in it. */
function latencyOf(check: string): Latency {
  const points = Array.from({ length: 96 }, (_, index): LatencyPoint => {
    const slow = index > 60 && index < 66 ? 6 : 1;
    const p50 = (0.02 + 0.01 * Math.sin(index / 9) + (check.length % 5) / 100) * slow;
    const at = NOW - (95 - index) * 15 * MINUTE;
    return { at, seconds: 900, p50, p95: p50 * 1.8, p99: p50 * 2.6, good: slow > 1 ? 13 : 15, total: 15 };
  });
  return {
    points,
    whole: { at: points[0]!.at, seconds: 86_400, good: 1430, total: 1440, p50: 0.03, p95: 0.05, p99: 0.21 },
  };
}

/** The demo on a day with something of everything: an outage, incidents, announced work. */
export async function demoInTrouble(): Promise<{ inventory: Inventory; people: People; view: LookoutView }> {
  const { inventory, people } = await demoInventory();
  const view = viewOf(inventory, {
    down: { "wiki/http": { reason: "wrong-status", message: "detail-of-the-failure" } },
    incidents: incidentsOf(),
    works: worksOf(),
  });
  return { inventory, people, view };
}
