import { ipOf, type Prober } from "./blackbox-settings.ts";
import { type Fields, isFields, listOf, type Tell, textOf } from "./draft.ts";
import { jsRegex, together } from "./regex.ts";
import { atTheEnd, FOLLOWING, requestOf, WHOLE_PAGES } from "./request.ts";
import { basic, bearer, hasVariable, type SignIn } from "./secrets.ts";

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

export const http: Prober = (address, settings, tell) => {
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
};

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
