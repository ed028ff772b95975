import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import {
  type Integrity,
  isDue,
  partsOf,
  planned,
  verify,
} from "../../../../stacks/services/backup/image/agent/integrity.ts";
import { Memory } from "../../../../stacks/services/backup/image/agent/memory.ts";
import { isQuiet, parsePolicy } from "../../../../stacks/services/backup/image/agent/policy.ts";
import { codeOf } from "../../../../stacks/services/backup/image/agent/reasons.ts";
import type { Outcome, Restic } from "../../../../stacks/services/backup/image/agent/restic.ts";

const DAY = 86_400;
const then = new Date("2027-01-01T00:00:00Z");
const outcome = (own: Partial<Outcome> = {}): Outcome => ({
  code: 0,
  errors: [],
  errorCount: 0,
  expectedCount: 0,
  values: [],
  ...own,
});

/** Plays restic, and remembers which part it was to read. */
function scripted(...outcomes: Outcome[]) {
  const parts: string[] = [];
  const restic: Restic = async (args) => {
    parts.push(args.at(-1)!.replace("--read-data-subset=", ""));
    return outcomes.shift() ?? outcome();
  };
  return { restic, parts };
}

describe("a verification", () => {
  test.each([
    [DAY, 30 * DAY, 30],
    [DAY, DAY, 1],
    [60, 60, 1],
    [3600, 365 * DAY, 256],
  ])("every %i s, with all read within %i s, reads one of %i parts", (every, within, parts) =>
    expect(partsOf(every, within)).toBe(parts),
  );

  it("reads one part after the other, then begins again", async () => {
    const { restic, parts } = scripted();
    let known = planned(undefined, 3, then);
    for (let run = 0; run < 4; run++) known = await verify(restic, known);
    expect(parts).toEqual(["1/3", "2/3", "3/3", "1/3"]);
    expect(known).toMatchObject({ unread: 0, errors: 0, next: 1 });
    expect(known.code).toBeUndefined();
  });

  it("stays at a damaged part, so that the next good one does not end the alarm", async () => {
    const damaged = outcome({
      code: 1,
      errorCount: 2,
      errors: ["pack 597f contains 1 errors: ciphertext verification failed"],
    });
    const { restic, parts } = scripted(outcome(), damaged, damaged);
    let known = planned(undefined, 3, then);
    for (let run = 0; run < 4; run++) {
      known = await verify(restic, known);
      if (run === 2)
        expect(known).toMatchObject({ code: "repository-damaged", errors: 2, next: 1, goodAt: expect.any(String) });
    }
    expect(parts).toEqual(["1/3", "2/3", "2/3", "2/3"]);
    expect(known.code).toBeUndefined();
    expect(known.next).toBe(2);
  });

  it("tells what is damaged, not under which heading, nor what to do, nor where in restic it was found", async () => {
    const reasonFor = async (...errors: string[]) =>
      (await verify(scripted(outcome({ code: 1, errors })).restic, planned(undefined, 1, then))).reason;
    expect(
      await reasonFor("error for tree 86ecbf55:", "decrypting blob <tree/86ecbf55> from 597f failed", "These damaged"),
    ).toBe("decrypting blob <tree/86ecbf55> from 597f failed");
    expect(await reasonFor("error: error loading index f902: invalid data returned", "The repository index is")).toBe(
      "error loading index f902: invalid data returned",
    );
    expect(await reasonFor("config file has zero size, invalid repository?\nmain.open\n\tglobal.go:691")).toBe(
      "config file has zero size, invalid repository?",
    );
  });

  it("that cannot be made is no damage", async () => {
    const { restic } = scripted(outcome({ code: 1, errors: ['Get "http://snapshots": dial tcp: connection refused'] }));
    expect(await verify(restic, planned(undefined, 3, then))).toMatchObject({
      code: "repository-unreachable",
      next: 0,
    });
  });

  it("by hand may read all parts at once", async () => {
    const { restic, parts } = scripted();
    expect(await verify(restic, planned(undefined, 3, then), { all: true })).toMatchObject({ unread: 0, next: 0 });
    expect(parts).toEqual(["1/1"]);
  });

  it("goes on from where it was after a restart, and begins anew when the number of parts changes", () => {
    const known: Integrity = { ...planned(undefined, 3, then), next: 2 };
    expect(planned(known, 3, new Date())).toBe(known);
    expect(planned(known, 5, new Date())).toMatchObject({
      next: 0,
      unread: 5,
      readAt: Array(5).fill(then.toISOString()),
    });
  });

  it("is due after its time, soon again where it could not be made, and not for years after a clock was ahead", () => {
    const at = (seconds: number) => new Date(then.getTime() + seconds * 1000);
    const known = { ...planned(undefined, 1, then), at: then.toISOString() };
    expect(isDue(planned(undefined, 1, then), DAY, then)).toBe(true);
    expect([isDue(known, DAY, at(DAY - 1)), isDue(known, DAY, at(DAY))]).toEqual([false, true]);
    expect(isDue({ ...known, code: "repository-unreachable" }, DAY, at(1800))).toBe(true);
    expect(isDue({ ...known, code: "repository-damaged" }, DAY, at(1800))).toBe(false);
    expect(isDue(known, DAY, at(-9 * DAY))).toBe(true);
  });
});

describe("restic's words", () => {
  test.each([
    [12, "", "wrong-password"],
    [10, "", "repository-missing"],
    [1, "Save(<data/1>) returned error: unexpected HTTP response (507): 507 Insufficient Storage", "destination-full"],
    [1, "write /r/data: no space left on device", "destination-full"],
    [1, 'Head "http://s:8000/": dial tcp 10.0.0.2:8000: connect: connection refused', "repository-unreachable"],
    [1, "the repository's server snapshots:8000 does not answer: fetch failed", "repository-unreachable"],
    [1, "id c83d not found in repository", "repository-damaged"],
    [1, "LoadRaw(<key/b879fbc098>): invalid data returned", "repository-damaged"],
    [1, "config file has zero size, invalid repository?", "repository-damaged"],
    [
      1,
      "create key in repository at rest:http://s:8000/u/ failed: repository already contains keys",
      "repository-damaged",
    ],
    [1, "something else", "backup-failed"],
  ])("%i %s mean %s", (code, words, reason) => expect(codeOf({ code, errors: words ? [words] : [] })).toBe(reason));
});

describe("the policy", () => {
  it("is read with its defaults, and tells all that is wrong", () => {
    const problems: string[] = [];
    expect(parsePolicy({}, problems)).toEqual({ limitSeconds: 21_600, copies: [], bandwidth: {} });
    expect(problems).toEqual([]);
    parsePolicy(
      {
        limitSeconds: -1,
        verify: { everySeconds: 9, readAllWithinSeconds: 3 },
        quietHours: { from: "8" },
        report: {},
        bandwidth: { upload: "x" },
      },
      problems,
    );
    expect(problems).toHaveLength(5);
  });

  test.each([
    ["12:00", "08:00", "20:00", true],
    ["20:00", "08:00", "20:00", false],
    ["23:30", "22:00", "06:00", true],
    ["05:59", "22:00", "06:00", true],
    ["06:00", "22:00", "06:00", false],
  ])("at %s the hours from %s until %s are quiet: %s", (time, from, until, quiet) =>
    expect(isQuiet({ from, until, timeZone: "UTC" }, new Date(`2027-01-01T${time}:00Z`))).toBe(quiet),
  );

  it("counts quiet hours in the association's time zone", () => {
    const hours = { from: "08:00", until: "20:00", timeZone: "Europe/Paris" };
    expect(isQuiet(hours, new Date("2027-07-01T06:30:00Z"))).toBe(true);
    expect(isQuiet(hours, new Date("2027-01-01T06:30:00Z"))).toBe(false);
  });
});

describe("the agent's memory", () => {
  it("outlives a restart, and a file that is damaged or cannot be written", () => {
    const file = join(mkdtempSync(join(tmpdir(), "vigie-memory-")), "memory.json");
    new Memory<{ a: number; b: number }>(file).keep({ a: 1 });
    const again = new Memory<{ a: number; b: number }>(file);
    again.keep({ b: 2 });
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ a: 1, b: 2 });
    writeFileSync(file, "nonsense");
    expect(new Memory(file).value).toEqual({});
    const nowhere = new Memory<{ a: number }>("/dev/null/none/memory.json");
    nowhere.keep({ a: 1 });
    expect(nowhere.value).toEqual({ a: 1 });
  });
});
