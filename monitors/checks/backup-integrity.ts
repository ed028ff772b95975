import { z } from "zod";
import { duration, ref } from "../../association/index.ts";
import { defineCheck, failed, good } from "../check.ts";
import { judgeIntegrity } from "./_integrity.ts";

const params = z.strictObject({
  /** The host whose backup agent verifies its repository. */
  host: ref("host"),
  /** How old the last good verification may be. */
  maxAge: duration.prefault("2d"),
  /** In what time every byte is to have been read once. */
  readAllWithin: duration.prefault("30d"),
});

export default defineCheck({
  summary: "The backup repository opens, holds together, and all of its data has been read and found good",
  params,
  target: ({ host }) => `repository of ${host}`,
  measures: {
    verified_timestamp_seconds: {
      help: "When the repository was last verified, whatever was found, as a Unix time.",
      metric: "vigie_backup_verified_timestamp_seconds",
    },
    verification_seconds: {
      help: "How long the last verification took.",
      metric: "vigie_backup_verification_seconds",
    },
    errors: {
      help: "Faults that the last verification found.",
      metric: "vigie_backup_verification_errors",
    },
    data_read_ratio: {
      help: "Share of the repository's data that was read and found good within the declared period.",
      metric: "vigie_backup_data_read_ratio",
    },
    data_read_timestamp_seconds: {
      help: "When the part of the data that waits the longest was last read, as a Unix time.",
      metric: "vigie_backup_data_read_timestamp_seconds",
    },
    key_usable: {
      help: "Whether the password opens the repository, as the lookout itself tries.",
      metric: "vigie_backup_key_usable",
    },
  },
  run: async ({ host, maxAge, readAllWithin }, { resources, signal, step }) => {
    const agent = resources.agents.get(host);
    if (agent === undefined)
      return failed("not-configured", `the exporter's configuration names no backup agent for host ${host}`);
    step("asking the backup agent");
    const answer = await agent.report(signal);
    step("opening the repository", agent.repository);
    const listing = await resources.repositories.find(({ id }) => id === agent.repository)?.snapshots(signal);
    const { problem, measures } = judgeIntegrity({ maxAge, readAllWithin, answer, listing, now: Date.now() });
    return problem ? failed(problem.reason, problem.message, { measures }) : good({ measures });
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    "backup-integrity": z.input<typeof params>;
  }
}
