import { type DraftCheck, duration, type Fields, isFields, numberOf, type Tell, textOf } from "./draft.ts";
import { escaped, together } from "./regex.ts";
import { askedName, atTheEnd, FOLLOWING, requestOf, starttlsAt, WHOLE_PAGES } from "./request.ts";
import { basic, decoded, type SignIn } from "./secrets.ts";

/** A monitor as a check; undefined, with the reason told, where there is none. */
export type Reader = (monitor: Fields, tell: Tell) => DraftCheck | undefined;

export const isSet = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  value !== false &&
  value !== 0 &&
  value !== "" &&
  !(Array.isArray(value) && value.length === 0);

/** How a monitor of each type is read, or why it is not. */
export const TYPES: Readonly<Record<string, Reader | string>> = {
  http: (monitor, tell) => http(monitor, tell),
  keyword: (monitor, tell) => {
    const keyword = textOf(monitor.keyword);
    const check = http(monitor, tell);
    if (keyword === undefined || check === undefined) return check;
    const body = keywordIn(keyword, isSet(monitor.invertKeyword));
    const expect = { ...(check.fields.expect as object | undefined), body };
    return { ...check, fields: { ...check.fields, expect, readKb: WHOLE_PAGES } };
  },
  "json-query": (monitor, tell) => {
    const check = http(monitor, tell);
    const { expectedValue: expected } = monitor;
    if (check === undefined || expected === undefined || expected === null) return check;
    const path = textOf(monitor.jsonPath)?.trim() ?? "$";
    const rest = JSONATA_PATH.test(path) ? path.replace(/^\$\.?/, "") : undefined;
    const operator = textOf(monitor.jsonPathOperator) ?? "==";
    const value = comparedWith(String(expected), operator);
    if (rest === undefined || value === undefined) {
      tell("its JSON query", `write it as a condition by hand: ${path} ${operator} a value`);
      return check;
    }
    const place = rest === "" ? "[BODY]" : rest.startsWith("[") ? `[BODY]${rest}` : `[BODY].${rest}`;
    return {
      ...check,
      fields: { ...check.fields, readKb: WHOLE_PAGES },
      conditions: [`${place} ${operator === "contains" ? "==" : operator} ${value}`],
    };
  },
  port: (monitor, tell) => {
    const address = addressOf(monitor, tell);
    if (address === undefined) return undefined;
    if ((textOf(monitor.expectedTlsAlert ?? monitor.expected_tls_alert) ?? "none") !== "none")
      tell("the alert of TLS that it expects", "the lookout shows no certificate, and expects to be let in");
    const security = textOf(monitor.smtpSecurity);
    const secured = security === "secure" || security === "starttls";
    if (secured && isSet(monitor.expiryNotification) && !isSet(monitor.upsideDown))
      return { check: "tls", fields: { address, ...(security === "secure" ? {} : { starttls: starttlsAt(address) }) } };
    const closed = isSet(monitor.upsideDown) ? { conditions: ["[CONNECTED] == false"] } : {};
    return { check: "tcp", fields: { address }, ...closed };
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
    const type = textOf(monitor.dns_resolve_type) ?? "A";
    const [resolver, ...others] = (textOf(monitor.dns_resolve_server) ?? "")
      .split(",")
      .map((server) => server.trim())
      .filter((server) => server !== "")
      .map((server) => (port === undefined || port === 53 ? server : `${server}:${port}`));
    if (others.length > 0)
      tell("dns_resolve_server", "the first is asked: the others are asked there only where it does not answer");
    return {
      check: "dns",
      fields: { name: askedName(name, type), type, ...(resolver === undefined ? {} : { resolvers: [resolver] }) },
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
  mysql: (monitor, tell) => database("mysql", 3306, monitor, tell),
  postgres: (monitor, tell) => database("postgres", 5432, monitor, tell),
  sqlserver: "the lookout does not speak to SQL Server",
  mongodb: "the lookout does not speak to MongoDB",
  redis: "the lookout does not speak to Redis: a tcp check tells that it listens",
  mqtt: "the lookout does not speak MQTT: a tcp check tells that it listens",
  "grpc-keyword": "the lookout does not speak gRPC",
  radius: "the lookout does not speak RADIUS",
  steam: "the lookout does not watch games",
  gamedig: "the lookout does not watch games",
  "real-browser": "write it as a `journey`, a sequence of requests",
  "websocket-upgrade": "the lookout does not speak WebSocket",
  "system-service": "the lookout looks from outside: have the service report to a `heartbeat`",
  "sip-options": "the lookout does not speak SIP",
  globalping: "have a second lookout watch from elsewhere",
  oracledb: "the lookout does not speak to Oracle",
  sftp: "the lookout looks at SSH's banner and host key: declare the check `ssh`",
  "tailscale-ping": "the lookout has no Tailscale",
  "kafka-producer": "the lookout does not speak Kafka",
  snmp: "the lookout does not speak SNMP",
  rabbitmq: "its password is in the monitor: declare an http check by hand",
  smtp: (monitor, tell) => {
    const address = addressOf(monitor, tell);
    if (address === undefined) return undefined;
    const security = textOf(monitor.smtpSecurity);
    if (security === "secure") return { check: "tls", fields: { address } };
    return { check: "smtp", fields: { address, ...(security === "nostarttls" ? { tls: false } : {}) } };
  },
};

/** A path of JSONata that is one here too: names and indices. */
const JSONATA_PATH = /^(?:\$|[A-Za-z_]\w*)(?:\.[A-Za-z_]\w*|\[\d+\])*$/;

/** What a JSON query is compared with; undefined where a condition cannot hold it. */
function comparedWith(expected: string, operator: string): string | undefined {
  if (operator === "contains") return /[*()\n]/.test(expected) ? undefined : `pat(*${expected}*)`;
  if (/^[<>]=?$/.test(operator)) return numberOf(expected) === undefined ? undefined : expected.trim();
  if (operator !== "==" && operator !== "!=") return undefined;
  if (/^[\w.+-]+$/.test(expected)) return expected;
  const quote = expected.includes('"') ? "'" : '"';
  return expected.includes(quote) || /[\n\r]/.test(expected) ? undefined : `${quote}${expected}${quote}`;
}

/** What is looked for in a page. JSON is compared as it is written without spaces there, and as it was sent here. */
function keywordIn(keyword: string, inverted: boolean): string | Fields {
  if (!/"\s*[:,\]}]|[:,[{]\s*"/.test(keyword)) return inverted ? { not: keyword } : keyword;
  const regex = escaped(keyword).replace(/\s*(\\?[[\]{}]|[:,])\s*/g, "\\s*$1\\s*");
  return { regex: inverted ? together([], [regex])! : regex };
}

function addressOf(monitor: Fields, tell: Tell): string | undefined {
  const [host, port] = [textOf(monitor.hostname), numberOf(monitor.port)];
  if (host !== undefined && port !== undefined) return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  tell("the monitor", "it has no hostname and port");
  return undefined;
}

/** What its connection string says, `postgres://login:password@host:port/database`. */
function database(check: string, usualPort: number, monitor: Fields, tell: Tell): DraftCheck | undefined {
  const text = textOf(monitor.databaseConnectionString) ?? "";
  const url = /^[a-z+]+:\/\//.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  const name = url === undefined ? "" : decoded(url.pathname.slice(1));
  if (url === undefined || url.hostname === "" || url.username === "" || name === "") {
    tell(
      "the monitor",
      `declare the check \`${check}\` by hand: its connection string names no server, login and database`,
    );
    return undefined;
  }
  const query = textOf(monitor.databaseQuery);
  return {
    check,
    signIn: (password) => ({ password }),
    fields: {
      address: `${url.hostname}:${url.port || usualPort}`,
      database: name,
      login: decoded(url.username),
      ...(query === undefined ? {} : { query }),
    },
  };
}

function http(monitor: Fields, tell: Tell): DraftCheck | undefined {
  const asked = requestOf(
    {
      url: textOf(monitor.url) ?? "",
      method: monitor.method,
      headers: headersOf(monitor, tell),
      body: monitor.body,
      signIn: signInOf(monitor, tell),
    },
    tell,
  );
  if (asked === undefined) return undefined;
  const status = statusOf(monitor.accepted_statuscodes ?? monitor.accepted_statuscodes_json, tell);
  const redirects = Math.min(10, Math.max(0, Math.trunc(numberOf(monitor.maxredirects) ?? 10)));
  const family = String(monitor.ipFamily ?? monitor.ip_family ?? "");
  return {
    check: "http",
    signIn: asked.signIn,
    fields: {
      ...asked.fields,
      ...(status.length > 0 ? { expect: { status: redirects === 0 ? status : atTheEnd(status) } } : {}),
      ...(redirects === 0 ? { redirects } : { ...FOLLOWING, redirects }),
      ...(/^ipv[46]$/.test(family) ? { ip: Number(family.at(-1)) } : {}),
    },
  };
}

function signInOf(monitor: Fields, tell: Tell): SignIn | undefined {
  const how = textOf(monitor.authMethod);
  const login = textOf(monitor.basic_auth_user);
  if (how !== undefined && how !== "basic" && how !== "null")
    tell(`signing in by ${how}`, "the lookout signs in by `auth` with a password, a token or a header");
  return login !== undefined && (how === undefined || how === "basic") ? basic(login) : undefined;
}

/** Headers, which it keeps as the JSON that was typed; the type of a body is said by a field of its own. */
function headersOf({ headers: value, httpBodyEncoding: encoding, body }: Fields, tell: Tell): Fields {
  const type = textOf(body) === undefined ? undefined : BODY_TYPES[String(encoding)];
  const usual = type === undefined ? {} : { "Content-Type": type };
  try {
    const headers: unknown = typeof value === "string" && value.trim() !== "" ? JSON.parse(value) : value;
    return isFields(headers) ? { ...usual, ...headers } : usual;
  } catch {
    tell("headers", "they are no JSON");
    return usual;
  }
}

const BODY_TYPES: Readonly<Record<string, string>> = {
  json: "application/json",
  xml: "text/xml; charset=utf-8",
  form: "application/x-www-form-urlencoded",
};

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
    if (from.endsWith("00") && to.endsWith("99") && /^[1-5]/.test(from) && /^[1-5]/.test(to))
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
