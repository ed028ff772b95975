import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { baseImages, wantedBaseImages } from "../../cli/base-images.ts";
import { readInventory, readSettings } from "../../cli/declared.ts";
import { passwordOf } from "../../cli/password.ts";
import { diskProblem } from "../../cli/preflight.ts";
import { describePlan, made } from "../../cli/preview.ts";
import { describeProblems, Refusal } from "../../cli/refusal.ts";
import { run } from "../../cli/run.ts";
import { stackName } from "../../cli/stack.ts";
import { closingLine, failedFiles, failures, type Report, sum, tally, withSecond, written } from "../../cli/tally.ts";
import { chosenSuites } from "../../cli/test.ts";

function folder(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "vigie-pieces-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

describe("baseImages", () => {
  it("finds what a Dockerfile starts from, its own stages and scratch left out", () => {
    const dockerfile =
      "# FROM nothing\nFROM --platform=linux/amd64 node:24-trixie-slim AS Build\nRUN x\nfrom debian:trixie-slim\nFROM build\nFROM scratch\nCOPY --from=build /a /a\n";
    expect(baseImages(dockerfile)).toEqual(["node:24-trixie-slim", "debian:trixie-slim"]);
  });
  it("gathers those of every service once", () => {
    const root = folder({
      "stacks/services/a/image/Dockerfile": "FROM x:1\n",
      "stacks/services/b/image/Dockerfile": "FROM x:1\nFROM a:1\n",
    });
    expect(wantedBaseImages(root)).toEqual(["a:1", "x:1"]);
  });
});

describe("readSettings", () => {
  const project = "config:\n  vigie:declaration:\n    default: a.ts\n  vigie:portOffset:\n    default: 0\n";
  it("takes a stack's own settings before the project's defaults", () => {
    const root = folder({ "Pulumi.yaml": project, "Pulumi.demo.yaml": "config:\n  vigie:portOffset: 10000\n" });
    expect(readSettings("demo", root)).toEqual({ declaration: "a.ts", portOffset: 10_000 });
    expect(readSettings("new", root)).toEqual({ declaration: "a.ts", portOffset: 0 });
  });
});

describe("readInventory", () => {
  it("says which declaration does not exist", async () => {
    const root = folder({});
    await expect(readInventory("demo", { declaration: "none.ts", portOffset: 0 }, root)).rejects.toThrow(
      /There is no declaration at .*none\.ts[\s\S]*--declaration/,
    );
  });
  it("says where a declaration does not load", async () => {
    const root = folder({ "a.mjs": "export default {\n  name: nobody,\n};\n" });
    await expect(readInventory("demo", { declaration: "a.mjs", portOffset: 0 }, root)).rejects.toThrow(
      /a\.mjs cannot be loaded[\s\S]*nobody is not defined[\s\S]*a\.mjs:2/,
    );
  });
});

describe("stackName", () => {
  it.each(["demo", "production-2", "test_1.a"])("accepts %s", (name) => {
    expect(stackName(name)).toBe(name);
  });
  it.each(["", "../demo", "a b", "a/b", "x".repeat(101), undefined])(
    "refuses %j, which ends up in file names",
    (name) => {
      expect(() => stackName(name)).toThrow(Refusal);
    },
  );
});

describe("passwordOf", () => {
  const passwords = { amelie: "one", bruno: "two" };
  it("gives a login's password", () => {
    expect(passwordOf("bruno", passwords)).toBe("two");
  });
  it("suggests the nearest login and lists all, without a password", () => {
    expect(() => passwordOf("brunno", passwords)).toThrow(
      /Nobody signs in as "brunno"; did you mean bruno\?\n {4}Logins: amelie, bruno/,
    );
  });
  it("does not take inherited names for logins", () => {
    expect(() => passwordOf("constructor", passwords)).toThrow(Refusal);
  });
  it("says what makes accounts where there are none", () => {
    expect(() => passwordOf("amelie", {})).toThrow(/npm run up/);
  });
});

describe("describePlan", () => {
  const container = {
    type: "docker:index/container:Container",
    urn: "urn:pulumi:demo::vigie::docker:index/container:Container::wiki",
  };
  it("tells a change with what it touches", () => {
    expect(describePlan({ ...container, op: "update", diffs: ["image", "memory"] })).toBe(
      "would change container wiki (image, memory)",
    );
  });
  it("tells a replacement once, not by its steps", () => {
    const steps = ["create-replacement", "replace", "delete-replaced"] as const;
    expect(steps.map((op) => describePlan({ ...container, op }))).toEqual([
      undefined,
      "would replace container wiki",
      undefined,
    ]);
  });
  it("calls what is gone from its engine made, not replaced, and leaves the rest as it is planned", () => {
    const gone = new Set([container.urn]);
    const said = (op: "replace" | "create-replacement" | "update", urn = container.urn) =>
      describePlan(made({ ...container, urn, op, diffs: ["image"] }, gone));
    expect(said("replace")).toBe("would make container wiki");
    expect(said("create-replacement")).toBeUndefined();
    expect(said("update")).toBe("would change container wiki (image)");
    expect(said("replace", container.urn.replace(/wiki$/, "nas"))).toBe("would replace container nas (image)");
  });
  it("says nothing of what stays the same, and of what is on no engine", () => {
    expect(describePlan({ ...container, op: "same" })).toBeUndefined();
    expect(describePlan({ type: "vigie:service:wiki", urn: "urn:x::wiki", op: "create" })).toBeUndefined();
  });
});

describe("describeProblems", () => {
  it("tells each problem with its fix indented below, line by line", () => {
    expect(
      describeProblems([
        { what: "A", fix: "do\nthis" },
        { what: "B", fix: "that" },
      ]),
    ).toBe("✗ A\n    do\n    this\n✗ B\n    that");
  });
});

describe("diskProblem", () => {
  it("is none where there is room", async () => {
    expect(await diskProblem(tmpdir(), 1, "tests")).toBeUndefined();
  });
  it("says how much there is and how much is needed", async () => {
    expect((await diskProblem(tmpdir(), 2 ** 60, "tests"))?.what).toMatch(
      /Disk is short: \d+\.\d GiB free for tests \(.*\), and 1073741824\.0 GiB are needed/,
    );
  });
});

describe("run", () => {
  it("gives back what a program wrote and how it ended", async () => {
    expect(await run("sh", ["-c", "echo out; echo err >&2; exit 3"])).toEqual({
      code: 3,
      stdout: "out\n",
      stderr: "err\n",
    });
  });
  it("tells a program that is not there", async () => {
    expect((await run("vigie-no-such-program", [], { timeout: 60_000 })).code).toBe(127);
  });
  it("kills a program that takes too long", async () => {
    expect((await run("sleep", ["60"], { timeout: 50 })).code).toBe(128 + 15);
  });
  it("hands over lines as they come", async () => {
    const lines: string[] = [];
    await run("sh", ["-c", "printf 'a\\nb\\n' >&2"], { onLine: (line) => lines.push(line) });
    expect(lines).toEqual(["a", "b"]);
  });
});

describe("chosenSuites", () => {
  it("takes all unless told, always in the same order", () => {
    expect(chosenSuites([])).toEqual(["unit", "real", "browser"]);
    expect(chosenSuites(["browser", "unit"])).toEqual(["unit", "browser"]);
  });
  it("suggests the suite that was meant", () => {
    expect(() => chosenSuites(["reel"])).toThrow(/There is no suite "reel"; did you mean real\?/);
  });
});

describe("failures", () => {
  const report = (...testResults: Report["testResults"]): Report => ({
    numPassedTests: 0,
    numFailedTests: 0,
    success: false,
    testResults,
  });
  it("names the file, the test and the first line of why, without the colours", () => {
    const failed = {
      name: "/x/test/a.test.ts",
      status: "failed",
      assertionResults: [
        { fullName: "a works", status: "passed", failureMessages: [] },
        { fullName: "a stops", status: "failed", failureMessages: ["\u001b[31mError: late\u001b[39m\n    at a.ts:3"] },
      ],
    };
    expect(failures(report(failed), "/x").map(written)).toEqual(["test/a.test.ts > a stops: Error: late"]);
  });
  it("names a file that does not load", () => {
    const unloaded = { name: "/x/b.test.ts", status: "failed", message: "no such module\nat b", assertionResults: [] };
    expect(failures(report(unloaded), "/x").map(written)).toEqual(["b.test.ts: no such module"]);
  });
  it("has none where all passed, nor without a report", () => {
    const passed = { name: "/x/c.test.ts", status: "passed", assertionResults: [] };
    expect(failures(report(passed), "/x")).toEqual([]);
    expect(failures(undefined, "/x")).toEqual([]);
  });
  it("cuts what is long, and says where no reason was given", () => {
    const of = (failureMessages: string[] | null): Report =>
      report({
        name: "/x/d",
        status: "failed",
        assertionResults: [{ fullName: "d", status: "failed", failureMessages }],
      });
    expect(failures(of(["x".repeat(5000)]), "/x").map(written)[0]?.length).toBeLessThan(350);
    expect(failures(of(null), "/x").map(written)).toEqual(["d > d: no reason was given"]);
  });
});

describe("withSecond", () => {
  const file = (name: string, ...statuses: string[]) => ({
    name: `/x/${name}`,
    status: statuses.includes("failed") ? "failed" : "passed",
    assertionResults: statuses.map((status, at) => ({ fullName: `${name} ${at}`, status, failureMessages: [] })),
  });
  const report = (...testResults: Report["testResults"]): Report => {
    const count = (wanted: string) =>
      testResults.flatMap(({ assertionResults }) => assertionResults).filter(({ status }) => status === wanted).length;
    const [numPassedTests, numFailedTests, numPendingTests] = [count("passed"), count("failed"), count("skipped")];
    return { numPassedTests, numFailedTests, numPendingTests, success: numFailedTests === 0, testResults };
  };
  const first = report(
    file("a", "passed", "passed"),
    file("b", "failed", "passed", "skipped"),
    file("c", "failed", "failed"),
  );

  it("has files that were run again as they ended then, and the others as they were", () => {
    const merged = withSecond(first, report(file("b", "passed", "passed", "skipped"), file("c", "failed", "passed")));
    expect(merged).toEqual(
      report(file("a", "passed", "passed"), file("b", "passed", "passed", "skipped"), file("c", "failed", "passed")),
    );
    expect(tally(merged, 1)).toEqual({ passed: 5, failed: 1, skipped: 1 });
    expect(failures(merged, "/x").map(({ test }) => test)).toEqual(["c > c 0"]);
  });
  it("is good where nothing fails any longer", () => {
    const merged = withSecond(first, report(file("b", "passed", "passed", "passed"), file("c", "passed", "passed")));
    expect(tally(merged, 0)).toEqual({ passed: 7, failed: 0, skipped: 0 });
  });
  it("goes on counting what was not run again as failed", () => {
    const merged = withSecond(first, report(file("b", "passed", "passed", "passed")));
    expect(merged.success).toBe(false);
    expect(tally(merged, 0)).toEqual({ passed: 5, failed: 2, skipped: 0 });
  });
  it("counts a file that loads the second time, and one that no longer does", () => {
    const unloaded = { name: "/x/d", status: "failed", message: "no such module", assertionResults: [] };
    expect(tally(withSecond(report(unloaded), report(file("d", "passed"))), 0)).toMatchObject({ passed: 1, failed: 0 });
    expect(tally(withSecond(report(file("d", "failed")), report(unloaded)), 1)).toMatchObject({ passed: 0, failed: 1 });
    expect(failedFiles(report(unloaded, file("a", "passed")), "/x")).toEqual(["d"]);
  });
});

describe("tally", () => {
  const report = (over: Partial<Report> = {}): Report => ({
    numPassedTests: 5,
    numFailedTests: 0,
    success: true,
    testResults: [],
    ...over,
  });
  it("counts what passed, failed and was skipped", () => {
    expect(tally(report({ numFailedTests: 2, numPendingTests: 1, success: false }), 1)).toEqual({
      passed: 5,
      failed: 2,
      skipped: 1,
    });
  });
  it("counts a file that does not load as failed", () => {
    const testResults = [{ name: "a", status: "failed", assertionResults: [] }];
    expect(tally(report({ testResults, success: false }), 1)).toMatchObject({ failed: 1 });
  });
  it("counts a run without a report as failed", () => {
    expect(tally(undefined, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
  it("counts a run that ended badly as failed, even where each test passed", () => {
    expect(tally(report(), 1)).toMatchObject({ failed: 1 });
    expect(tally(report({ success: false }), 0)).toMatchObject({ failed: 1 });
  });
  it("closes with the sum of all runs", () => {
    expect(
      closingLine(
        sum([
          { passed: 5, failed: 0, skipped: 0 },
          { passed: 7, failed: 2, skipped: 1 },
        ]),
      ),
    ).toBe("12 passed, 2 failed");
  });
});
