import { buildInventory, type Inventory, loadVocabulary, type People } from "../../association/index.ts";
import demo from "../../associations/tilleuls/index.ts";
import { type CheckState, DAYS_SHOWN, type DayBar, type LookoutView, type Run } from "../../dashboards/view.ts";

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
