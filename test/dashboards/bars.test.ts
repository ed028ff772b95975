import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BARS_WIDTH, drawBars } from "../../dashboards/bars.ts";
import { DAYS_SHOWN, type DayBar } from "../../dashboards/view.ts";

const good: DayBar = { day: "2026-01-01", good: 5, total: 5, down: 0 };
const drawn = (days: readonly DayBar[]) =>
  drawBars(days).paths.flatMap(({ level, d }) =>
    [...d.matchAll(/M([\d.]+) (\d+)/g)].map((move) => ({ level, x: Number(move[1]) })),
  );

describe("the bars", () => {
  it("are always ninety, each in its place", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ day: fc.constant("2026-01-01"), good: fc.nat(9), total: fc.nat(9), down: fc.nat(9000) }), {
          maxLength: 120,
        }),
        (days) => {
          const places = drawn(days)
            .map(({ x }) => x)
            .sort((a, b) => a - b);
          expect(places).toEqual(
            Array.from({ length: DAYS_SHOWN }, (_, index) => ((index + 0.5) * BARS_WIDTH) / DAYS_SHOWN),
          );
        },
      ),
    );
  });

  it("stand against the right edge when history is short", () => {
    const [bar] = drawn([good]).filter(({ level }) => level === "good");
    expect(bar?.x).toBe(BARS_WIDTH - BARS_WIDTH / DAYS_SHOWN / 2);
    expect(drawBars([good]).known).toBe(1);
  });

  it("keep the latest days when there are too many", () => {
    const days = Array.from({ length: DAYS_SHOWN + 5 }, (_, index) => ({ ...good, down: index < 5 ? 9000 : 0 }));
    expect(drawBars(days).outages).toEqual([]);
  });

  it("list outages with the latest first", () => {
    const days = [{ ...good, day: "2026-01-01", down: 10 }, good, { ...good, day: "2026-01-03", down: 20 }];
    expect(drawBars(days).outages.map(({ day }) => day)).toEqual(["2026-01-03", "2026-01-01"]);
  });
});
