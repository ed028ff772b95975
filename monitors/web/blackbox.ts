import type { Outcome } from "../check.ts";
import type { Watched } from "../engine/engine.ts";

/** The modules of blackbox_exporter's example configuration and the kinds of checks that stand in for them (see docs/blackbox.md). */
export const MODULES: Readonly<Record<string, readonly string[]>> = {
  http_2xx: ["http"],
  http_post_2xx: ["http"],
  http: ["http"],
  tcp_connect: ["tcp"],
  tcp: ["tcp"],
  tls_connect: ["tls"],
  tcp_connect_tls: ["tls"],
  pop3s_banner: ["tls"],
  ssh_banner: ["ssh"],
  smtp_starttls: ["smtp", "tls"],
  imap_starttls: ["imap", "tls"],
  icmp: ["icmp"],
  icmp_ttl5: ["icmp"],
  dns: ["dns"],
  dns_udp: ["dns"],
  dns_tcp: ["dns"],
};

/** Whoever writes modules calls them by what they do: `http_2xx_insecure`, `ping4`, `tcp_tls`. */
const BY_NAME: readonly (readonly [name: RegExp, kinds: readonly string[]])[] = [
  [/starttls/, ["smtp", "imap", "tls"]],
  [/(^|_)(tls|ssl|cert)/, ["tls"]],
  [/^http/, ["http"]],
  [/^tcp/, ["tcp"]],
  [/^(icmp|ping)/, ["icmp"]],
  [/^dns/, ["dns"]],
  [/^ssh/, ["ssh"]],
];

/** The kinds of checks that a module may mean; undefined where its name says none. */
export const kindsOf = (module: string): readonly string[] | undefined =>
  Object.hasOwn(MODULES, module) ? MODULES[module] : BY_NAME.find(([name]) => name.test(module))?.[1];

/** The checks that a module may mean and that look at that target: a service's name, or what a check looks at, as blackbox's users write it. */
export function checksOf(watched: readonly Watched[], module: string, target: string): Watched[] {
  const kinds = kindsOf(module) ?? [];
  const wanted = canonical(target);
  return watched.filter(
    ({ check }) =>
      kinds.includes(check.kind) &&
      (check.service === target || namesOf(check).some((name) => canonical(name) === wanted)),
  );
}

/** What a check's target may be called. */
function namesOf({ target, params }: Watched["check"]): string[] {
  const url = URL.parse(target);
  const [first = ""] = target.split(" ");
  return [
    target,
    // `name TYPE` of a dns check, and the servers that it asks.
    first,
    ...((params.resolvers as readonly string[] | undefined) ?? []),
    ...(url?.protocol.startsWith("http")
      ? [url.host + url.pathname + url.search, ...(url.pathname === "/" ? [url.host] : [])]
      : []),
  ];
}

/** Without what does not make another target: case, a final slash, `http://`. */
const canonical = (target: string): string =>
  target
    .toLowerCase()
    .replace(/^http:\/\//, "")
    .replace(/\/$/, "");

/** One line of a metric: labels, value. */
export type Line = readonly [labels: string, value: number];
/** A metric with its lines. */
export type Family = readonly [name: string, help: string, lines: readonly Line[]];

interface Translation {
  /** Name of the measure. */
  from: string;
  name: string;
  help: string;
  labels?: string;
  /** Left out where it was not found; told as 0 otherwise, as blackbox_exporter does: usual rules ask for `probe_http_status_code <= 199`. */
  optional?: boolean;
}

const phase = (kind: string, from: string, name: string): Translation => ({
  from,
  name: `probe_${kind}_duration_seconds`,
  help: `Duration of ${kind} request by phase`,
  labels: `{phase="${name}"}`,
});
const lookup: Translation = {
  from: "dns_seconds",
  name: "probe_dns_lookup_time_seconds",
  help: "Time taken for probe dns lookup in seconds",
};
const expiry: Translation = {
  from: "certificate_expiry_timestamp_seconds",
  name: "probe_ssl_earliest_cert_expiry",
  help: "Last SSL chain expiry in unixtime",
  optional: true,
};
const protocol: Translation = { from: "ip_version", name: "probe_ip_protocol", help: "IP version used" };

/** Our measures by the names that blackbox_exporter gives them. */
const TRANSLATIONS: Readonly<Record<string, readonly Translation[]>> = {
  http: [
    lookup,
    protocol,
    expiry,
    phase("http", "dns_seconds", "resolve"),
    phase("http", "connect_seconds", "connect"),
    phase("http", "tls_seconds", "tls"),
    phase("http", "first_byte_seconds", "processing"),
    phase("http", "transfer_seconds", "transfer"),
    { from: "status_code", name: "probe_http_status_code", help: "Response HTTP status code" },
    { from: "redirects", name: "probe_http_redirects", help: "The number of redirects" },
    { from: "http_version", name: "probe_http_version", help: "Returns the version of HTTP of the probe response" },
    {
      from: "body_bytes",
      name: "probe_http_uncompressed_body_length",
      help: "Length of uncompressed response body",
    },
  ],
  tcp: [lookup, protocol],
  tls: [lookup, protocol, expiry],
  smtp: [expiry],
  imap: [expiry],
  icmp: [{ ...phase("icmp", "round_trip_seconds", "rtt") }],
  dns: [
    {
      from: "answers",
      name: "probe_dns_answer_rrs",
      help: "Returns number of entries in the answer resource record list",
    },
  ],
};

/** Outcomes that blackbox_exporter counts as a regular expression that did not match. */
const BY_CONTENT: ReadonlySet<string> = new Set(["wrong-body", "wrong-json", "wrong-header", "wrong-reply"]);

/** What a run found, as blackbox_exporter would tell it. */
export function blackboxFamilies({ check }: Watched, outcome: Outcome, seconds: number): Family[] {
  const families = new Map<string, { help: string; lines: Line[] }>();
  const add = (name: string, help: string, line: Line) => {
    const family = families.get(name) ?? { help, lines: [] };
    family.lines.push(line);
    families.set(name, family);
  };
  for (const { from, name, help, labels = "", optional } of TRANSLATIONS[check.kind] ?? []) {
    const value = outcome.measures?.[from] ?? (optional ? undefined : 0);
    if (value !== undefined) add(name, help, [labels, value]);
  }
  if (check.kind === "http")
    add("probe_http_ssl", "Indicates if SSL was used for the final redirect", [
      "",
      outcome.measures?.tls_seconds === undefined ? 0 : 1,
    ]);
  if (check.kind === "http" || check.kind === "tcp")
    add("probe_failed_due_to_regex", "Indicates if probe failed due to regex", [
      "",
      !outcome.ok && BY_CONTENT.has(outcome.reason) ? 1 : 0,
    ]);
  return [
    ["probe_duration_seconds", "Returns how long the probe took to complete in seconds", [["", seconds]]],
    ["probe_success", "Displays whether or not the probe was a success", [["", outcome.ok ? 1 : 0]]],
    ...[...families].map(([name, { help, lines }]): Family => [name, help, lines]),
  ];
}
