import { z } from "zod";
import { duration, ref } from "../../association/index.ts";
import { defineCheck, failed, good } from "../check.ts";
import { judge } from "./_container-state.ts";

const params = z.strictObject({
  /** The host whose engine runs it; the service's own when left out. */
  host: ref("host").optional(),
  /** The container's name; the service's own when left out. */
  container: z
    .string()
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/, "a container's name")
    .optional(),
  /** How long it may be starting before that counts as a failure. */
  startGrace: duration.prefault("2m"),
});

export default defineCheck({
  summary: "A container runs and its own health check passes, as its engine sees it",
  params,
  resolve: (own, { host, container, service }) => {
    const resolved = { ...own, host: own.host ?? host?.id, container: own.container ?? container };
    if (resolved.host !== undefined && resolved.container !== undefined) return resolved;
    return `\`host\` and \`container\`: ${service.id} is not run by us`;
  },
  target: ({ host, container }) => `${host}/${container}`,
  measures: {
    state_age_seconds: { help: "Time since the container came into its state, as roughly as the engine says." },
  },
  run: async ({ host, container, startGrace }, { resources, signal, step }) => {
    const gate = resources.gates.get(host ?? "");
    if (gate === undefined) return failed("not-configured", `the exporter knows no gate of host ${host}`);
    step("asking the host's gate", gate.url);
    const listing = await gate.containers(signal);
    if (!listing.ok) return failed("gate-unreachable", listing.message);
    const found = listing.containers.get(container ?? "");
    step("judging", found ?? "no such container");
    const { problem, ageSeconds } = judge(container ?? "", found, startGrace);
    const measures: Record<string, number> = ageSeconds === undefined ? {} : { state_age_seconds: ageSeconds };
    return problem ? failed(problem.reason, problem.message, { measures }) : good({ measures });
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    container: z.input<typeof params>;
  }
}
