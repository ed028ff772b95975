import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byLimit } from "../../stacks/limits.ts";

describe("process limits", () => {
  it("are set with one command for all containers that share one", () => {
    const limits = [
      { container: "wiki", pids: 200 },
      { container: "gate", pids: 50 },
      { container: "nas", pids: 200 },
    ];
    expect(byLimit(limits)).toEqual([
      { pids: 50, containers: ["gate"] },
      { pids: 200, containers: ["nas", "wiki"] },
    ]);
  });

  it("reach every container once, in an order of their own", () => {
    const limits = fc.uniqueArray(
      fc.record({ container: fc.stringMatching(/^[a-z]{1,8}$/), pids: fc.integer({ min: 1, max: 4 }) }),
      { selector: ({ container }) => container },
    );
    fc.assert(
      fc.property(limits, (all) => {
        const grouped = byLimit(all);
        const back = grouped.flatMap(({ pids, containers }) => containers.map((container) => ({ container, pids })));
        expect(back).toHaveLength(all.length);
        expect(back).toEqual(expect.arrayContaining(all));
        expect(byLimit([...all].reverse())).toEqual(grouped);
      }),
    );
  });
});
