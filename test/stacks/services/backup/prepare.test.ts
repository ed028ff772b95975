import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished, test, vi } from "vitest";
import { takePrepared } from "../../../../stacks/services/backup/image/agent/backup.ts";
import { parseAnswer, prepare, verifyMade } from "../../../../stacks/services/backup/image/agent/prepare.ts";
import type { Restic } from "../../../../stacks/services/backup/image/agent/restic.ts";

const folder = (): string => mkdtempSync(join(tmpdir(), "vigie-prepare-"));
const sha256 = (text: string | Buffer): string => createHash("sha256").update(text).digest("hex");

/** A copy in a volume of its own. */
function copy(kind: "postgresql" | "mariadb" | "sqlite" | "file", content: string | Buffer) {
  const volume = folder();
  writeFileSync(join(volume, "copy"), content);
  return { volume, made: { kind, path: "copy", bytes: Buffer.byteLength(content), sha256: sha256(content) } };
}
const POSTGRESQL = `${"row\n".repeat(2000)}--\n-- PostgreSQL database dump complete\n--\n\n`;
const MARIADB = `${"row\n".repeat(2000)}-- Dump completed on 2027-01-01  3:00:00\n`;

describe("a copy of a database", () => {
  test.each([
    ["postgresql", POSTGRESQL],
    ["mariadb", MARIADB],
    ["file", "anything"],
  ] as const)("of %s is whole with the end of its kind", async (kind, content) => {
    const { volume, made } = copy(kind, content);
    await expect(verifyMade(made, volume)).resolves.toBeUndefined();
  });

  it("of SQLite is whole with as many pages as it says", async () => {
    const file = join(folder(), "db");
    const database = new DatabaseSync(file);
    database.exec("create table t (a); insert into t values (1)");
    database.close();
    const content = execFileSync("cat", [file]);
    const { volume, made } = copy("sqlite", content);
    await expect(verifyMade(made, volume)).resolves.toBeUndefined();
    const cut = copy("sqlite", content.subarray(0, content.length - 512));
    await expect(verifyMade(cut.made, cut.volume)).rejects.toThrow("no whole SQLite database");
  });

  test.each<[string, Partial<ReturnType<typeof copy>["made"]>, string, string]>([
    ["cut off", {}, POSTGRESQL.slice(0, -60), "is cut off"],
    ["empty", {}, "", "is empty"],
    ["shorter than it was made", { bytes: 99_999 }, POSTGRESQL, "had 99999 when it was made"],
    ["another than was made", { sha256: "00".repeat(32) }, POSTGRESQL, "has changed"],
    ["gone", { path: "elsewhere" }, POSTGRESQL, "is not there"],
  ])("that is %s is refused", async (_, own, content, words) => {
    const { volume, made } = copy("postgresql", content);
    await expect(verifyMade({ ...made, ...own }, volume)).rejects.toThrow(words);
  });
});

describe("a service's answer", () => {
  it("tells the copies and what was counted", () => {
    const hash = "ab".repeat(32);
    expect(parseAnswer(`ok\npostgresql a/b.sql 12 ${hash}\nfact orders 7\n`)).toEqual({
      made: [{ kind: "postgresql", path: "a/b.sql", bytes: 12, sha256: hash }],
      facts: { orders: 7 },
    });
  });

  test.each([
    ["failed: the disk is full", "the disk is full"],
    ["", "empty answer"],
    ["ok\nnonsense", "makes no sense"],
    [`ok\nfile ../../etc/passwd 1 ${"ab".repeat(32)}`, "makes no sense"],
  ])("%j is refused", (text, words) => expect(() => parseAnswer(text)).toThrow(words));
});

/** `vigie-hooks` itself, with a program that does what a test says. */
function hooks(program: string, seconds = "5") {
  const place = folder();
  const [shared, volume] = [join(place, "hooks"), join(place, "volume")];
  for (const path of [shared, volume]) mkdirSync(path);
  writeFileSync(join(place, "program"), `#!/bin/bash\ncd ${volume}\n${program}\n`, { mode: 0o755 });
  writeFileSync(join(place, "after"), `#!/bin/bash\necho "$1" >>${place}/over\n`, { mode: 0o755 });
  const words = [shared, join(place, "program"), seconds, join(place, "after")];
  const child = spawn("bash", ["stacks/hooks/vigie-hooks", ...words], {
    env: { PATH: process.env.PATH, VIGIE_VOLUME: volume },
    stdio: "inherit",
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const over = (): string => (existsSync(join(place, "over")) ? readFileSync(join(place, "over"), "utf8") : "");
  return { shared, volume, over };
}

/** Asked until it listens. */
async function asked(shared: string, volume: string) {
  for (;;) {
    const answer = await prepare({ folder: shared, limitSeconds: 20 }, volume).catch((error: Error) => error);
    if (!(answer instanceof Error) || !/does not listen/.test(answer.message)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe("vigie-hooks", () => {
  it("has the copies made, time after time, and tells their size and hash", async () => {
    const { shared, volume } = hooks(`printf 'rows' >> a.sql; echo "file a.sql"; echo "fact rows 4"`);
    expect(await asked(shared, volume)).toEqual({
      made: [{ kind: "file", path: "a.sql", bytes: 4, sha256: sha256("rows") }],
      facts: { rows: 4 },
    });
    expect(await asked(shared, volume)).toMatchObject({ made: [{ bytes: 8 }] });
  });

  test.each([
    ["fails", "echo 'no such database' >&2; exit 1", "no such database"],
    ["talks of a file that is not there", "echo 'file none.sql'", "cannot make sense of: file none.sql"],
    ["talks of a file elsewhere", "echo 'file ../program'", "cannot make sense"],
    ["chatters", "echo 'Warning: 3 things'", "cannot make sense"],
  ])("tells of a program that %s", async (_, program, words) => {
    const { shared, volume } = hooks(program);
    const answer = await asked(shared, volume);
    expect(String(answer)).toContain(words);
  });
});

describe("what a service does once the snapshot is over", () => {
  const summary = { snapshot: "5137d85d", filesNew: 1, filesChanged: 0, files: 1, bytes: 6, bytesAdded: 6 };
  const ended = { errors: [], errorCount: 0, expectedCount: 0, values: [] };
  const job = (shared: string, path: string) => ({
    ...{ id: "shop-data", service: "shop", volume: "data", path, schedule: { everySeconds: 60 }, excludes: [] },
    prepare: { folder: shared, limitSeconds: 20, waitSeconds: 20 },
  });

  it("is run after it and not before, with how it went", async () => {
    const { shared, volume, over } = hooks("true");
    const seen: string[] = [];
    const restic =
      (code: number): Restic =>
      async () => {
        seen.push(over());
        return code === 0 ? { ...ended, code, summary } : { ...ended, code, errors: ["the disk is full"] };
      };
    await takePrepared(restic(0), job(shared, volume), "main");
    await vi.waitFor(() => expect(over()).toBe("ok\n"), 10_000);
    await takePrepared(restic(1), job(shared, volume), "main");
    await vi.waitFor(() => expect(over()).toBe("ok\nfailed\n"), 10_000);
    expect(seen).toEqual(["", "ok\n"]);
  });

  it("is run too where what came before failed, or the agent breaks", async () => {
    const { shared, volume, over } = hooks("exit 1");
    await takePrepared(async () => ({ ...ended, code: 0, summary }), job(shared, volume), "main");
    await vi.waitFor(() => expect(over()).toBe("partial\n"), 10_000);
    const broken: Restic = () => Promise.reject(new Error("no restic"));
    await expect(takePrepared(broken, job(shared, volume), "main")).rejects.toThrow("no restic");
    await vi.waitFor(() => expect(over()).toBe("partial\nfailed\n"), 10_000);
  });

  it("is run by itself where the agent is never heard of again", async () => {
    const { shared, volume, over } = hooks("true", "1");
    await asked(shared, volume);
    await vi.waitFor(() => expect(over()).toBe("unknown\n"), 15_000);
  });
});

describe("a snapshot of a service with databases", () => {
  const summary = { snapshot: "5137d85d", filesNew: 1, filesChanged: 0, files: 1, bytes: 6, bytesAdded: 6 };
  const job = {
    id: "shop-data",
    service: "shop",
    volume: "data",
    path: "/none",
    schedule: { everySeconds: 60 },
    excludes: [],
  };

  it("is taken all the same where the service does not answer, and called partial", async () => {
    const calls: string[][] = [];
    const restic: Restic = async (args) => {
      calls.push([...args]);
      return { code: 0, errors: [], errorCount: 0, expectedCount: 0, values: [], summary };
    };
    const result = await takePrepared(restic, { ...job, prepare: { folder: folder(), limitSeconds: 1 } }, "main");
    expect(result).toMatchObject({
      outcome: "partial",
      code: "dump-failed",
      summary,
      reason: expect.stringContaining("does not listen"),
    });
    expect(calls[0]).toContain("service=shop");
  });
});
