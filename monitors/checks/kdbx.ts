import { z } from "zod";
import { ref } from "../../association/index.ts";
import { defineCheck, failed, good, type RunContext } from "../check.ts";
import type { Repository } from "../sources/repository.ts";
import type { Snapshot } from "../sources/snapshot.ts";
import { HEADER_BYTES, readHeader } from "./_kdbx.ts";

const params = z.strictObject({
  /** The service whose volume the file is in; the declaring one when left out. */
  service: ref("service").optional(),
  /** Its volume, by the name its kind gives it, such as `shares`. */
  volume: z.string().min(1),
  /** The file's place in the volume, such as `bureau/coffre.kdbx`. */
  file: z
    .string()
    .regex(/^(?!.*(^|\/)\.{1,2}(\/|$))[^/\0][^\0]*$/, "a path from the volume's top, such as bureau/coffre.kdbx"),
  /** Where snapshots have it; completed from the volume. */
  path: z.string().optional(),
});

export default defineCheck({
  summary: "A KeePass file is in the youngest snapshot, and its header opens there: read from the repository itself",
  params,
  resolve: (own, { service }) => {
    if (own.service !== undefined && own.service !== service.id)
      return `\`service\`: declare it where the file is, at ${own.service}`;
    const volume = Object.hasOwn(service.volumes, own.volume) ? service.volumes[own.volume] : undefined;
    if (volume?.backup !== true) return `\`volume\`: ${service.id} has none of that name that is backed up`;
    return { ...own, service: service.id, path: `/data/${volume.name}/${own.file}` };
  },
  target: ({ service, volume, file }) => `${service}/${volume}: ${file}`,
  measures: {
    snapshot_timestamp_seconds: { help: "When the snapshot was taken that the file was read from, as a Unix time." },
  },
  run: async ({ service = "", volume, file, path = "" }, context) => {
    const { repositories } = context.resources;
    if (repositories.length === 0)
      return failed("not-configured", "the exporter's configuration names no backup repository");
    const found = await youngest(repositories, service, volume, context);
    if ("ok" in found) return found;
    const { repository, snapshot } = found;
    const measures = { snapshot_timestamp_seconds: snapshot.at / 1000 };
    context.step("reading the file's beginning", snapshot.id.slice(0, 8));
    const head = await repository.head(snapshot.id, path, HEADER_BYTES, context.signal);
    if (!head.ok) return failed(head.reason, head.message, { measures });
    const header = readHeader(head.bytes);
    return header.ok
      ? good({ measures })
      : failed(
          "malformed",
          `${file} in snapshot ${snapshot.id.slice(0, 8)} is no KeePass file that opens: ${header.why}`,
          {
            measures,
          },
        );
  },
});

/** The youngest snapshot of a volume, in whichever repository it is. */
async function youngest(
  repositories: readonly Repository[],
  service: string,
  volume: string,
  { signal, step }: Pick<RunContext, "signal" | "step">,
) {
  let best: { repository: Repository; snapshot: Snapshot } | undefined;
  let unread: ReturnType<typeof failed> | undefined;
  for (const repository of repositories) {
    step("listing snapshots", repository.id);
    const listing = await repository.snapshots(signal);
    if (!listing.ok) {
      unread = failed(listing.reason, listing.message);
      continue;
    }
    for (const snapshot of listing.snapshots)
      if (snapshot.service === service && snapshot.volume === volume && snapshot.at > (best?.snapshot.at ?? 0))
        best = { repository, snapshot };
  }
  return best ?? unread ?? failed("no-snapshot", `volume ${volume} of ${service} has no snapshot`);
}

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    kdbx: z.input<typeof params>;
  }
}
