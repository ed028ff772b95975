import { z } from "zod";
import { defineCheck, failed, good } from "../check.ts";
import { type NasStatus, readStatus, resolveStatus, statusParams, statusSecrets } from "./_nas-status.ts";

const params = z.strictObject({
  ...statusParams,
  /** How much of its quota a share may use, from 0 to 1. */
  most: z.number().gt(0).lte(1).default(0.9),
});

type Share = NasStatus["shares"][number];

const ratio = ({ used, quota }: Share): number => (used === null || !quota ? 0 : used / quota);

export default defineCheck({
  summary: "No share of the NAS is full: there is room left of its quota",
  params,
  resolve: resolveStatus,
  secrets: statusSecrets,
  target: ({ url }) => url ?? "",
  measures: {
    used_bytes: {
      help: "What a share holds on the disk, recycle bin included.",
      metric: "vigie_share_used_bytes",
      label: "share",
    },
    quota_bytes: { help: "What a share may hold.", metric: "vigie_share_quota_bytes", label: "share" },
  },
  run: async (wish, context) => {
    const found = await readStatus(wish, context);
    if ("outcome" in found) return found.outcome;
    const measures = Object.fromEntries(
      found.shares.flatMap(({ name, used, quota }) => [
        ...(used === null ? [] : [[`used_bytes/${name}`, used] as const]),
        ...(quota === null ? [] : [[`quota_bytes/${name}`, quota] as const]),
      ]),
    );
    const full = found.shares.filter((share) => ratio(share) > wish.most).sort((a, b) => ratio(b) - ratio(a));
    if (full.length === 0) return good({ measures });
    const named = full.slice(0, 10).map((share) => `${share.name} (${Math.round(ratio(share) * 100)} %)`);
    const more = full.length > named.length ? ` and ${full.length - named.length} more` : "";
    return failed("share-full", `almost full: ${named.join(", ")}${more}`, { measures });
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    "share-room": z.input<typeof params>;
  }
}
