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
  type Tell,
  textOf,
} from "./draft.ts";
import { type TargetsFile, targetsOf } from "./prometheus-targets.ts";
import { readYaml } from "./read.ts";
import { jsRegex, together } from "./regex.ts";
import { atTheEnd, FOLLOWING, requestOf, starttlsAt, WHOLE_PAGES } from "./request.ts";
import { basic, bearer, hasVariable, readSaid, type SignIn, shownUrl } from "./secrets.ts";

/**
 * A `blackbox.yml` and the targets that Prometheus has it probe: a `prometheus.yml` with `scrape_configs`, or a file of
 * `file_sd_configs`.
 * @throws ImportError where they are none
 */
export function importBlackbox(text: string, name: string, targets: TargetsFile | undefined): Imported {
  const config = readYaml(text, name, "modules");
  if (!isFields(config) || !isFields(config.modules))
    throw new ImportError(`${name}: expected a blackbox.yml, with \`modules\``);
  if (targets === undefined)
    throw new ImportError(
      `${name} says how to probe, not what: add --targets FILE, a prometheus.yml or a file of targets`,
    );
  const losses = new Losses();
  const modules = config.modules;
  const all = targetsOf(readYaml(targets.text, targets.name, "scrape_configs"), targets, losses);
  const drafts = all.flatMap((target): Draft[] => {
    const tell = losses.about(`${target.where} ${JSON.stringify(shownUrl(target.address))}`);
    const module = Object.hasOwn(modules, target.module) ? modules[target.module] : undefined;
    if (!isFields(module)) {
      tell("the target", `its module ${JSON.stringify(target.module)} is not in ${name}`);
      return [];
    }
    const check = checkOf(target.address, module, tell);
    if (check === undefined) return [];
    const timeout = Math.min(goSeconds(module.timeout) ?? Number.POSITIVE_INFINITY, target.timeout);
    return [
      {
        name: nameOf(target.address),
        ...(check.check === "http" ? { url: String(check.fields.url) } : {}),
        checks: [
          {
            ...check,
            fields: {
              ...check.fields,
              every: target.every ?? "60s",
              ...(Number.isFinite(timeout) ? { timeout: duration(timeout).text } : {}),
            },
          },
        ],
      },
    ];
  });
  return { drafts, losses: losses.all };
}

function checkOf(address: string, module: Fields, tell: Tell): DraftCheck | undefined {
  const own = module[String(module.prober)];
  const settings = isFields(own) ? own : {};
  switch (module.prober) {
    case "http":
      return http(address, settings, tell);
    case "tcp":
      return tcp(address, settings, tell);
    case "icmp":
      for (const key of ["payload_size", "ttl", "dont_fragment", "source_ip_address"])
        if (settings[key] !== undefined) tell(key, "the lookout has no such setting");
      return { check: "icmp", fields: { host: address.replace(/^\[|\]$/g, ""), ...ipOf(settings) } };
    case "dns":
      return dns(address, settings, tell);
    default:
      tell("the target", `the lookout has no prober ${JSON.stringify(module.prober)}`);
      return undefined;
  }
}

const HTTP_READ = new Set([
  "method",
  "headers",
  "body",
  "valid_status_codes",
  "follow_redirects",
  "fail_if_body_matches_regexp",
  "fail_if_body_not_matches_regexp",
  "fail_if_header_not_matches",
  "fail_if_header_matches",
  "accept_any_response",
  "tls_config",
  "fail_if_not_ssl",
  "fail_if_ssl",
  "preferred_ip_protocol",
  "ip_protocol_fallback",
  "no_follow_redirects",
  "valid_http_versions",
  "enable_http2",
  "http_headers",
  "basic_auth",
  "authorization",
  "bearer_token",
  "bearer_token_file",
  "oauth2",
]);

function http(address: string, settings: Fields, tell: Tell): DraftCheck | undefined {
  const url = /^https?:\/\//i.test(address) ? address : `http://${address}`;
  for (const key of Object.keys(settings)) if (!HTTP_READ.has(key)) tell(key, "the lookout has no such setting");
  if (settings.fail_if_not_ssl === true && !/^https:/i.test(url))
    tell("fail_if_not_ssl", "write the address with https");
  if (settings.fail_if_ssl === true) tell("fail_if_ssl", "an address with http may still lead to https");
  if (settings.oauth2 !== undefined)
    tell("oauth2", "the lookout signs in by `auth` with a password, a token or a header");
  const sent = {
    ...(isFields(settings.headers) ? settings.headers : {}),
    ...(isFields(settings.http_headers) ? settings.http_headers : {}),
  };
  for (const [header, value] of Object.entries(sent))
    if (isFields(value) && (value.secrets !== undefined || value.files !== undefined))
      tell(`http_headers ${header}`, "its secrets are not carried over: write it as `auth`, or in a `journey`");
  const { method, body } = settings;
  const asked = requestOf({ url, method, body, headers: sent, signIn: signInOf(settings, tell) }, tell);
  if (asked === undefined) return undefined;
  const status = listOf(settings.valid_status_codes, "valid_status_codes").flatMap((code) =>
    Number.isInteger(code) ? [code as number] : [],
  );
  const wanted = listOf(settings.fail_if_body_not_matches_regexp, "fail_if_body_not_matches_regexp").map(String);
  const unwanted = listOf(settings.fail_if_body_matches_regexp, "fail_if_body_matches_regexp").map(String);
  // A plain text reads better as a condition.
  const conditions = unwanted.filter((one) => PLAIN.test(one)).map((one) => `[BODY] != pat(*${one}*)`);
  const looked = together(wanted.map(jsRegex), unwanted.filter((one) => !PLAIN.test(one)).map(jsRegex));
  const expected = headersOf(settings, tell);
  if (isFields(settings.tls_config) && Object.values(settings.tls_config).some((value) => value !== false))
    tell("tls_config", "certificates are always verified, by the authorities that the lookout knows");
  const stays = settings.follow_redirects === false || settings.no_follow_redirects === true;
  const expect = {
    ...(settings.accept_any_response === true ? { status: ["1xx", "2xx", "3xx", "4xx", "5xx"] } : {}),
    ...(status.length > 0 ? { status: stays ? status : atTheEnd(status) } : {}),
    ...(looked === undefined ? {} : { body: { regex: looked } }),
    ...(Object.keys(expected).length > 0 ? { header: expected } : {}),
  };
  const versions = listOf(settings.valid_http_versions, "valid_http_versions").map(String);
  return {
    check: "http",
    signIn: asked.signIn,
    ...(conditions.length > 0 ? { conditions } : {}),
    fields: {
      ...asked.fields,
      ...(Object.keys(expect).length > 0 ? { expect } : {}),
      ...(stays ? { redirects: 0 } : FOLLOWING),
      ...(versions.length > 0 && versions.every((one) => one.startsWith("HTTP/2")) ? { http2: "required" } : {}),
      ...(wanted.length + unwanted.length > 0 ? { readKb: WHOLE_PAGES } : {}),
      ...ipOf(settings),
    },
  };
}

/** Who it signs in as (Prometheus's documentation, "http_config"). */
function signInOf(
  { basic_auth, authorization, bearer_token, bearer_token_file }: Fields,
  tell: Tell,
): SignIn | undefined {
  if (isFields(basic_auth)) {
    const login = textOf(basic_auth.username);
    if (login !== undefined && !hasVariable(login)) return basic(login);
    tell("basic_auth", "its user name is not in the file: write it as `auth`, with the name of the password's secret");
    return undefined;
  }
  if (isFields(authorization)) {
    const type = textOf(authorization.type) ?? "Bearer";
    return /^bearer$/i.test(type) ? bearer : (value) => ({ auth: { header: "authorization", value } });
  }
  return bearer_token === undefined && bearer_token_file === undefined ? undefined : bearer;
}

/** An expression that stands for itself. */
const PLAIN = /^[\p{L}\p{N} _,:;/'"=<>@#%&-]{1,200}$/u;

/** What headers must or must not say. */
function headersOf(settings: Fields, tell: Tell): Record<string, Fields> {
  const found: Record<string, Fields> = {};
  for (const key of ["fail_if_header_not_matches", "fail_if_header_matches"] as const)
    for (const one of listOf(settings[key], key).filter(isFields)) {
      const [name, expression] = [textOf(one.header)?.toLowerCase(), textOf(one.regexp)];
      if (name === undefined || expression === undefined) continue;
      const optional = one.allow_missing === true;
      const wanted = key === "fail_if_header_not_matches";
      if (wanted && optional) tell(key, `${name}: a header that must say something must be there`);
      if (found[name] !== undefined) tell(key, `${name}: one expectation is kept for each header`);
      else if (wanted) found[name] = { regex: jsRegex(expression) };
      // One that may be missing is looked for in vain as a text only.
      else if (!optional) found[name] = { regex: together([], [jsRegex(expression)])! };
      else if (PLAIN.test(expression)) found[name] = { not: expression };
      else tell(key, `${name}: only a plain text can be looked for in vain, not an expression`);
    }
  return found;
}

const ipOf = ({ preferred_ip_protocol: protocol, ip_protocol_fallback: fallback }: Fields): Fields =>
  fallback === false && (protocol === "ip4" || protocol === "ip6") ? { ip: protocol === "ip4" ? 4 : 6 } : {};

/** What there is nothing like; what is set to what the exporter does anyway is worth no word. */
function tellRest(settings: Fields, read: Readonly<Record<string, readonly unknown[]>>, tell: Tell): void {
  for (const [key, value] of Object.entries(settings))
    if (!Object.hasOwn(read, key) || (read[key]!.length > 0 && !read[key]!.includes(value)))
      tell(key, "the lookout has no such setting");
}

const VERSIONS: Readonly<Record<string, string>> = { TLS12: "TLSv1.2", TLS13: "TLSv1.3" };

/** What of `tls_config` a check of TLS has too. */
function tlsOf(config: unknown, tell: Tell): Fields {
  if (!isFields(config)) return {};
  const { server_name: name, min_version: version, insecure_skip_verify: insecure, ...rest } = config;
  const own = VERSIONS[String(version)];
  if (insecure === true || (version !== undefined && own === undefined) || Object.values(rest).some(Boolean))
    tell("tls_config", "certificates are always verified, by the authorities that the lookout knows");
  return {
    ...(textOf(name) ? { serverName: name } : {}),
    ...(own === undefined ? {} : { minVersion: own }),
  };
}

const TCP_READ = {
  query_response: [],
  tls: [],
  tls_config: [],
  preferred_ip_protocol: [],
  ip_protocol_fallback: [],
};

function tcp(address: string, settings: Fields, tell: Tell): DraftCheck | undefined {
  tellRest(settings, TCP_READ, tell);
  const steps = listOf(settings.query_response, "query_response").filter(isFields);
  // How long a certificate is still good is looked at in Prometheus.
  const tls = { address, minRemaining: "1s", ...tlsOf(settings.tls_config, tell) };
  if (steps.some(({ starttls }) => starttls === true))
    return { check: "tls", fields: { ...tls, starttls: starttlsAt(address) } };
  if (settings.tls === true) {
    if (steps.length > 0) tell("query_response", "over TLS the lookout looks at the certificate only");
    return { check: "tls", fields: tls };
  }
  if (steps.some(({ expect_bytes }) => expect_bytes !== undefined))
    tell("query_response", "the lookout waits for text, not for bytes");
  const [said, answers] = [
    steps.flatMap((step) => textOf(step.send) ?? []),
    steps.flatMap((step) => textOf(step.expect) ?? []),
  ];
  if (said.length + answers.length > 2) tell("query_response", "one question and one answer are kept");
  const send = said[0] === undefined ? undefined : readSaid(said[0], tell);
  return {
    check: "tcp",
    fields: {
      address,
      ...(send === undefined ? {} : { send: `${send}\n` }),
      ...(answers[0] === undefined ? {} : { expect: { regex: jsRegex(answers[0]) } }),
      ...ipOf(settings),
    },
  };
}

/** With the values that change nothing. */
const DNS_READ = {
  query_name: [],
  query_type: [],
  valid_rcodes: [],
  validate_answer_rrs: [],
  validate_authority_rrs: [],
  validate_additional_rrs: [],
  preferred_ip_protocol: [],
  ip_protocol_fallback: [],
  query_class: ["IN"],
  transport_protocol: ["udp"],
  dns_over_tls: [false],
  recursion_desired: [true],
};

function dns(server: string, settings: Fields, tell: Tell): DraftCheck | undefined {
  const name = textOf(settings.query_name);
  if (name === undefined) {
    tell("the target", "its module has no query_name");
    return undefined;
  }
  for (const key of ["validate_answer_rrs", "validate_authority_rrs", "validate_additional_rrs"])
    if (isFields(settings[key]) && Object.keys(settings[key]).length > 0)
      tell(key, "write the expected answers as `expect` by hand");
  tellRest(settings, DNS_READ, tell);
  if (settings.query_type === undefined) tell("query_type", "the exporter asks for ANY: here it is A, name another");
  const rcodes = listOf(settings.valid_rcodes, "valid_rcodes").map(String);
  return {
    check: "dns",
    fields: { name: name.replace(/\.$/, ""), type: textOf(settings.query_type) ?? "A", resolvers: [server] },
    // A name without records is as good there as one with some: only the response code is looked at.
    conditions: [
      rcodes.length > 1 ? `[DNS_RCODE] == any(${rcodes.join(", ")})` : `[DNS_RCODE] == ${rcodes[0] ?? "NOERROR"}`,
    ],
  };
}

const nameOf = (address: string): string =>
  shownUrl(address)
    .replace(/^[a-z]+:\/\//i, "")
    .replace(/\/?(\?…)?$/, "");
