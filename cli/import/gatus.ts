import {
  type Draft,
  type DraftCheck,
  duration,
  type Fields,
  goSeconds,
  ImportError,
  type Imported,
  isFields,
  Losses,
  listOf,
  numberOf,
  SECRET_HEADER,
  textOf,
} from "./draft.ts";
import { readYaml } from "./read.ts";

type Tell = (what: string, why: string) => void;

/** Fields of an endpoint that are read (Gatus's README, "Configuration"). */
const READ = new Set([
  "enabled",
  "name",
  "group",
  "url",
  "method",
  "conditions",
  "interval",
  "graphql",
  "body",
  "headers",
  "dns",
  "ssh",
  "alerts",
  "client",
  "extra-labels",
  "ui",
  "maintenance-windows",
]);

/** Parts of the configuration besides what is watched, and where they went. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  alerting: "alerts go to the role that owns a service: Alertmanager is configured from the declaration",
  storage: "the lookout keeps its own history",
  security: "internal pages are behind the proxy's passwords",
  web: "the stack decides where the lookout listens",
  ui: "pages are made from the declaration",
  metrics: "metrics are always on",
  maintenance: "announce it as `maintenance` in the declaration",
  announcements: "write them as files of incidents, or as `maintenance`",
  connectivity: "set `references` of the lookout",
  remote: "several lookouts may watch one inventory: see the docs",
  tunneling: "the lookout opens no SSH tunnels",
  suites: "a sequence of requests has to be written by hand",
  "disable-monitoring-lock": "checks never wait for each other",
  "skip-invalid-config-update": "the declaration is verified before it is deployed",
  concurrency: "the lookout decides by itself",
  debug: "ask /probe?debug=true",
};

/** A Gatus configuration. @throws ImportError where it is none */
export function importGatus(text: string, name: string): Imported {
  const config = readYaml(text, name);
  if (!isFields(config)) throw new ImportError(`${name}: expected a Gatus configuration, with \`endpoints\``);
  const losses = new Losses();
  const endpoints = listOf(config.endpoints ?? config.services, `${name}: endpoints`);
  const external = listOf(config["external-endpoints"], `${name}: external-endpoints`);
  for (const [key, value] of Object.entries(config)) {
    if (["endpoints", "services", "external-endpoints"].includes(key) || value === null) continue;
    losses.about(key)(
      "the whole section",
      Object.hasOwn(ELSEWHERE, key) ? ELSEWHERE[key]! : "nothing here is called so",
    );
  }
  const drafts = [
    ...endpoints.flatMap((endpoint, index) => endpointDraft(endpoint, `endpoints[${index}]`, losses)),
    ...external.flatMap((endpoint, index) => externalDraft(endpoint, `external-endpoints[${index}]`, losses)),
  ];
  if (drafts.length + losses.all.length === 0) throw new ImportError(`${name}: no \`endpoints\` in it`);
  return { drafts, losses: losses.all };
}

function endpointDraft(value: unknown, place: string, losses: Losses): Draft[] {
  const name = isFields(value) ? textOf(value.name) : undefined;
  const tell = losses.about(`${place}${name === undefined ? "" : ` ${JSON.stringify(name)}`}`);
  if (!isFields(value)) {
    tell("the endpoint", "it is no set of fields");
    return [];
  }
  if (value.enabled === false) {
    tell("the endpoint", "it is not enabled");
    return [];
  }
  for (const key of Object.keys(value)) if (!READ.has(key)) tell(key, "nothing here is called so");
  for (const [key, why] of Object.entries(IGNORED)) if (value[key] !== undefined) tell(key, why);
  const url = textOf(value.url);
  if (url === undefined) {
    tell("the endpoint", "it has no url");
    return [];
  }
  if (/\$\{?\w+\}?/.test(url)) {
    tell("the endpoint", `its url has a variable of the environment in it: ${url}`);
    return [];
  }
  const made = checkOf(url, value, tell);
  if (made === undefined) return [];
  const conditions = listOf(value.conditions, `${place}.conditions`).filter((one) => typeof one === "string");
  const [expiry, others] = Object.entries(
    Object.groupBy(conditions, (one) => String(one.includes("[DOMAIN_EXPIRATION]"))),
  ).reduce<[string[], string[]]>(
    ([domain, rest], [isDomain, group]) => (isDomain === "true" ? [group!, rest] : [domain, group!]),
    [[], []],
  );
  const paced = { ...made.fields, ...paceOf(value, tell) };
  const host = hostOf(url);
  return [
    {
      name: name ?? host ?? url,
      ...(textOf(value.group) ? { group: textOf(value.group)! } : {}),
      ...(/^https?:/.test(url) ? { url } : {}),
      checks: [
        { ...made, fields: paced, conditions: others },
        ...(expiry.length > 0 && host !== undefined
          ? [{ check: "domain-expiry", fields: { domain: registered(host, tell), every: "6h" }, conditions: expiry }]
          : []),
      ],
    },
  ];
}

/** What a host's name is probably registered as; only the registry knows. */
function registered(host: string, tell: Tell): string {
  const domain = host.replace(/^www\./, "");
  if (domain.split(".").length > 2)
    tell("[DOMAIN_EXPIRATION]", `write the domain as it is registered, where that is not ${domain}`);
  return domain;
}

const IGNORED: Readonly<Record<string, string>> = {
  "extra-labels": "labels come from the declaration",
  ui: "pages are made from the declaration",
  "maintenance-windows": "announce it as `maintenance` in the declaration",
};

function checkOf(url: string, endpoint: Fields, tell: Tell): DraftCheck | undefined {
  const dns = endpoint.dns;
  if (isFields(dns)) {
    const query = textOf(dns["query-name"]);
    if (query === undefined) {
      tell("the endpoint", "its dns has no query-name");
      return undefined;
    }
    const server = url.replace(/^dns:\/\//, "");
    return {
      check: "dns",
      fields: { name: query.replace(/\.$/, ""), type: textOf(dns["query-type"]) ?? "A", resolvers: [server] },
    };
  }
  const [, scheme, rest = ""] = /^([a-z+]+):\/\/(.*)$/i.exec(url) ?? [];
  const address = rest.replace(/\/$/, "");
  switch (scheme?.toLowerCase()) {
    case "http":
    case "https":
      return httpCheck(url, endpoint, tell);
    case "tcp":
      return { check: "tcp", fields: { address } };
    case "tls":
      return { check: "tls", fields: { address } };
    case "starttls":
      return { check: "tls", fields: { address, starttls: /:(143|993)$/.test(address) ? "imap" : "smtp" } };
    case "icmp":
      return { check: "icmp", fields: { host: address } };
    case "ssh":
      if (isFields(endpoint.ssh) && textOf(endpoint.ssh.username))
        tell("ssh.username, ssh.password", "the lookout signs in nowhere: it looks at the banner and the host's key");
      return { check: "ssh", fields: { address: /:\d+$/.test(address) ? address : `${address}:22` } };
    default:
      tell(
        "the endpoint",
        `${scheme === undefined ? "its url has no scheme" : `${scheme} is not something the lookout speaks`}: ${url}`,
      );
      return undefined;
  }
}

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "OPTIONS"]);

function httpCheck(url: string, endpoint: Fields, tell: Tell): DraftCheck {
  const method = textOf(endpoint.method)?.toUpperCase() ?? "GET";
  const client = isFields(endpoint.client) ? endpoint.client : {};
  const headers = isFields(endpoint.headers) ? endpoint.headers : {};
  const kept: Record<string, string> = {};
  for (const [header, value] of Object.entries(headers)) {
    if (SECRET_HEADER.test(header)) tell(`header ${header}`, "it looks like a secret: name it as `auth` by hand");
    else if (/\$\{?\w+\}?/.test(String(value))) tell(`header ${header}`, "it has a variable of the environment in it");
    else if (/^host$/i.test(header)) tell("header host", "the lookout asks for the address's own host");
    else kept[header.toLowerCase()] = String(value);
  }
  if (endpoint.graphql === true) kept["content-type"] ??= "application/json";
  const body = textOf(endpoint.body);
  const sent = body !== undefined && endpoint.graphql === true ? JSON.stringify({ query: body }) : body;
  if (!METHODS.has(method)) tell(`method ${method}`, "the lookout asks with GET, HEAD, POST, PUT or OPTIONS");
  if (client.insecure === true) tell("client.insecure", "certificates are always verified: mend the certificate");
  for (const key of ["oauth2", "identity-aware-proxy", "proxy-url", "dns-resolver", "tls", "network", "tunnel"])
    if (client[key] !== undefined) tell(`client.${key}`, "the lookout has no such setting");
  const written = new URL(url);
  if (written.username !== "" || written.password !== "") tell("the password in its url", "name it as `auth` by hand");
  written.username = "";
  written.password = "";
  return {
    check: "http",
    fields: {
      url: written.href,
      ...(METHODS.has(method) && method !== "GET" ? { method } : {}),
      ...(Object.keys(kept).length > 0 ? { headers: kept } : {}),
      ...(sent !== undefined && ["POST", "PUT"].includes(method) ? { body: sent } : {}),
      ...(client["ignore-redirect"] === true ? { redirects: 0 } : {}),
    },
  };
}

function externalDraft(value: unknown, place: string, losses: Losses): Draft[] {
  const name = isFields(value) ? textOf(value.name) : undefined;
  const tell = losses.about(`${place}${name === undefined ? "" : ` ${JSON.stringify(name)}`}`);
  if (!isFields(value) || name === undefined) {
    tell("the endpoint", "it has no name");
    return [];
  }
  if (textOf(value.token)) tell("token", "the lookout makes a token of its own: give that one to whoever reports");
  const beat = isFields(value.heartbeat) ? goSeconds(value.heartbeat.interval) : undefined;
  return [
    {
      name,
      ...(textOf(value.group) ? { group: textOf(value.group)! } : {}),
      checks: [{ check: "heartbeat", fields: { expect: duration(beat ?? 86_400).text, job: "report" } }],
    },
  ];
}

/** How often, how long, and after how many failures. */
function paceOf(endpoint: Fields, tell: Tell): Fields {
  const every = endpoint.interval === undefined ? 60 : goSeconds(endpoint.interval);
  const client = isFields(endpoint.client) ? endpoint.client : {};
  const timeout = goSeconds(client.timeout);
  if (every === undefined)
    tell("interval", `${JSON.stringify(endpoint.interval)} is no length of time; one minute is taken`);
  const alerts = listOf(endpoint.alerts, "alerts").filter(isFields);
  const failures = alerts.flatMap((alert) => numberOf(alert["failure-threshold"]) ?? []);
  const successes = alerts.flatMap((alert) => numberOf(alert["success-threshold"]) ?? []);
  if (alerts.length > 0)
    tell(
      `alerts (${alerts.map(({ type }) => String(type)).join(", ")})`,
      "alerts go to the role that owns the service; their thresholds are kept",
    );
  return {
    every: duration(every ?? 60).text,
    ...(timeout === undefined ? {} : { timeout: duration(timeout).text }),
    ...(failures.length > 0 ? { failAfter: Math.min(...failures) } : { failAfter: 3 }),
    ...(successes.length > 0 ? { recoverAfter: Math.min(...successes) } : {}),
  };
}

const hostOf = (url: string): string | undefined => {
  const host = /^[a-z+]+:\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/?#]+)/i.exec(url)?.[1];
  return host === undefined || /^[\d.]+$|^\[/.test(host) ? undefined : host.toLowerCase();
};
