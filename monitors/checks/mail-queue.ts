import { z } from "zod";
import { duration } from "../../association/index.ts";
import { english } from "../../dashboards/words/plural.ts";
import { defineCheck, failed, good } from "../check.ts";
import { readStatus, resolveStatus, statusParams, statusSecrets } from "./_mail-status.ts";

const params = z.strictObject({
  ...statusParams,
  /** How many messages may wait. */
  most: z.number().int().positive().default(200),
  /** How long the oldest may wait: others' servers are down at times, ours for hours on end is another matter. */
  oldest: duration.prefault("4h"),
});

export default defineCheck({
  summary: "Mail leaves the queue of our server: how many messages wait, and for how long",
  params,
  resolve: resolveStatus,
  secrets: statusSecrets,
  target: ({ url }) => url ?? "",
  measures: {
    queue_messages: {
      help: "Messages that wait, by state.",
      metric: "vigie_mail_queue_messages",
      label: "state",
    },
    queue_oldest_seconds: {
      help: "How long the oldest message has waited.",
      metric: "vigie_mail_queue_oldest_seconds",
    },
  },
  run: async (wish, context) => {
    const found = await readStatus(wish, context);
    if ("outcome" in found) return found.outcome;
    const { active, deferred, hold, oldest } = found.queue;
    const waited = oldest === null ? 0 : Math.max(0, found.at - oldest);
    const measures = {
      "queue_messages/active": active,
      "queue_messages/deferred": deferred,
      "queue_messages/hold": hold,
      queue_oldest_seconds: waited,
    };
    const total = active + deferred + hold;
    if (total > wish.most)
      return failed(
        "queue-grows",
        `${total} ${english.form(total, "message waits", "messages wait")} in the queue; expected ${wish.most} at most`,
        { measures },
      );
    if (waited > wish.oldest)
      return failed(
        "queue-grows",
        `a message has waited for ${Math.round(waited / 60)} min; expected ${Math.round(wish.oldest / 60)} min at most`,
        { measures },
      );
    return good({ measures });
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    "mail-queue": z.input<typeof params>;
  }
}
