import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../cli/places.ts";
import { attemptInside, container, demo, docker, STACK, userEnvironment, vigie } from "./demo.ts";

const DATA = "/var/lib/dokuwiki";
const inWiki = (script: string): string =>
  docker("exec", "--user", "www-data", container("wiki"), "sh", "-euc", script);
const restore = (...words: string[]) => vigie(["restore", "--stack", STACK, "--service", "wiki", ...words]);
const page = (name: string) => attemptInside("wiki", ["cat", `${DATA}/pages/items/${name}.txt`]).stdout;
const folder = mkdtempSync(join(tmpdir(), "vigie-items-"));

beforeAll(async () => {
  inWiki(`mkdir -p ${DATA}/pages/items ${DATA}/meta/items ${DATA}/attic/items
    echo before > ${DATA}/pages/items/plan.txt; echo m > ${DATA}/meta/items/plan.meta; echo old > ${DATA}/attic/items/plan.1700000000.txt.gz
    echo other > ${DATA}/pages/items/plan2.txt`);
  const saved = await vigie(["backup", "--stack", STACK, "--service", "wiki"]);
  expect(saved.code, saved.stderr).toBe(0);
});
afterAll(() => {
  inWiki(`rm -rf ${DATA}/pages/items ${DATA}/meta/items ${DATA}/attic/items`);
  rmSync(folder, { recursive: true, force: true });
});

describe("a page of the wiki", () => {
  it("comes back alone with its history, after a preview, and the restore can be undone to the letter", async () => {
    inWiki(`echo spoilt > ${DATA}/pages/items/plan.txt; rm ${DATA}/meta/items/plan.meta ${DATA}/attic/items/plan.1700000000.txt.gz
      echo new > ${DATA}/attic/items/plan.1800000000.txt.gz; echo newer > ${DATA}/pages/items/plan2.txt`);

    const unconfirmed = await restore("--snapshot", "latest", "--item", "page:items:plan", "--in-place");
    expect(unconfirmed.stderr).toContain("1 would be replaced:\n    pages/items/plan.txt");
    expect(unconfirmed.stderr).toMatch(/2 would come back:\n {4}\S*(meta|attic)\/items/);
    expect(unconfirmed.stderr).toContain("Nobody is here to confirm: nothing was touched");
    expect(page("plan")).toBe("spoilt\n");

    const done = await restore("--snapshot", "latest", "--item", "page:items:plan", "--in-place", "--yes");
    expect(done.code, done.stderr).toBe(0);
    expect([page("plan"), page("plan2")]).toEqual(["before\n", "newer\n"]);
    expect(inWiki(`cat ${DATA}/meta/items/plan.meta ${DATA}/attic/items/plan.1[78]*`)).toBe("m\nold\nnew\n");

    const undo = /To undo: npm run restore -- (.*)$/m.exec(done.stderr)![1]!.split(" ");
    const undone = await vigie(["restore", ...undo, "--yes"]);
    expect(undone.code, undone.stderr).toBe(0);
    expect(page("plan")).toBe("spoilt\n");
    expect(inWiki(`ls ${DATA}/meta/items ${DATA}/attic/items`)).not.toMatch(/plan\.meta|1700000000/);
  });

  it("comes back beside, as it was at a time", async () => {
    const now = new Date(Date.now() + 60_000).toISOString();
    const { code, stderr } = await restore("--at", now, "--item", "page:items:plan", "--to", join(folder, "plan"));
    expect(code, stderr).toBe(0);
    expect(readFileSync(join(folder, "plan", "pages/items/plan.txt"), "utf8")).toBe("before\n");
    expect(readFileSync(join(folder, "plan", "attic/items/plan.1700000000.txt.gz"), "utf8")).toBe("old\n");
  });

  it("is among what the wiki is said to have by name", async () => {
    const { code, stdout } = await restore("--item", "?");
    expect(stdout).toMatch(/^--item page:technique:sauvegardes {3}a page/m);
    expect(code).toBe(0);
  });

  it("that was not there then, a time without a snapshot, and a name that leads elsewhere are refused, and nothing changes", async () => {
    const before = inWiki(`find ${DATA}/pages -type f -exec md5sum {} +`);
    for (const [words, why] of [
      [["--snapshot", "latest", "--item", "page:items:none"], /has no page items:none: nothing was touched/],
      [
        ["--at", "2001-01-01", "--item", "page:items:plan"],
        /no snapshot from 2001-01-01 or before: nothing was touched/,
      ],
      [["--snapshot", "latest", "--item", "page:../../etc"], /cannot be the name of a page: nothing was touched/],
    ] as const) {
      const { code, stderr } = await restore(...words, "--in-place", "--yes");
      expect(stderr).toMatch(why);
      expect(code).toBe(1);
    }
    expect(inWiki(`find ${DATA}/pages -type f -exec md5sum {} +`)).toBe(before);
  });
});

describe("a restore of the whole volume that is killed while it writes", () => {
  it("is told of, gone on with to the end and its service's start, and undone from what was there before it", async () => {
    inWiki(
      `echo spoilt > ${DATA}/pages/items/plan.txt; rm -f ${DATA}/pages/items/plan2.txt; echo late > ${DATA}/pages/items/late.txt`,
    );
    const own = ["--snapshot", "latest", "--in-place", "--exact", "--yes"];
    const child = spawn(
      process.execPath,
      [join(ROOT, "cli/main.ts"), "restore", "--stack", STACK, "--service", "wiki", ...own],
      {
        cwd: ROOT,
        env: { ...userEnvironment(), ...demo().env },
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    let said = "";
    for await (const line of createInterface({ input: child.stderr })) {
      said += `${line}\n`;
      if (line.includes("what was there is kept in snapshot")) child.kill("SIGKILL");
    }
    const kept = /kept in snapshot (\w+)/.exec(said)![1]!;
    const list = await restore();
    expect(list.stderr).toMatch(/A restore of wiki begun on \S+ did not come to its end/);
    expect(list.stderr).toContain(`what was there before is in snapshot ${kept}`);

    const again = await restore(...own);
    expect(again.code, again.stderr).toBe(0);
    expect(again.stderr).toContain("going on");
    expect([page("plan"), page("plan2"), page("late")]).toEqual(["before\n", "other\n", ""]);

    const [, undo] = /To undo: npm run restore -- (.*)$/m.exec(again.stderr)!;
    expect(undo).toContain(`--snapshot ${kept}`);
    // Twice: who is not sure types it again.
    for (let times = 0; times < 2; times++) {
      const undone = await vigie(["restore", ...undo!.split(" "), "--yes"]);
      expect(undone.code, undone.stderr).toBe(0);
    }
    expect([page("plan"), page("plan2"), page("late")]).toEqual(["spoilt\n", "", "late\n"]);
    expect((await restore()).stderr).not.toContain("did not come to its end");
  });
});
