import { type DraftCheck, type Fields, isFields, type Tell, textOf } from "./draft.ts";
import { FOLLOWING } from "./request.ts";
import { GIVE_VALUE, hasVariable, isSecret, looksSecret, readUrl, shownUrl } from "./secrets.ts";

/** Where Gatus puts a value of the suite's context (its README, "Using Context in Endpoints"). */
const CONTEXT = /\[CONTEXT\]\.([\w.-]+)/g;
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "DELETE"]);
/** The name that a journey knows its secret by. */
const SECRET = "secret";

/** Why a step cannot be one of a journey; with one step less, a journey would prove something else. */
class NoStep extends Error {}

/**
 * A suite as a `journey`: steps in order, values carried from one to the next. Undefined, with the reason told, where one
 * of its steps cannot be carried over.
 */
export function journeyOf(suite: Fields, expand: (text: string) => string, tell: Tell): DraftCheck | undefined {
  const endpoints = (Array.isArray(suite.endpoints) ? suite.endpoints : []).filter(
    (one): one is Fields => isFields(one) && one.enabled !== false,
  );
  if (endpoints.length === 0) {
    tell("the suite", "it has no endpoints");
    return undefined;
  }
  const reading = new Reading(isFields(suite.context) ? suite.context : {}, expand, tell);
  const steps: Fields[] = [];
  for (const [index, endpoint] of endpoints.entries()) {
    const name = (textOf(endpoint.name) ?? `step ${index + 1}`).slice(0, 60);
    try {
      steps.push({ name, ...stepOf(endpoint, name, reading) });
    } catch (error) {
      if (!(error instanceof NoStep)) throw error;
      tell("the suite", `write the \`journey\` by hand: in its step ${JSON.stringify(name)}, ${error.message}`);
      return undefined;
    }
  }
  const follows = endpoints.some(({ client }) => !isFields(client) || client["ignore-redirect"] !== true);
  return {
    check: "journey",
    fields: { steps, ...(follows ? FOLLOWING : { redirects: 0 }) },
    signIn: reading.secret === undefined ? undefined : (secret) => ({ secrets: { [SECRET]: secret } }),
  };
}

/** What is known from one step to the next. */
class Reading {
  /** The value that stands behind the journey's one secret: two steps may use the same. */
  secret: string | undefined;
  readonly #carried = new Map<string, string>();
  readonly tell: Tell;
  readonly expand: (text: string) => string;
  readonly #constants: Fields;

  constructor(constants: Fields, expand: (text: string) => string, tell: Tell) {
    this.tell = tell;
    this.expand = expand;
    this.#constants = constants;
  }

  /** A text with what the context holds from the start put in, and `{name}` for what steps found. @throws NoStep */
  text(text: string): string {
    return this.expand(text).replace(CONTEXT, (whole, path: string) => {
      const own = this.#carried.get(path) ?? this.constant(path);
      if (own === undefined) throw new NoStep(`nothing known is called ${whole}`);
      return own;
    });
  }

  /** What the context holds from the start; a secret stands there under its own name. @throws NoStep */
  constant(path: string): string | undefined {
    const value = path
      .split(".")
      .reduce<unknown>((at, key) => (isFields(at) && Object.hasOwn(at, key) ? at[key] : undefined), this.#constants);
    if (value === undefined || value === null || typeof value === "object") return undefined;
    const text = this.expand(String(value));
    return looksSecret(path.split(".").at(-1)!) || hasVariable(text) ? this.hidden(text) : text;
  }

  /** Stands for a secret. @throws NoStep where it is another one than before: a service's secret is called as the service is */
  hidden(value: string): string {
    if (this.secret !== undefined && this.secret !== value) throw new NoStep("there is a second secret");
    this.secret = value;
    return `{${SECRET}}`;
  }

  /** The name that a value is carried under. */
  carry(path: string): string {
    const base =
      path
        .toLowerCase()
        .replace(/[^a-z0-9_]+/g, "_")
        .replace(/^[^a-z]+/, "")
        .slice(0, 28) || "value";
    const others = [...this.#carried].filter(([other]) => other !== path).map(([, own]) => own);
    let name = base;
    for (let more = 2; name === SECRET || others.includes(`{${name}}`); more++) name = `${base}_${more}`;
    this.#carried.set(path, `{${name}}`);
    return name;
  }
}

function stepOf(endpoint: Fields, name: string, reading: Reading): Fields {
  const at = `step ${JSON.stringify(name)}`;
  const url = reading.text(textOf(endpoint.url) ?? "");
  if (hasVariable(url)) throw new NoStep(`its url has a variable of the environment in it; ${GIVE_VALUE}`);
  // A value that is found later has no place in an address that is looked at now.
  const plain = url.replace(/\{[a-z0-9_]+\}/g, "x");
  const read = URL.canParse(plain) ? new URL(plain) : undefined;
  if (read === undefined || !/^https?:$/.test(read.protocol))
    throw new NoStep(`its url is no http(s) address: ${shownUrl(url)}`);
  if (read.username || read.password || readUrl(plain, () => {})?.url !== read.href.replace(/#.*$/, ""))
    throw new NoStep("its url holds a secret");
  const graphql = endpoint.graphql === true;
  const method = (textOf(endpoint.method) ?? (graphql ? "POST" : "GET")).toUpperCase();
  if (!METHODS.has(method)) throw new NoStep(`its method is ${method}`);
  const client = isFields(endpoint.client) ? endpoint.client : {};
  if (client.insecure === true) reading.tell(`${at}, client.insecure`, "certificates are always verified");
  if (endpoint["always-run"] === true)
    reading.tell(`${at}, always-run`, "a journey ends with the first step that fails: what this one cleans up stays");
  const { type, headers } = headersOf(isFields(endpoint.headers) ? endpoint.headers : {}, reading);
  const body = bodyOf(endpoint, type, reading);
  const conditions = conditionsOf(endpoint.conditions, at, reading);
  const extract = extractOf(endpoint.store, at, reading);
  return {
    url,
    ...(method === (body === undefined ? "GET" : "POST") ? {} : { method }),
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    ...body,
    ...(conditions.length > 0 ? { conditions } : {}),
    ...(Object.keys(extract).length > 0 ? { extract } : {}),
  };
}

function headersOf(all: Fields, reading: Reading): { type: string; headers: Record<string, string> } {
  let type = "";
  const headers: Record<string, string> = {};
  for (const [header, value] of Object.entries(all)) {
    const key = header.toLowerCase();
    const text = reading.text(String(value));
    const isCarried = /\{[a-z0-9_]+\}/.test(text);
    if (key === "content-type") type = text;
    // Cookies are kept from one step to the next, and the address says the host.
    else if (key !== "cookie" && key !== "host")
      headers[key] =
        !isCarried && (looksSecret(key) || isSecret(text) || hasVariable(text)) ? reading.hidden(text) : text;
  }
  return { type, headers };
}

function bodyOf(endpoint: Fields, type: string, reading: Reading): Fields | undefined {
  const text = textOf(endpoint.body);
  if (text === undefined) return undefined;
  if (endpoint.graphql === true) return { json: { query: reading.text(text) } };
  const form = /^[\w.[\]-]+=[^&]*(&[\w.[\]-]+=[^&]*)*$/.test(text.trim());
  if (form && (type === "" || /x-www-form-urlencoded/i.test(type))) {
    const fields = [...new URLSearchParams(text.trim())];
    return { form: Object.fromEntries(fields.map(([key, value]) => [key, field(key, value, reading)])) };
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new NoStep("what it sends is neither a form nor JSON");
  }
  if (!isFields(document)) throw new NoStep("the JSON that it sends is no object");
  return { json: within("", document, reading) };
}

/** JSON to send, as deep as it is; a list's texts are called as the list is. */
function within(key: string, value: unknown, reading: Reading): unknown {
  if (typeof value === "string") return field(key, value, reading);
  if (Array.isArray(value)) return value.map((one) => within(key, one, reading));
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, within(name, one, reading)]));
}

/** A field of what is sent: in place of a secret, its name. */
function field(key: string, value: string, reading: Reading): string {
  const text = reading.text(value);
  const isCarried = /\{[a-z0-9_]+\}/.test(text);
  return !isCarried && (looksSecret(key) || isSecret(text) || hasVariable(text)) ? reading.hidden(text) : text;
}

function conditionsOf(all: unknown, at: string, reading: Reading): string[] {
  return (Array.isArray(all) ? all : []).flatMap((one) => {
    const condition = textOf(one);
    if (condition === undefined || /^\[CONNECTED\]\s*==\s*true$/.test(condition)) return [];
    let text: string;
    try {
      text = reading.text(condition).replace(/(^|\s)\{([a-z0-9_]+)\}(?=\s|$)/g, "$1[CONTEXT].$2");
    } catch (error) {
      if (!(error instanceof NoStep)) throw error;
      text = "{}";
    }
    if (!/\{/.test(text)) return [text];
    reading.tell(
      `${at}, condition ${condition}`,
      "a journey compares with the whole of what was found, not with a pattern of it",
    );
    return [];
  });
}

function extractOf(store: unknown, at: string, reading: Reading): Fields {
  const found: Record<string, Fields> = {};
  for (const [key, from] of Object.entries(isFields(store) ? store : {})) {
    const [, path] = /^\[BODY\]\.?(.+)$/.exec(String(from)) ?? [];
    if (path === undefined)
      reading.tell(`${at}, store ${key}`, `only values of a JSON body are carried: ${String(from)} is not`);
    else found[reading.carry(key)] = { json: path };
  }
  return found;
}
