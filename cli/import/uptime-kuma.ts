import {
  type Draft,
  type DraftCheck,
  duration,
  type Fields,
  ImportError,
  type Imported,
  isFields,
  Losses,
  listOf,
  numberOf,
  SECRET_HEADER,
  textOf,
} from "./draft.ts";
import { readJson } from "./read.ts";

type Tell = (what: string, why: string) => void;
type Reader = (monitor: Fields, tell: Tell) => DraftCheck | undefined;

/** Sections of a backup besides the monitors, and where they went. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  notificationList: "alerts go to the role that owns a service: Alertmanager is configured from the declaration",
  proxyList: "the lookout asks directly",
  statusPageList: "there is one public page, made from the declaration",
  dockerHostList: "each host of the declaration has its gate",
  maintenanceList: "announce it as `maintenance` in the declaration",
  tagList: "services belong to teams",
};

/** A backup of Uptime Kuma 1 (Settings, Backup), or a list of monitors as its API gives it. @throws ImportError where it is none */
export function importUptimeKuma(text: string, name: string): Imported {
  const backup = readJson(text, name);
  const monitors = Array.isArray(backup)
    ? backup
    : isFields(backup)
      ? (backup.monitorList ?? backup.monitors)
      : undefined;
  const list = isFields(monitors) ? Object.values(monitors) : monitors;
  if (!Array.isArray(list)) throw new ImportError(`${name}: expected a backup of Uptime Kuma, with \`monitorList\``);
  const losses = new Losses();
  if (isFields(backup))
    for (const [key, why] of Object.entries(ELSEWHERE))
      if (listOf(Array.isArray(backup[key]) ? backup[key] : [], key).length > 0)
        losses.about(key)("the whole section", why);
  const groups = new Map(
    list.filter(isFields).flatMap((one) => (one.type === "group" ? [[one.id, textOf(one.name) ?? ""] as const] : [])),
  );
  const drafts = list.flatMap((monitor, index) => draftOf(monitor, `monitorList[${index}]`, groups, losses));
  return { drafts, losses: losses.all };
}

function draftOf(monitor: unknown, place: string, groups: ReadonlyMap<unknown, string>, losses: Losses): Draft[] {
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
  const type = String(monitor.type);
  const read = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  if (typeof read !== "function") {
    tell("the monitor", `${type}: ${read ?? "the lookout has no such check"}`);
    return [];
  }
  if (monitor.upsideDown === true || monitor.upsideDown === 1) {
    tell("the monitor", "upside down: write a condition for what should fail, such as [CONNECTED] == false");
    return [];
  }
  const check = read(monitor, tell);
  if (check === undefined) return [];
  for (const [key, why] of Object.entries(LOST)) if (isSet(monitor[key])) tell(key, why);
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

const isSet = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  value !== false &&
  value !== 0 &&
  value !== "" &&
  !(Array.isArray(value) && value.length === 0);

const LOST: Readonly<Record<string, string>> = {
  ignoreTls: "certificates are always verified: mend the certificate",
  proxyId: "the lookout asks directly",
  resendInterval: "Alertmanager repeats alerts that nobody has settled",
  retryInterval: "retries follow within the same run",
  packetSize: "echoes have the usual size",
  tlsCert: "the lookout shows no certificate of its own",
  tags: "services belong to teams",
};

const TYPES: Readonly<Record<string, Reader | string>> = {
  http: (monitor, tell) => http(monitor, tell),
  keyword: (monitor, tell) => {
    const keyword = textOf(monitor.keyword);
    const check = http(monitor, tell);
    if (keyword === undefined || check === undefined) return check;
    const body = isSet(monitor.invertKeyword) ? { not: keyword } : keyword;
    return { ...check, fields: { ...check.fields, expect: { ...(check.fields.expect as object | undefined), body } } };
  },
  "json-query": (monitor, tell) => {
    const check = http(monitor, tell);
    const path = textOf(monitor.jsonPath)?.replace(/^\$\.?/, "");
    if (check === undefined || path === undefined || monitor.expectedValue === undefined) return check;
    const operator = textOf(monitor.jsonPathOperator) ?? "==";
    return { ...check, conditions: [`[BODY].${path} ${operator} ${String(monitor.expectedValue)}`] };
  },
  port: (monitor, tell) => {
    const address = addressOf(monitor, tell);
    return address === undefined ? undefined : { check: "tcp", fields: { address } };
  },
  ping: (monitor, tell) => {
    const host = textOf(monitor.hostname);
    if (host === undefined) tell("the monitor", "it has no hostname");
    return host === undefined ? undefined : { check: "icmp", fields: { host } };
  },
  dns: (monitor, tell) => {
    const name = textOf(monitor.hostname);
    if (name === undefined) {
      tell("the monitor", "it has no hostname");
      return undefined;
    }
    const port = numberOf(monitor.port);
    const resolvers = (textOf(monitor.dns_resolve_server) ?? "")
      .split(",")
      .map((server) => server.trim())
      .filter((server) => server !== "")
      .map((server) => (port === undefined || port === 53 ? server : `${server}:${port}`));
    return {
      check: "dns",
      fields: { name, type: textOf(monitor.dns_resolve_type) ?? "A", ...(resolvers.length > 0 ? { resolvers } : {}) },
    };
  },
  push: (monitor, tell) => {
    if (textOf(monitor.pushToken))
      tell("pushToken", "the lookout makes a token of its own: give that one to whoever reports");
    const interval = numberOf(monitor.interval) ?? 86_400;
    const late = (numberOf(monitor.maxretries) ?? 0) * (numberOf(monitor.retryInterval) ?? interval);
    const [expect, grace] = [duration(interval).text, duration(Math.max(60, late)).text];
    return { check: "heartbeat", fields: { expect, grace, job: "report" } };
  },
  docker: "the lookout sees the containers of declared services by itself",
  group: "services belong to teams",
  manual: "write it as a file of incidents",
  mysql: "its password is in the connection string: declare the check `mariadb` by hand, with the secret named",
  postgres: "its password is in the connection string: declare the check `postgres` by hand, with the secret named",
  sqlserver: "the lookout does not speak to SQL Server",
  mongodb: "the lookout does not speak to MongoDB",
  redis: "the lookout does not speak to Redis: a tcp check tells that it listens",
  mqtt: "the lookout does not speak MQTT: a tcp check tells that it listens",
  "grpc-keyword": "the lookout does not speak gRPC",
  radius: "the lookout does not speak RADIUS",
  steam: "the lookout does not watch games",
  gamedig: "the lookout does not watch games",
  "real-browser": "write it as a sequence of requests",
  "tailscale-ping": "the lookout has no Tailscale",
  "kafka-producer": "the lookout does not speak Kafka",
  snmp: "the lookout does not speak SNMP",
  rabbitmq: "its password is in the monitor: declare an http check by hand",
  smtp: (monitor, tell) => {
    const address = addressOf(monitor, tell);
    return address === undefined ? undefined : { check: "smtp", fields: { address } };
  },
};

function addressOf(monitor: Fields, tell: Tell): string | undefined {
  const [host, port] = [textOf(monitor.hostname), numberOf(monitor.port)];
  if (host !== undefined && port !== undefined) return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  tell("the monitor", "it has no hostname and port");
  return undefined;
}

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "OPTIONS"]);

function http(monitor: Fields, tell: Tell): DraftCheck | undefined {
  const url = textOf(monitor.url);
  if (url === undefined || !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    tell("the monitor", `its url is no http(s) address: ${url ?? ""}`);
    return undefined;
  }
  const written = new URL(url);
  const auth = textOf(monitor.basic_auth_user) ?? textOf(monitor.authMethod);
  if (auth !== undefined || written.username !== "") tell("its password", "name it as `auth` by hand");
  written.username = "";
  written.password = "";
  const method = (textOf(monitor.method) ?? "GET").toUpperCase();
  if (!METHODS.has(method)) tell(`method ${method}`, "the lookout asks with GET, HEAD, POST, PUT or OPTIONS");
  const status = statusOf(monitor.accepted_statuscodes ?? monitor.accepted_statuscodes_json, tell);
  const body = textOf(monitor.body);
  const redirects = numberOf(monitor.maxredirects);
  return {
    check: "http",
    fields: {
      url: written.href,
      ...(METHODS.has(method) && method !== "GET" ? { method } : {}),
      ...headersOf(monitor.headers, tell),
      ...(body !== undefined && ["POST", "PUT"].includes(method) ? { body } : {}),
      ...(status.length > 0 ? { expect: { status } } : {}),
      ...(redirects === undefined ? {} : { redirects: Math.min(10, Math.max(0, redirects)) }),
    },
  };
}

function headersOf(value: unknown, tell: Tell): Fields {
  let headers: unknown = value;
  if (typeof value === "string" && value.trim() !== "") {
    try {
      headers = JSON.parse(value);
    } catch {
      tell("headers", "they are no JSON");
      return {};
    }
  }
  if (!isFields(headers)) return {};
  const kept: Record<string, string> = {};
  for (const [header, text] of Object.entries(headers)) {
    if (SECRET_HEADER.test(header)) tell(`header ${header}`, "it looks like a secret: name it as `auth` by hand");
    else kept[header.toLowerCase()] = String(text);
  }
  return Object.keys(kept).length > 0 ? { headers: kept } : {};
}

/** `["200-299", "401"]` as the lookout writes it: classes, and single codes. */
function statusOf(value: unknown, tell: Tell): (string | number)[] {
  const list = typeof value === "string" ? (readList(value) ?? [value]) : Array.isArray(value) ? value : [];
  return list.flatMap((one): (string | number)[] => {
    const [, from, to] = /^(\d{3})(?:-(\d{3}))?$/.exec(String(one)) ?? [];
    if (from === undefined) {
      tell(`status ${String(one)}`, "it is no code and no range of codes");
      return [];
    }
    if (to === undefined) return [Number(from)];
    if (from.endsWith("00") && to.endsWith("99"))
      return Array.from({ length: Number(to[0]) - Number(from[0]) + 1 }, (_, index) => `${Number(from[0]) + index}xx`);
    return Array.from(
      { length: Math.max(0, Math.min(500, Number(to) - Number(from) + 1)) },
      (_, index) => Number(from) + index,
    );
  });
}

function readList(text: string): unknown[] | undefined {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
}

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
