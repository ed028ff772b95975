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
import { conditionsFor } from "./gatus-conditions.ts";
import { paceOf } from "./gatus-pace.ts";
import { journeyOf } from "./gatus-suite.ts";
import { expanded, type Variables, withVariables } from "./gatus-variables.ts";
import { type ConfigFile, readYaml } from "./read.ts";
import { GIVE_VALUE, hasVariable, shownUrl } from "./secrets.ts";
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

/** What is read of one endpoint. */
interface Reading {
  readonly losses: Losses;
  readonly variables: Variables;
  /** Alerts that an endpoint's alerts are made of, by what sends them. */
  readonly usual: ReadonlyMap<unknown, Fields>;
  /** Work that is announced, filled as it is read. */
  readonly windows: DraftWindow[];
}

/** Sections that say what is watched. */
const WATCHED = new Set(["endpoints", "external-endpoints", "suites"]);
/** Sections that are read. */
const SECTIONS = new Set([...WATCHED, "maintenance"]);

/** A Gatus configuration. @throws ImportError where it is none */
export const importGatus = (text: string, name: string, variables: Variables = {}): Imported =>
  importGatusFiles([{ text, name }], variables);

/** A Gatus configuration in several files, which Gatus puts together before it reads them. @throws ImportError where it is none */
export function importGatusFiles(files: readonly ConfigFile[], variables: Variables = {}): Imported {
  const configs = files.flatMap(({ text, name }) => {
    const config = readYaml(text, name, "endpoints", hasUrls);
    return isFields(config) ? [{ name, config: ofOurDays(withVariables(config, variables) as Fields) }] : [];
  });
  const names = files.map(({ name }) => name).join(", ");
  if (!configs.some(({ config }) => Object.keys(config).some((key) => WATCHED.has(key))))
    throw new ImportError(`${names}: expected a Gatus configuration, with \`endpoints\``);
  const usual = new Map(configs.flatMap(({ config }) => [...usualAlerts(config.alerting)]));
  const read = configs.map(({ name, config }) => {
    const reading = { losses: new Losses(), variables, usual, windows: [] };
    return { name, drafts: draftsOf(config, name, reading), ...reading };
  });
  if (read.every(({ drafts, losses }) => drafts.length + losses.all.length === 0))
    throw new ImportError(`${names}: no \`endpoints\` in it`);
  return {
    drafts: read.flatMap(({ drafts }) => drafts),
    windows: read.flatMap(({ windows }) => windows),
    losses: read.flatMap(({ name, losses }) =>
      files.length === 1 ? losses.all : losses.all.map((loss) => ({ ...loss, where: `${name}: ${loss.where}` })),
    ),
  };
}

/** Monitors of Prometheus have `endpoints` too, which are ports. */
const hasUrls = ({ endpoints }: Fields): boolean =>
  Array.isArray(endpoints) && endpoints.some((one) => isFields(one) && Object.hasOwn(one, "url"));

/** Its first versions called endpoints `services`, which a file beside it may have of another kind. */
const ofOurDays = ({ services, ...config }: Fields): Fields =>
  services === undefined
    ? config
    : Array.isArray(services)
      ? { endpoints: services, ...config }
      : { services, ...config };

function draftsOf(config: Fields, name: string, reading: Reading): Draft[] {
  const { losses } = reading;
  const endpoints = listOf(config.endpoints, `${name}: endpoints`);
  const external = listOf(config["external-endpoints"], `${name}: external-endpoints`);
  const suites = listOf(config.suites, `${name}: suites`);
  for (const [key, value] of Object.entries(config)) {
    if (SECTIONS.has(key) || value === null) continue;
    losses.about(key)(
      "the whole section",
      Object.hasOwn(ELSEWHERE, key) ? ELSEWHERE[key]! : "nothing here is called so",
    );
  }
  if (isFields(config.maintenance)) announce([config.maintenance], "all", losses.about("maintenance"), reading);
  return [
    ...endpoints.flatMap((endpoint, index) => endpointDraft(endpoint, `endpoints[${index}]`, reading)),
    ...external.flatMap((endpoint, index) => externalDraft(endpoint, `external-endpoints[${index}]`, reading)),
    ...suites.flatMap((suite, index) => suiteDraft(suite, `suites[${index}]`, reading)),
  ];
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

function endpointDraft(value: unknown, place: string, reading: Reading): Draft[] {
  const { losses, usual } = reading;
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
  if (hasVariable(url)) {
    tell("the endpoint", `its url has a variable of the environment in it: ${shownUrl(url)}; ${GIVE_VALUE}`);
    return [];
  }
  const made = checkOf(url, value, tell);
  if (made === undefined) return [];
  const conditions = listOf(value.conditions, `${place}.conditions`).flatMap((one) => {
    const condition = textOf(one) ?? "";
    if (!hasVariable(condition)) return condition === "" ? [] : [condition];
    tell(`condition ${condition}`, `it has a variable of the environment in it; ${GIVE_VALUE}`);
    return [];
  });
  const [expiry, others] = Object.entries(
    Object.groupBy(conditions, (one) => String(one.includes("[DOMAIN_EXPIRATION]"))),
  ).reduce<[string[], string[]]>(
    ([domain, rest], [isDomain, group]) => (isDomain === "true" ? [group!, rest] : [domain, group!]),
    [[], []],
  );
  const expected = conditionsFor(made, others, tell);
  const paced = { ...made.fields, ...expected.fields, ...paceOf(value, usual, tell) };
  const host = hostOf(url);
  const draft: Draft = {
    name: name ?? host ?? url,
    ...(textOf(value.group) ? { group: textOf(value.group)! } : {}),
    ...(/^https?:/.test(url) ? { url } : {}),
    checks: [
      { ...made, fields: paced, conditions: expected.conditions ?? [] },
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
  if (beat === undefined) tell("heartbeat.interval", "Gatus waits for no report: one a day is taken");
  if (listOf(value.alerts, `${place}.alerts`).length > 0)
    tell(
      "alerts",
      "alerts go to the role that owns the service: it is told when a report is late, or tells of a failure",
    );
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
