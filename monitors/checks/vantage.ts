import { z } from "zod";
import { defineCheck, failed, good } from "../check.ts";

const params = z.strictObject({
  /** The second place to watch from; the service itself when left out. */
  name: z.string().optional(),
});

export default defineCheck({
  summary: "A second place to watch from is heard of, and sees things",
  params,
  resolve: ({ name }, { service }) => ({ name: name ?? service.id }),
  target: ({ name = "" }) => name,
  run: async ({ name = "" }, { resources }) => {
    const heard = resources.peers?.heardOf(name);
    if (heard === undefined) return failed("not-configured", `the exporter's configuration names no lookout ${name}`);
    const { seconds, problem } = heard;
    if (seconds !== undefined && problem === undefined) return good();
    const since = seconds === undefined ? "never heard of" : `last heard of ${Math.round(seconds)} s ago`;
    return failed("unreachable", `${since}${problem === undefined ? "" : `: ${problem}`}`);
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    vantage: z.input<typeof params>;
  }
}
