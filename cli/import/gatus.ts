import {
  type Draft,
  type DraftWindow,
  duration,
  type Fields,
  goSeconds,
  ImportError,
  type Imported,
  isFields,
  Losses,
  listOf,
  type Tell,
  textOf,
} from "./draft.ts";
import { checkOf } from "./gatus-check.ts";
import { paceOf } from "./gatus-pace.ts";
import { journeyOf } from "./gatus-suite.ts";
import { readYaml } from "./read.ts";
import { ANY_ANSWER } from "./request.ts";
import { hasVariable, shownUrl } from "./secrets.ts";
import { gatusTimes } from "./windows.ts";

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
  announcements: "write them as files of incidents, or as `maintenance`",
  connectivity: "set `references` of the lookout",
  remote: "several lookouts may watch one inventory: see the docs",
  tunneling: "the lookout opens no SSH tunnels",
  "disable-monitoring-lock": "checks never wait for each other",
  "skip-invalid-config-update": "the declaration is verified before it is deployed",
  concurrency: "the lookout decides by itself",
  debug: "ask /probe?debug=true",
};

/** Values of variables of the environment, which Gatus puts into its configuration as it reads it. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What is read of one endpoint. */
interface Reading {
  readonly losses: Losses;
  readonly variables: Variables;
  /** Alerts that an endpoint's alerts are made of, by what sends them. */
  readonly usual: ReadonlyMap<unknown, Fields>;
  /** Work that is announced, filled as it is read. */
  readonly windows: DraftWindow[];
}

/** Sections that are read. */
const SECTIONS = new Set(["endpoints", "services", "external-endpoints", "suites", "maintenance"]);

/** A Gatus configuration. @throws ImportError where it is none */
export function importGatus(text: string, name: string, variables: Variables = {}): Imported {
  const config = readYaml(text, name, "endpoints");
  if (!isFields(config)) throw new ImportError(`${name}: expected a Gatus configuration, with \`endpoints\``);
  const losses = new Losses();
  const endpoints = listOf(config.endpoints ?? config.services, `${name}: endpoints`);
  const external = listOf(config["external-endpoints"], `${name}: external-endpoints`);
  for (const [key, value] of Object.entries(config)) {
    if (SECTIONS.has(key) || value === null) continue;
    losses.about(key)(
      "the whole section",
      Object.hasOwn(ELSEWHERE, key) ? ELSEWHERE[key]! : "nothing here is called so",
    );
  }
  const reading = { losses, variables, usual: usualAlerts(config.alerting), windows: [] };
  const suites = listOf(config.suites, `${name}: suites`);
  const drafts = [
    ...endpoints.flatMap((endpoint, index) => endpointDraft(endpoint, `endpoints[${index}]`, reading)),
    ...external.flatMap((endpoint, index) => externalDraft(endpoint, `external-endpoints[${index}]`, reading)),
    ...suites.flatMap((suite, index) => suiteDraft(suite, `suites[${index}]`, reading)),
  ];
  if (isFields(config.maintenance)) announce([config.maintenance], "all", losses.about("maintenance"), reading);
  if (drafts.length + losses.all.length === 0) throw new ImportError(`${name}: no \`endpoints\` in it`);
  return { drafts, windows: reading.windows, losses: losses.all };
}

/** Its windows have no names there. */
function announce(all: readonly unknown[], on: DraftWindow["on"], tell: Tell, { windows }: Reading): void {
  for (const one of all) {
    const times = gatusTimes(one, tell);
    if (times !== undefined) windows.push({ title: "Maintenance", on, ...times });
  }
}

/** What each provider's alerts say where an endpoint's own do not. */
const usualAlerts = (alerting: unknown): ReadonlyMap<unknown, Fields> =>
  new Map(
    Object.entries(isFields(alerting) ? alerting : {}).flatMap(([type, provider]) => {
      const usual = isFields(provider) ? provider["default-alert"] : undefined;
      return isFields(usual) ? [[type, usual] as const] : [];
    }),
  );

/** With the variables that have a value in place, as Go's `os.Expand` does it: `$$` is a dollar. */
const expanded = (text: string, variables: Variables): string =>
  text.replace(/\$(?:\$|\{(\w+)\}|([A-Za-z_]\w*))/g, (whole, braced?: string, bare?: string) => {
    const name = braced ?? bare;
    if (name === undefined) return "$";
    return (Object.hasOwn(variables, name) ? variables[name] : undefined) ?? whole;
  });

function endpointDraft(value: unknown, place: string, reading: Reading): Draft[] {
  const { losses, variables, usual } = reading;
  const known = (text: unknown): string | undefined => {
    const own = textOf(text);
    return own === undefined ? undefined : expanded(own, variables);
  };
  const name = isFields(value) ? known(value.name) : undefined;
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
  const url = known(value.url);
  if (url === undefined) {
    tell("the endpoint", "it has no url");
    return [];
  }
  if (hasVariable(url)) {
    tell(
      "the endpoint",
      `its url has a variable of the environment in it: ${shownUrl(url)}; give its value by --env FILE`,
    );
    return [];
  }
  const made = checkOf(url, value, tell);
  if (made === undefined) return [];
  const conditions = listOf(value.conditions, `${place}.conditions`).flatMap((one) => {
    const condition = known(one) ?? "";
    if (!hasVariable(condition)) return condition === "" ? [] : [ownPlaceholders(condition)];
    tell(`condition ${condition}`, "it has a variable of the environment in it; give its value by --env FILE");
    return [];
  });
  const [expiry, others] = Object.entries(
    Object.groupBy(conditions, (one) => String(one.includes("[DOMAIN_EXPIRATION]"))),
  ).reduce<[string[], string[]]>(
    ([domain, rest], [isDomain, group]) => (isDomain === "true" ? [group!, rest] : [domain, group!]),
    [[], []],
  );
  // Gatus takes any status that no condition is about.
  const anyStatus =
    made.check === "http" && !others.some((one) => one.includes("[STATUS]")) ? { expect: { status: ANY_ANSWER } } : {};
  const paced = { ...made.fields, ...anyStatus, ...paceOf(value, usual, tell) };
  const host = hostOf(url);
  const draft: Draft = {
    name: name ?? host ?? url,
    ...(known(value.group) ? { group: known(value.group)! } : {}),
    ...(/^https?:/.test(url) ? { url } : {}),
    checks: [
      { ...made, fields: paced, conditions: others },
      ...(expiry.length > 0 && host !== undefined
        ? [{ check: "domain-expiry", fields: { domain: registered(host, tell), every: "6h" }, conditions: expiry }]
        : []),
    ],
  };
  announce(windowsOf(value, place), [draft], tell, reading);
  return [draft];
}

const windowsOf = (endpoint: Fields, place: string): readonly unknown[] =>
  listOf(endpoint["maintenance-windows"], `${place}.maintenance-windows`);

function suiteDraft(value: unknown, place: string, { losses, variables, usual }: Reading): Draft[] {
  const name = isFields(value) ? textOf(value.name) : undefined;
  const tell = losses.about(`${place}${name === undefined ? "" : ` ${JSON.stringify(name)}`}`);
  if (!isFields(value) || name === undefined) {
    tell("the suite", "it has no name");
    return [];
  }
  if (value.enabled === false) {
    tell("the suite", "it is not enabled");
    return [];
  }
  const journey = journeyOf(value, (text) => expanded(text, variables), tell);
  if (journey === undefined) return [];
  const steps = listOf(value.endpoints, `${place}.endpoints`).filter(isFields);
  const paced = paceOf(
    {
      interval: value.interval ?? "10m",
      client: { timeout: value.timeout },
      alerts: steps.flatMap(({ alerts }) => listOf(alerts, `${place}.alerts`)),
    },
    usual,
    tell,
  );
  const url = textOf((journey.fields.steps as Fields[])[0]!.url);
  return [
    {
      name,
      ...(textOf(value.group) ? { group: textOf(value.group)! } : {}),
      ...(url === undefined || url.includes("{") ? {} : { url: new URL(url).origin }),
      checks: [{ ...journey, fields: { ...journey.fields, ...paced } }],
    },
  ];
}

/** Gatus reads placeholders in any case, and calls a header field's [HEADER]. */
const ownPlaceholders = (condition: string): string =>
  condition.replace(/\[([A-Za-z_]+)\](?=[.\s)[]|$)/g, (_, name: string) =>
    name.toUpperCase() === "HEADER" ? "[HEADERS]" : `[${name.toUpperCase()}]`,
  );

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
};

function externalDraft(value: unknown, place: string, reading: Reading): Draft[] {
  const { losses } = reading;
  const name = isFields(value) ? textOf(value.name) : undefined;
  const tell = losses.about(`${place}${name === undefined ? "" : ` ${JSON.stringify(name)}`}`);
  if (!isFields(value) || name === undefined) {
    tell("the endpoint", "it has no name");
    return [];
  }
  if (textOf(value.token)) tell("token", "the lookout makes a token of its own: give that one to whoever reports");
  const beat = isFields(value.heartbeat) ? goSeconds(value.heartbeat.interval) : undefined;
  const draft: Draft = {
    name,
    ...(textOf(value.group) ? { group: textOf(value.group)! } : {}),
    checks: [{ check: "heartbeat", fields: { expect: duration(beat ?? 86_400).text, job: "report" } }],
  };
  announce(windowsOf(value, place), [draft], tell, reading);
  return [draft];
}

const hostOf = (url: string): string | undefined => {
  const host = /^[a-z+]+:\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/?#]+)/i.exec(url)?.[1];
  return host === undefined || /^[\d.]+$|^\[/.test(host) ? undefined : host.toLowerCase();
};
