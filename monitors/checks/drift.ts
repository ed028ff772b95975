import { z } from "zod";
import { ref } from "../../association/index.ts";
import { defineCheck, failed, good } from "../check.ts";
import { differences } from "./_drift.ts";

const params = z.strictObject({
  /** The host whose containers are compared; the service's own when left out. */
  host: ref("host").optional(),
});

const MOST_TOLD = 5;

export default defineCheck({
  summary: "What runs on a host is what was declared and deployed: containers, images, networks, mounts, ports",
  params,
  resolve: (own, { host, service }) => {
    const found = own.host ?? host?.id;
    return found === undefined ? `\`host\`: ${service.id} is not run by us` : { host: found };
  },
  target: ({ host }) => `containers of ${host}`,
  measures: {
    differences: { help: "Differences between what runs and what was declared.", metric: "vigie_drift_differences" },
  },
  run: async ({ host = "" }, { resources, signal, step }) => {
    const gate = resources.gates.get(host);
    const declared = resources.declared?.get(host);
    if (gate === undefined || declared === undefined)
      return failed("not-configured", `the exporter knows no gate of host ${host}`);
    step("asking the host's gate", gate.url);
    const listing = await gate.containers(signal);
    if (!listing.ok) return failed("gate-unreachable", listing.message);
    const found = differences(declared, listing.containers);
    step("comparing", { declared: declared.containers.size, found });
    const measures = { differences: found.length };
    if (found.length === 0) return good({ measures });
    const more = found.length > MOST_TOLD ? `; and ${found.length - MOST_TOLD} more` : "";
    return failed("drifted", found.slice(0, MOST_TOLD).join("; ") + more, { measures });
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    drift: z.input<typeof params>;
  }
}
