import { z } from "zod";
import { duration } from "../../association/index.ts";
import { english } from "../../dashboards/words/plural.ts";
import { defineCheck, failed, good } from "../check.ts";
import { readStatus, resolveStatus, statusParams, statusSecrets } from "./_mail-status.ts";

const params = z.strictObject({
  ...statusParams,
  /** How old the DKIM key that signs may be (M3AAWG's practice is to change it at least twice a year; once is a start). */
  oldest: duration.prefault("1y"),
});

const DAY = 86_400;

export default defineCheck({
  summary: "The key that signs our mail is changed from time to time",
  params,
  resolve: resolveStatus,
  secrets: statusSecrets,
  target: ({ url }) => url ?? "",
  measures: {
    key_age_seconds: {
      help: "For how long the DKIM key that signs has been there.",
      metric: "vigie_mail_dkim_key_age_seconds",
    },
  },
  run: async (wish, context) => {
    const found = await readStatus(wish, context);
    if ("outcome" in found) return found.outcome;
    if (found.keys === null) return failed("missing", "the mail server has no DKIM key");
    const age = Math.max(0, found.at - found.keys.since);
    const days = Math.floor(age / DAY);
    const measures = { key_age_seconds: age };
    return age <= wish.oldest
      ? good({ measures })
      : failed(
          "key-old",
          `the DKIM key ${found.keys.active} has signed for ${days} ${english.form(days, "day", "days")}; expected ${Math.floor(wish.oldest / DAY)} at most`,
          { measures },
        );
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    "mail-keys": z.input<typeof params>;
  }
}
