import { stat } from "node:fs/promises";
import { z } from "zod";
import { duration, secret, secretFile } from "../../association/index.ts";
import { day } from "../../association/schema/values.ts";
import { english } from "../../dashboards/words/plural.ts";
import { defineCheck, failed, good } from "../check.ts";

const params = z
  .strictObject({
    /** What it is, for those who have to change it: `key of the newsletter's sender`. */
    what: z.string().min(1).max(100),
    /** The day since when it has been in use: write the new one with the new secret. */
    since: day.optional(),
    /** Or the secret itself, where a file's own time tells: one that somebody puts there by hand. */
    secret: secret.optional(),
    /** How long it may be in use. */
    maxAge: duration.prefault("1y"),
  })
  .refine(({ since, secret: file }) => (since === undefined) !== (file === undefined), "either `since` or `secret`");

const DAY = 86_400;

export default defineCheck({
  summary: "A password, key or token has not been in use for longer than agreed",
  params,
  secrets: ({ secret: ref }) => (ref === undefined ? [] : [ref]),
  target: ({ what }) => what,
  measures: { age_seconds: { help: "How long the secret has been in use.", metric: "vigie_secret_age_seconds" } },
  run: async ({ what, since, secret: ref, maxAge }) => {
    let start: number;
    if (since !== undefined) start = Date.parse(`${since}T00:00:00Z`);
    else {
      const found = await stat(secretFile(ref!)).catch(() => undefined);
      if (found === undefined) return failed("not-configured", `${secretFile(ref!)} cannot be read`);
      start = found.mtimeMs;
    }
    const age = (Date.now() - start) / 1000;
    const measures = { age_seconds: age };
    if (age <= maxAge) return good({ measures });
    const days = (seconds: number) => Math.floor(seconds / DAY);
    return failed(
      "over-age",
      `${what}: in use for ${days(age)} ${english.form(days(age), "day", "days")}, expected ${days(maxAge)} at most`,
      { measures },
    );
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    "secret-age": z.input<typeof params>;
  }
}
