import { z } from "zod";
import { duration } from "../../association/index.ts";
import { defineCheck, failed, good } from "../check.ts";
import { judge } from "./_heartbeat.ts";

const params = z.strictObject({
  /** The check's own name in addresses: `SERVICE/ID`; known by itself. */
  name: z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, "SERVICE/ID")
    .optional(),
  /** How often the job succeeds. */
  expect: duration.prefault("1d"),
  /** How late it may be. */
  grace: duration.prefault("1h"),
  /** How long one run may take; as long as from one to the next when left out. */
  maxRuntime: duration.optional(),
  /** The name under which the job reports, below the service's: `cron` in `/push/SERVICE/cron/success`. */
  job: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "lower-case words joined by hyphens"),
});

/** Purpose of the token that a job shows with its reports. */
export const pushPurpose = (name: string): string => `push/${name}`;

export default defineCheck({
  summary: "A job somewhere else reports its successes in time (a push, or dead man's switch)",
  params,
  resolve: (own, { service }) => ({ ...own, name: `${service.id}/${own.job}` }),
  secrets: ({ name }) => (name === undefined ? [] : [{ derived: pushPurpose(name) }]),
  target: ({ name, job }) => `/push/${name ?? job}`,
  measures: {
    last_success_timestamp_seconds: {
      help: "When the job last reported a success, as a Unix time.",
      metric: "vigie_heartbeat_last_success_timestamp_seconds",
    },
    age_seconds: { help: "Time since the last success." },
    run_seconds: { help: "How long the job's last run took, from its start to its end, as it told." },
  },
  run: async ({ name = "", expect: every, grace, maxRuntime }, { resources, step }) => {
    const { heartbeats } = resources;
    if (heartbeats === undefined) return failed("not-configured", "the exporter keeps no reports");
    const { signals, since, unheard } = heartbeats.of(name);
    step("reading what was reported", signals);
    const { problem, measures } = judge(
      signals,
      { every, grace, ...(maxRuntime === undefined ? {} : { maxRuntime }) },
      since,
      Date.now(),
      unheard,
    );
    return problem ? failed(problem.reason, problem.message, { measures }) : good({ measures });
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    heartbeat: Omit<z.input<typeof params>, "name">;
  }
}
