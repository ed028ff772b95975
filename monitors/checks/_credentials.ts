import { z } from "zod";
import { type SecretRef, secret, secretFile } from "../../association/index.ts";
import { headerName } from "./_expectations.ts";
import { redactor } from "./_redact.ts";
import { readSecret } from "./_secret.ts";

/** How a check shows a web server who it is. */
export const credentials = z.union(
  [
    z.strictObject({
      /** The login, for HTTP's own passwords (RFC 7617). */
      login: z
        .string()
        .min(1)
        .regex(/^[^:\p{Cc}]*$/u, "a login without a colon"),
      /** Its password. */
      password: secret,
    }),
    z.strictObject({
      /** A token, shown as `Authorization: Bearer …` (RFC 6750). */
      bearer: secret,
    }),
    z.strictObject({
      /** The name of a header. */
      header: headerName,
      /** What it says. */
      value: secret,
    }),
  ],
  "`{ login, password }`, `{ bearer }` or `{ header, value }`",
);
export type Credentials = z.output<typeof credentials>;

export const secretsIn = (own: Credentials | undefined): SecretRef[] => {
  if (own === undefined) return [];
  return ["password" in own ? own.password : "bearer" in own ? own.bearer : own.value];
};

export type Authorized =
  | { ok: true; headers: Readonly<Record<string, string>>; redact(text: string): string }
  | { ok: false; message: string };

/** Nothing to prove. */
export const OPEN: Authorized & { ok: true } = { ok: true, headers: {}, redact: (text) => text };

/** The headers that prove it, made from secrets as they are now. */
export async function authorize(own: Credentials | undefined): Promise<Authorized> {
  if (own === undefined) return OPEN;
  const [ref] = secretsIn(own);
  const value = await readSecret(ref!);
  if (value === undefined) return { ok: false, message: `${secretFile(ref!)} cannot be read` };
  // RFC 9110 section 5.5: a line end would begin another field.
  if (/[^\t\x20-\x7e\x80-\xff]/.test("login" in own ? "" : value))
    return { ok: false, message: `${secretFile(ref!)} holds characters that no header may` };
  const basic = "login" in own ? Buffer.from(`${own.login}:${value}`).toString("base64") : undefined;
  const headers: Record<string, string> =
    basic !== undefined
      ? { authorization: `Basic ${basic}` }
      : "header" in own
        ? { [own.header]: value }
        : { authorization: `Bearer ${value}` };
  return { ok: true, headers, redact: redactor(basic === undefined ? [value] : [value, basic]) };
}
