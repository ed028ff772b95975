import { describe, expect, it } from "vitest";
import { checkNames, loadChecks } from "../../../monitors/checks.ts";
import { METRICS } from "../../../monitors/metrics/names.ts";

const kinds = Object.entries(await loadChecks(await checkNames()));

describe("what a check measures and exports", () => {
  it.each(kinds)("%s: is among the metrics that there are, with the label that tells its values apart", (_, kind) => {
    for (const { metric, label, constant } of Object.values(kind.measures ?? {})) {
      if (metric === undefined) continue;
      const found = (METRICS as Record<string, { labels: readonly string[] }>)[metric];
      expect(found, metric).toBeDefined();
      for (const name of ["service", "check", ...(label ? [label] : []), ...Object.keys(constant ?? {})])
        expect(found!.labels, metric).toContain(name);
    }
  });
});
