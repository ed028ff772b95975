import { z } from "zod";
import { ref } from "../../association/index.ts";
import { defineCheck, failed, good } from "../check.ts";

const percent = z.number().min(0).max(100);

const params = z.strictObject({
  /** The host whose disk it is: the one that holds its engine's volumes; the service's own host when left out. */
  host: ref("host").optional(),
  /** Room that must be left, in per cent. */
  minFree: percent.default(10),
  /** Room that must be left, in gigabytes. */
  minFreeGb: z.number().min(0).default(1),
  /** Inodes (files and folders) that must be left, in per cent. */
  minFreeInodes: percent.default(10),
});

const GIGABYTE = 1e9;

export default defineCheck({
  summary: "There is room, and there are inodes, on the disk that holds a host's volumes",
  params,
  resolve: (own, { host, service }) => {
    const found = own.host ?? host?.id;
    return found === undefined ? `\`host\`: ${service.id} is not run by us` : { ...own, host: found };
  },
  target: ({ host }) => `${host}`,
  measures: {
    free_bytes: { help: "Room left on the disk of a host's volumes.", metric: "vigie_disk_free_bytes" },
    free_ratio: { help: "Share of the disk of a host's volumes that is left.", metric: "vigie_disk_free_ratio" },
    free_inodes_ratio: { help: "Share of its inodes that is left.", metric: "vigie_disk_free_inodes_ratio" },
  },
  run: async ({ host = "", minFree, minFreeGb, minFreeInodes }, { resources, signal, step }) => {
    const gate = resources.gates.get(host);
    if (gate === undefined) return failed("not-configured", `the exporter knows no gate of host ${host}`);
    step("asking the host's gate", gate.url);
    const answer = await gate.disk(signal);
    if (!answer.ok) return failed("gate-unreachable", answer.message);
    const { bytes, bytesFree, inodes, inodesFree } = answer.disk;
    step("judging", answer.disk);
    const free = bytesFree / bytes;
    const freeInodes = inodes === 0 ? 1 : inodesFree / inodes;
    const measures = {
      free_bytes: bytesFree,
      free_ratio: free,
      ...(inodes === 0 ? {} : { free_inodes_ratio: freeInodes }),
    };
    const gb = (bytesFree / GIGABYTE).toFixed(1);
    if (free * 100 < minFree || bytesFree < minFreeGb * GIGABYTE)
      return failed(
        "disk-full",
        `${(free * 100).toFixed(1)} % (${gb} GB) is left, expected ${minFree} % and ${minFreeGb} GB`,
        {
          measures,
        },
      );
    if (freeInodes * 100 < minFreeInodes)
      return failed(
        "inodes-full",
        `${(freeInodes * 100).toFixed(1)} % of the inodes is left, expected ${minFreeInodes} %`,
        {
          measures,
        },
      );
    return good({ measures });
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    disk: z.input<typeof params>;
  }
}
