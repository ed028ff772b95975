import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CheckState } from "../../../dashboards/view.ts";
import type { RunnableCheck } from "../../../monitors/check.ts";
import type { Watched } from "../../../monitors/engine/engine.ts";
import { advance, unknown, withoutVerdict } from "../../../monitors/engine/standing.ts";
import { Block } from "../../../monitors/metrics/block.ts";
import { CheckMetrics } from "../../../monitors/metrics/checks.ts";
import { check, withChecks } from "../helpers/inventory.ts";

const kind = {
  measures: {
    offset: { help: "", metric: "vigie_backup_clock_offset_seconds" },
    used: { help: "", metric: "vigie_share_used_bytes", label: "share" },
  },
} as unknown as RunnableCheck;

type Lookout = ConstructorParameters<typeof CheckMetrics>[0] & { states: Record<string, CheckState> };

function lookoutOf(count: number): Lookout {
  const inventory = withChecks(Array.from({ length: count }, (_, index) => check({ id: `wiki/${index}` })));
  const watched = Object.values(inventory.checks).map(
    (one): Watched => ({
      check: one,
      kind,
      standing: unknown(one.id, 0),
      good: 0,
      failed: 0,
      excused: 0,
      skipped: 0,
    }),
  );
  return { inventory, watched, states: {} };
}

async function textOf(metrics: CheckMetrics): Promise<string> {
  let text = "";
  for await (const piece of metrics.pieces()) text += String(piece);
  return text;
}

/** Runs, and whatever else may happen to a check between two scrapes. */
const happening = fc.record({
  index: fc.nat(1200),
  what: fc.constantFrom("good", "failed", "failed otherwise", "excused", "skipped", "agreed down", "not run again"),
  amount: fc.nat(1000),
});

function happen(
  { watched, states }: Lookout,
  { index, what, amount }: typeof happening extends fc.Arbitrary<infer T> ? T : never,
) {
  const one = watched[index % watched.length]!;
  const run = {
    at: amount * 1000,
    ok: what === "good",
    seconds: amount / 7,
    ...(what === "good" ? {} : { reason: what === "failed" ? "timeout" : "refused" }),
    measures: { offset: amount, [`used/${amount % 3}"`]: amount },
  };
  if (what === "skipped") one.skipped++;
  else if (what === "agreed down") states[one.check.id] = { ...one.standing, status: "down" };
  else if (what === "not run again") one.standing = unknown(one.check.id, 0);
  else if (what === "excused") {
    one.excused++;
    one.standing = withoutVerdict(one.standing, run);
  } else {
    if (run.ok) one.good++;
    else one.failed++;
    one.standing = advance(one.standing, run, one.check);
  }
}

describe("the metrics of checks", () => {
  it("are the same as when written from nothing, whatever has happened since the last scrape", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(happening, { maxLength: 20 }), { minLength: 2, maxLength: 4 }),
        async (scrapes) => {
          const lookout = lookoutOf(700);
          const metrics = new CheckMetrics(lookout);
          for (const happenings of scrapes) {
            for (const one of happenings) happen(lookout, one);
            expect(await textOf(metrics)).toBe(await textOf(new CheckMetrics(lookout)));
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  it("have one head for each metric and a line for each check", async () => {
    const text = await textOf(new CheckMetrics(lookoutOf(700)));
    expect(text.match(/^# TYPE vigie_check_info gauge$/gm)).toHaveLength(1);
    expect(text.match(/^vigie_check_info\{/gm)).toHaveLength(700);
    expect(text).not.toMatch(/^vigie_check_(up|success|flapping|failure_info)\{/m);
  });
});

describe("a block of lines", () => {
  const blockOf = (says: readonly (string | undefined)[], written: number[] = []) =>
    new Block(
      "x",
      {
        says: (at: number) => says[at],
        line: (at, said) => {
          written.push(at);
          return `${at} ${said}\n`;
        },
      },
      says.map((_, at) => at),
    );

  /** Asks, and takes what it gets at once. */
  const taken = (block: ReturnType<typeof blockOf>): string => [...block.lent(undefined)].map(String).join("");

  it("writes only those again that say something else", () => {
    const says = ["a", "b", undefined];
    const written: number[] = [];
    const block = blockOf(says, written);
    expect(taken(block)).toBe("0 a\n1 b\n");
    expect(taken(block)).toBe("0 a\n1 b\n");
    says[2] = "c";
    expect(taken(block)).toBe("0 a\n1 b\n2 c\n");
    says[0] = undefined;
    expect(taken(block)).toBe("1 b\n2 c\n");
    expect(written).toEqual([0, 1, 2]);
  });

  it("stays in its place in memory", () => {
    const says = ["a", "b"];
    const block = blockOf(says);
    const [first] = [...block.lent(undefined)];
    says[1] = "c";
    const [second] = [...block.lent(undefined)];
    expect(String(second)).toBe("0 a\n1 c\n");
    expect(second!.buffer).toBe(first!.buffer);
  });

  it("leaves what somebody still reads as it is, however many ask meanwhile, and whoever is done first", () => {
    const says = ["a"];
    const block = blockOf(says);
    const readers = ["a", "b", "c", "d"].map((text) => {
      says[0] = text;
      const reading = block.lent(undefined);
      return { reading, text, bytes: reading.next().value as Buffer };
    });
    // One in the middle is done, the one that reads what is newest last.
    for (const at of [1, 0, 2]) {
      const [done] = readers.splice(Math.min(at, readers.length - 2), 1);
      done!.reading.return();
      says[0] = "e";
      taken(block);
      says[0] = "f";
      taken(block);
      for (const { bytes, text } of readers) expect(String(bytes)).toBe(`0 ${text}\n`);
    }
  });

  it("is the same as when written from nothing, whatever changes, longer or shorter, in one byte or several", () => {
    const text = fc.option(fc.constantFrom("", "a", "bb", "é", "漢字", "12345"), { nil: undefined });
    fc.assert(
      fc.property(fc.array(fc.array(fc.tuple(fc.nat(19), text), { maxLength: 30 }), { maxLength: 6 }), (rounds) => {
        const says = new Array<string | undefined>(20).fill(undefined);
        const block = blockOf(says);
        for (const round of rounds) {
          for (const [at, said] of round) says[at] = said;
          expect(taken(block)).toBe(taken(blockOf(says)));
        }
      }),
    );
  });
});
