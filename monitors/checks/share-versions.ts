import { z } from "zod";
import { duration } from "../../association/index.ts";
import { defineCheck, failed, good } from "../check.ts";
import { type NasStatus, readStatus, resolveStatus, statusParams, statusSecrets } from "./_nas-status.ts";

const params = z.strictObject({
  ...statusParams,
  /** How late a share may be with its next version. */
  grace: duration.prefault("1h"),
});

type Share = NasStatus["shares"][number] & { versions: NonNullable<NasStatus["shares"][number]["versions"]> };

/** What is wrong with a share's versions; undefined where all is well. */
function problemOf({ versions: { problem, checked, last, every } }: Share, at: number, grace: number) {
  if (problem !== null) return problem;
  // Where nothing changes, none is made: that it was looked at is what counts.
  const looked = Math.max(checked ?? 0, last ?? 0);
  if (looked === 0) return undefined; // it has just begun: the next look tells
  return at - looked > every + grace ? `none for ${Math.round((at - looked) / 60)} min` : undefined;
}

export default defineCheck({
  summary: "Former states of the NAS's shares are made as declared (previous versions in Windows)",
  params,
  resolve: resolveStatus,
  secrets: statusSecrets,
  target: ({ url }) => url ?? "",
  measures: {
    versions: { help: "Former states that are kept of a share.", metric: "vigie_share_versions", label: "share" },
    versions_bytes: {
      help: "Room that a share's former states take on the disk.",
      metric: "vigie_share_versions_bytes",
      label: "share",
    },
    last_version_timestamp_seconds: {
      help: "When the last former state of a share was made, as a Unix time; none is made where nothing has changed.",
      metric: "vigie_share_last_version_timestamp_seconds",
      label: "share",
    },
  },
  run: async (wish, context) => {
    const found = await readStatus(wish, context);
    if ("outcome" in found) return found.outcome;
    const shares = found.shares.filter((share): share is Share => share.versions !== null);
    const measures = Object.fromEntries(
      shares.flatMap(({ name, versions: { count, bytes, last } }) => [
        [`versions/${name}`, count] as const,
        ...(bytes === null ? [] : [[`versions_bytes/${name}`, bytes] as const]),
        ...(last === null ? [] : [[`last_version_timestamp_seconds/${name}`, last] as const]),
      ]),
    );
    const wrong = shares.flatMap((share) => {
      const problem = problemOf(share, found.at, wish.grace);
      return problem === undefined ? [] : [`${share.name}: ${problem}`];
    });
    if (wrong.length === 0) return good({ measures });
    return failed("versions-missing", wrong.slice(0, 5).join("; "), { measures });
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    "share-versions": z.input<typeof params>;
  }
}
