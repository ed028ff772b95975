import { z } from "zod";
import { internationalPhone } from "../phone.ts";

/**
 * A name declared elsewhere in the same declaration: `Ref<"role">` is the key of an entry of `roles`.
 * The compiler narrows it to the keys really declared (see `Bind`); at run time `references.ts` checks it.
 */
export type Ref<Kind extends string> = string & { readonly __ref?: Kind };

/** The schema of a reference to an entry of another collection. */
export const ref = <Kind extends string>(kind: Kind): z.ZodType<Ref<Kind>, Ref<Kind>> =>
  z.string().min(1, "a name").meta({ ref: kind }) as unknown as z.ZodType<Ref<Kind>, Ref<Kind>>;

/** Keys of every collection: they end up in container names, metric labels and addresses. */
export const identifier = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "lower-case words of letters and digits joined by single hyphens")
  .max(40);

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 } as const;
const DURATION = /^(\d+)(s|m|h|d|w|y)$/;

/** Seconds in a duration such as `30s`, `5m`, `12h`, `7d`, `4w`, `5y`; undefined where it is not one. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = DURATION.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * SECONDS[unit as keyof typeof SECONDS];
}

/** The longest length of time that means anything here: a century. */
const LONGEST_SECONDS = 100 * SECONDS.y;

/** A length of time, written `30s`, `5m`, `12h`, `7d`, `4w` or `5y`; in the inventory it is a number of seconds. */
export const duration = z
  .string()
  .refine((text) => isLength(parseDuration(text)), "a length of time such as 30s, 5m, 12h, 7d or 5y, at most 100y")
  .transform((text) => parseDuration(text)!);

/** True for a number of seconds above zero and up to a century. */
export const isLength = (seconds: number | undefined): boolean =>
  seconds !== undefined && seconds > 0 && seconds <= LONGEST_SECONDS;

const TIME_ZONES: ReadonlySet<string> = new Set([...Intl.supportedValuesOf("timeZone"), "UTC"]);

/** A telephone number, kept in E.164 however it is written. */
export const phone = z.string().transform((text, context): string => {
  const number = internationalPhone(text);
  if (number !== undefined) return number;
  context.addIssue({ code: "custom", message: "a whole telephone number such as +33639980101 or 06 39 98 01 01" });
  return z.NEVER;
});

/** A time zone by its IANA name. */
export const timeZone = z.string().refine((zone) => TIME_ZONES.has(zone), {
  error: "an IANA time zone such as Europe/Paris",
  params: { choices: [...TIME_ZONES] },
});

/** A day, `YYYY-MM-DD` (RFC 3339 full-date). */
export const day = z.iso.date("a day such as 2027-01-31");

/**
 * Text for people, on one line. It ends up in configuration files, terminals and mail headers: a control character or
 * a change of writing direction (Unicode UAX #9) has no place in it.
 */
export const text = z
  .string()
  .trim()
  .min(1, "some text")
  .regex(/^[^\p{Cc}\u2028-\u202e\u2066-\u2069]*$/u, "text on one line, without control characters");

/** Text for people, in each of the association's languages. */
export const localText = z.strictObject({
  /** In French: members read this one. */
  fr: text,
  /** In English. */
  en: text,
});
export type LocalText = z.output<typeof localText>;

/** An amount of money, VAT included. */
export const cost = z.strictObject({
  /** How much, in euros. */
  euros: z.number().nonnegative(),
  /** What the amount pays for: one month, one year, or once. */
  per: z.enum(["month", "year", "once"]),
  /** For `once`: over how many years it is spread in the yearly budget. */
  years: z.number().int().positive().default(1),
});
export type Cost = z.output<typeof cost>;

/** A DNS name without a final dot (RFC 1123 section 2.1: letters, digits, hyphens, labels of 63 at most). */
export const hostname = z
  .string()
  .max(253)
  .regex(
    /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    "a DNS name in lower case such as wiki.example.org",
  );

/** A mail address, `local-part@domain`, in lower case; of the lengths that RFC 5321 section 4.5.3.1 allows. */
export const mailAddress = z
  .email("a mail address such as tresor@example.org")
  .max(254)
  .refine((address) => address.lastIndexOf("@") <= 64, "at most 64 characters before the @")
  .toLowerCase();

/** The address of a page; of no other scheme, for pages link to it. */
export const webAddress = z.url({ protocol: /^https?$/, error: "an address such as https://example.org" });

/** A TCP port. */
export const port = z.number().int().min(1).max(65_535);

/** Why something that is normally required is left out; it is shown to reviewers. */
export const reason = text.min(10, "a reason of ten characters or more");
