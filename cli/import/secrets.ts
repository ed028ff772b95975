import { type Fields, isFields, type Tell, textOf } from "./draft.ts";

/** Fields that sign a check in, once its secret has a name. */
export type SignIn = (secret: { readonly secret: string }) => Fields;

/** A word of a field's name that tells that its value proves who asks. Secrets are named in a declaration, never in it. */
const SECRET_WORD =
  /(^|-)(pass(word|wd|phrase|wort)?|pwd|mot-?de-?passe)$|password|secret|token|(api|access|private)-?key|(^|-)key$|^auth(entication|orization)?(-|$)|credential|^sig(nature)?$|^session(-|$)|^cookie$/;

/** True where a header, a parameter or a field of a form is called as secrets are: `X-Api-Key`, `access_token`, `userPassword`. */
export const looksSecret = (name: string): boolean =>
  SECRET_WORD.test(
    name
      .replace(/([a-z])([A-Z])/g, "$1-$2")
      .toLowerCase()
      .replace(/[_.\s]+/g, "-")
      .replace(/^(proxy|x)-/, ""),
  );

/** `$NAME` or `${NAME}`, as Gatus, shells and templates write variables of the environment. */
export const hasVariable = (text: string): boolean => /\$(\{\s*\w|[A-Za-z_])/.test(text);

/** True where the value of a variable of the environment is a secret by its name: `API_TOKEN`, not `TOKEN_URL`. */
export const namesSecret = (variable: string): boolean =>
  /(^|_)(pass(word|wd|phrase)?|pwd|secret|token|key|credential|auth|cookie)s?$/i.test(variable);

/** What to do about a variable. */
export const GIVE_VALUE = "give its value by --env FILE, where it is no secret";

/** How well-known services write what proves who asks: JSON web tokens, those of forges, chats, payments and clouds, keys in PEM. */
const KNOWN_SECRET =
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.|\b(gh[pousr]|github_pat|glpat|xox[abeprs]|[spr]k_live|[spr]k_test|tk)[-_][\w-]{16,}|\bAKIA[A-Z0-9]{16}\b|-{5}BEGIN [A-Z ]*PRIVATE KEY|\bbot\d{6,}:[\w-]{30,}|\bhooks\.slack\.com\/\w+\/|\/api\/webhooks\/\d+\//;

/** True where a text holds what proves who asks, whatever it is called. */
export const holdsSecret = (text: string): boolean => KNOWN_SECRET.test(text);

/** True where a value is one itself, or as random as one. */
export const isSecret = (value: string): boolean =>
  holdsSecret(value) || /^[0-9a-f]{32,}$/i.test(value) || /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[\w+/=-]{24,}$/.test(value);

/** A path or a fragment that holds one: `/login;password=…`. */
const inPath = (text: string): boolean =>
  holdsSecret(text) || [...text.matchAll(/[;/&#]([\w.-]+)=/g)].some(([, name]) => looksSecret(name!));

/** An address without what may be secret in it, for messages and names. */
export const shownUrl = (url: string): string => {
  const shown = url
    .replace(/^([a-z+]+:\/\/)?[^/?#]*@/i, "$1")
    .replace(/[?#].*$/s, (rest) => (rest.length > 1 ? "?…" : ""));
  return inPath(shown) ? shown.replace(/^((?:[a-z+]+:\/\/)?[^/;]*).*$/is, "$1/…") : shown;
};

/** An address as a declaration may hold it, and who it signed in as; undefined, with the reason told, where its path is a secret. */
export function readUrl(text: string, tell: Tell): { url: string; signIn?: SignIn } | undefined {
  const url = new URL(text);
  // Nobody is asked for it.
  url.hash = "";
  if (inPath(`${url.host}${url.pathname}`)) {
    tell("its url", `what looks like a secret is in its path, which no address may hold: ${shownUrl(text)}`);
    return undefined;
  }
  const login = decoded(url.username);
  const signs = url.username !== "" || url.password !== "";
  url.username = "";
  url.password = "";
  for (const name of [...url.searchParams.keys()])
    if (looksSecret(name) || url.searchParams.getAll(name).some(isSecret)) {
      url.searchParams.delete(name);
      tell(`${name} in its url`, "it looks like a secret, which no address may hold: ask with `auth` instead");
    }
  return { url: url.href, ...(signs ? { signIn: basic(login) } : {}) };
}

/** A part of an address, as it was meant; as it is where it was written wrong. */
export const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

export const basic =
  (login: string): SignIn =>
  (password) => ({ auth: { login, password } });
export const bearer: SignIn = (secret) => ({ auth: { bearer: secret } });

/** What to send as it is, and who the headers sign in as. */
export function readHeaders(value: unknown, tell: Tell): { headers: Record<string, string>; signIn?: SignIn } {
  const headers: Record<string, string> = {};
  let signIn: SignIn | undefined;
  for (const [name, content] of Object.entries(isFields(value) ? value : {})) {
    // Prometheus lists values of headers.
    const text = String(isFields(content) ? ([content.values].flat()[0] ?? "") : content);
    if (/^host$/i.test(name)) tell("header host", "the lookout asks for the address's own host");
    else if (/^cookie$/i.test(name)) tell(`header ${name}`, "a session ends: sign in with `auth` or in a `journey`");
    else if (looksSecret(name) || isSecret(text)) {
      if (signIn !== undefined) tell(`header ${name}`, "one secret is carried over for each check");
      signIn ??= signInOf(name, text);
    } else if (hasVariable(text)) tell(`header ${name}`, "it has a variable of the environment in it");
    else headers[name.toLowerCase()] = text;
  }
  return { headers, ...(signIn === undefined ? {} : { signIn }) };
}

function signInOf(header: string, text: string): SignIn {
  if (/^authorization$/i.test(header)) {
    const [, scheme, rest = ""] = /^(basic|bearer)\s+(.*)$/i.exec(text.trim()) ?? [];
    if (scheme?.toLowerCase() === "bearer") return bearer;
    const login = scheme === undefined ? undefined : loginIn(rest);
    if (login !== undefined) return basic(login);
  }
  return (secret) => ({ auth: { header: header.toLowerCase(), value: secret } });
}

/** The login of `Basic …` (RFC 7617); undefined where the text is none of it. */
function loginIn(text: string): string | undefined {
  if (!/^[A-Za-z0-9+/=]+$/.test(text)) return undefined;
  const [login, password] = Buffer.from(text, "base64").toString("utf8").split(":");
  return password === undefined || /[^\x20-\x7e]/.test(login!) ? undefined : login;
}

/** Words by which a client of a mail, Redis or IRC server proves who it is, with what they are followed by. */
const SIGNS_IN = /^\s*(?:\w+ )?(?:auth|pass|login|authenticate|oper|identify)\b\s*\S/im;

/** What to say to a server as text; nothing where secrets are in it. */
export function readSaid(value: unknown, tell: Tell): string | undefined {
  if (typeof value !== "string" || !SIGNS_IN.test(value)) return readBody(value, tell);
  tell("what it sends", "it signs in: what proves who asks has no place in a declaration");
  return undefined;
}

/** What to send; nothing where secrets are in it. */
export function readBody(value: unknown, tell: Tell): string | undefined {
  const body = textOf(value) ?? (isFields(value) ? JSON.stringify(value) : undefined);
  if (body === undefined) return undefined;
  const names = [...body.matchAll(/(?:^|[?&{,\s"'<])([\w.-]{2,40})["']?\s*[:=>]/g)].map(([, name]) => name!);
  const secret = names.find(looksSecret);
  if (secret !== undefined)
    tell("body", `its ${secret} looks like a secret: write a \`journey\`, whose \`form\` and \`json\` take secrets`);
  else if (holdsSecret(body))
    tell("body", "it holds what looks like a secret: write a `journey`, whose `form` and `json` take secrets");
  else if (hasVariable(body)) tell("body", "it has a variable of the environment in it");
  else return body;
  return undefined;
}
