import {
  type Draft,
  type DraftWindow,
  duration,
  type Fields,
  ImportError,
  type Imported,
  isFields,
  Losses,
  listOf,
  numberOf,
  textOf,
} from "./draft.ts";
import { readJson } from "./read.ts";
import { kumaTimes } from "./uptime-kuma-maintenance.ts";
import { isSet, TYPES } from "./uptime-kuma-monitors.ts";

/** Sections of a backup besides the monitors, and where they went. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  notificationList: "alerts go to the role that owns a service: Alertmanager is configured from the declaration",
  proxyList: "the lookout asks directly",
  statusPageList: "there is one public page, made from the declaration",
  dockerHostList: "each host of the declaration has its gate",
  tagList: "services belong to teams",
};

/**
 * A backup of Uptime Kuma 1 (Settings, Backup), what its database holds, or a list of monitors as its API gives it.
 * @throws ImportError where it is none
 */
export function importUptimeKuma(text: string, name: string, now = Date.now()): Imported {
  const backup = readJson(text, name);
  const monitors = isFields(backup) ? (backup.monitorList ?? backup.monitors ?? byId(backup)) : backup;
  const list = isFields(monitors) ? Object.values(monitors) : monitors;
  if (isFields(backup) && /mariadb/.test(String(backup.type)))
    throw new ImportError(`${name}: its monitors are in MariaDB, which is not read: give them as its API lists them`);
  if (!Array.isArray(list)) throw new ImportError(`${name}: expected a backup of Uptime Kuma, with \`monitorList\``);
  if (list.length === 0) throw new ImportError(`${name}: no monitors in it`);
  const losses = new Losses();
  if (isFields(backup))
    for (const [key, why] of Object.entries(ELSEWHERE))
      if (listOf(Array.isArray(backup[key]) ? backup[key] : [], key).length > 0)
        losses.about(key)("the whole section", why);
  const groups = new Map(
    list.filter(isFields).flatMap((one) => (one.type === "group" ? [[one.id, textOf(one.name) ?? ""] as const] : [])),
  );
  const paused = pausedBy(list.filter(isFields));
  const made = list.map((monitor, index) => draftOf(monitor, `monitorList[${index}]`, { groups, paused, losses }));
  const byNumber = new Map(
    list.flatMap((monitor: unknown, index) => (isFields(monitor) ? [[String(monitor.id), made[index]!] as const] : [])),
  );
  const announced = isFields(backup) ? (backup.maintenanceList ?? backup.maintenances) : undefined;
  const windows = (Array.isArray(announced) ? announced : isFields(announced) ? Object.values(announced) : []).flatMap(
    (one, index) => windowOf(one, `maintenanceList[${index}]`, byNumber, now, losses),
  );
  return { drafts: made.flat(), windows, losses: losses.all };
}

function windowOf(
  value: unknown,
  place: string,
  drafts: ReadonlyMap<string, readonly Draft[]>,
  now: number,
  losses: Losses,
): DraftWindow[] {
  const own = isFields(value) ? value : {};
  const title = textOf(own.title) ?? "Maintenance";
  const tell = losses.about(`${place} ${JSON.stringify(title)}`);
  const times = kumaTimes(own, now, tell);
  if (times === undefined) return [];
  const listed = own.monitors ?? own.monitorIds ?? own.monitorList;
  const on = (Array.isArray(listed) ? listed : []).flatMap(
    (one) => drafts.get(String(isFields(one) ? one.id : one)) ?? [],
  );
  if (on.length === 0)
    tell("its monitors", "none of those it is for is in the file, or imported: name the `services` that are worked on");
  const text = textOf(own.description);
  return [{ title, ...(text === undefined ? {} : { text }), on, ...times }];
}

/** Monitors by their number, as its API gives them. */
const byId = (backup: Fields): Fields | undefined =>
  Object.entries(backup).some(([id, monitor]) => /^\d+$/.test(id) && isFields(monitor)) ? backup : undefined;

/** True for what is in a group that is paused, however deep. */
function pausedBy(all: readonly Fields[]): (monitor: Fields) => boolean {
  const byId = new Map(all.map((one) => [one.id, one]));
  return (monitor) => {
    const seen = new Set<unknown>();
    for (let at = byId.get(monitor.parent); at !== undefined && !seen.has(at); at = byId.get(at.parent)) {
      if (at.active === false || at.active === 0) return true;
      seen.add(at);
    }
    return false;
  };
}

interface Reading {
  /** Names of groups, by number. */
  readonly groups: ReadonlyMap<unknown, string>;
  readonly paused: (monitor: Fields) => boolean;
  readonly losses: Losses;
}

function draftOf(monitor: unknown, place: string, { groups, paused, losses }: Reading): Draft[] {
  const name = isFields(monitor) ? textOf(monitor.name) : undefined;
  const tell = losses.about(`${place}${name === undefined ? "" : ` ${JSON.stringify(name)}`}`);
  if (!isFields(monitor)) {
    tell("the monitor", "it is no set of fields");
    return [];
  }
  if (monitor.type === "group") return [];
  if (monitor.active === false || monitor.active === 0) {
    tell("the monitor", "it is paused");
    return [];
  }
  if (paused(monitor)) {
    tell("the monitor", "its group is paused");
    return [];
  }
  const type = String(monitor.type);
  const read = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  if (typeof read !== "function") {
    tell("the monitor", `${type}: ${read ?? "the lookout has no such check"}`);
    return [];
  }
  if (isSet(monitor.upsideDown) && type !== "port") {
    tell("the monitor", "upside down: write what it should answer as conditions, by hand");
    return [];
  }
  const check = read(monitor, tell);
  if (check === undefined) return [];
  for (const [key, why] of Object.entries(LOST)) if (isSet(monitor[key])) tell(key, why);
  // Version 2 keeps an empty list where there are none.
  if (isSet(monitor.conditions) && monitor.conditions !== "[]")
    tell("conditions", "write them as `conditions` or `expect` of the check, by hand");
  // Every monitor has these: they are worth a word only where somebody chose them.
  if (monitor.type === "ping" && isSet(monitor.packetSize) && monitor.packetSize !== 56)
    tell("packetSize", "echoes have the usual size");
  if (isSet(monitor.maxretries) && isSet(monitor.retryInterval) && monitor.retryInterval !== monitor.interval)
    tell("retryInterval", "what failed is looked at again at the usual pace");
  const group = groups.get(monitor.parent);
  const url = textOf(monitor.url);
  return [
    {
      name: name ?? String(monitor.id ?? place),
      ...(group ? { group } : {}),
      ...(url !== undefined && /^https?:\/\/[^/]/.test(url) && url !== "https://" ? { url } : {}),
      checks: [
        // What is waited for is looked at once a minute.
        check.check === "heartbeat" ? check : { ...check, fields: { ...check.fields, ...paceOf(monitor) } },
        ...(isSet(monitor.expiryNotification) && url?.startsWith("https:")
          ? [{ check: "tls", fields: { address: hostAndPort(url), every: "6h" } }]
          : []),
      ],
    },
  ];
}

const LOST: Readonly<Record<string, string>> = {
  ignoreTls: "certificates are always verified: mend the certificate",
  proxyId: "the lookout asks directly",
  resendInterval: "Alertmanager repeats alerts that nobody has settled",
  tlsCert: "the lookout shows no certificate of its own",
  tags: "services belong to teams",
  cacheBust: "the lookout asks for the address as it is",
  domainExpiryNotification: "declare one check `domain-expiry` for each domain",
};

function paceOf(monitor: Fields): Fields {
  const interval = numberOf(monitor.interval) ?? 60;
  const timeout = numberOf(monitor.timeout);
  const retries = numberOf(monitor.maxretries) ?? 0;
  return {
    every: duration(interval).text,
    ...(timeout !== undefined && timeout > 0 ? { timeout: duration(timeout).text } : {}),
    // Retries of Uptime Kuma are whole rounds before it calls something down.
    failAfter: Math.min(100, Math.max(1, Math.round(retries) + 1)),
  };
}

const hostAndPort = (url: string): string => {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port || 443}`;
};
