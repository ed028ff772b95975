import { z } from "zod";
import { defineCheck, failed, good } from "../check.ts";
import { type MailStatus, readStatus, resolveStatus, statusParams, statusSecrets } from "./_mail-status.ts";

const params = z.strictObject({
  ...statusParams,
  /** How much of its quota a box may use, from 0 to 1. */
  most: z.number().gt(0).lte(1).default(0.9),
});

type Box = MailStatus["boxes"][number];

const usedRatio = ({ used, limit }: Box): number => (limit === 0 ? 0 : used / limit);

/** Roles' boxes each by its address; people's by the fullest only, as whose box holds how much is nobody's business. */
function ratios(boxes: readonly Box[]): Record<string, number> {
  const roles = boxes.filter(({ kind }) => kind === "role");
  const people = boxes.filter(({ kind }) => kind === "person");
  return {
    ...Object.fromEntries(roles.map((box) => [`box_used_ratio/${box.address}`, usedRatio(box)])),
    ...(people.length === 0 ? {} : { "box_used_ratio/people": Math.max(...people.map(usedRatio)) }),
  };
}

export default defineCheck({
  summary: "No mailbox is full: mail to a full one is refused",
  params,
  resolve: resolveStatus,
  secrets: statusSecrets,
  target: ({ url }) => url ?? "",
  measures: {
    box_used_ratio: {
      help: "Part of its quota that a role's mailbox uses; personal boxes by the fullest.",
      metric: "vigie_mail_box_used_ratio",
      label: "box",
    },
  },
  run: async (wish, context) => {
    const found = await readStatus(wish, context);
    if ("outcome" in found) return found.outcome;
    const measures = ratios(found.boxes);
    const full = found.boxes.filter((box) => usedRatio(box) > wish.most);
    if (full.length === 0) return good({ measures });
    const named = full
      .sort((a, b) => usedRatio(b) - usedRatio(a))
      .slice(0, 10)
      .map((box) => `${box.address} (${Math.round(usedRatio(box) * 100)} %)`);
    const more = full.length > named.length ? ` and ${full.length - named.length} more` : "";
    return failed("box-full", `almost full: ${named.join(", ")}${more}`, { measures });
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    "mail-boxes": z.input<typeof params>;
  }
}
