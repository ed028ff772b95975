import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { defaultEndpoint } from "../../cli/engine.ts";
import { updatesFor } from "../../cli/upgrade/candidates.ts";
import { statusOf } from "../../cli/upgrade/installed.ts";
import type { Journal } from "../../cli/upgrade/journal.ts";
import { copyDemo, type DemoCopy } from "./copy.ts";
import { container, docker, inside, STACK, vigie } from "./demo.ts";

/** What the wiki keeps: path, kind, owner, rights, and every byte, without what it makes again by itself and what an upgrade plants in it. */
const held = (): string =>
  docker(
    ...["run", "--rm", "--network", "none", "--user", "0", "--entrypoint", "bash"],
    ...["--mount", `type=volume,source=${container("wiki")}-data,target=/v,readonly`, "debian:trixie-slim", "-euc"],
    "cd /v && find . \\( -path ./cache -o -path './*/vigie' -o -path ./meta/_dokuwiki.changes \\) -prune -o -printf '%p %y %U:%G %m ' -type f -exec sha256sum {} \\; -o -printf '\\n' | sort",
  );
const image = (): string => docker("inspect", "--format", "{{.Config.Image}} {{.Image}}", container("wiki")).trim();
const page = (): string => inside("wiki", "sh", "-c", "cat /var/lib/dokuwiki/pages/technique/essai.txt").trim();

let copy: DemoCopy;
/** When the first snapshot was there at the latest. */
let savedAt = 0;
const originals = new Map<string, string>();
/** Changes a file of the new version; all of them are as they were for the next test. */
function change(path: string, before: string, after: string): void {
  originals.set(path, originals.get(path) ?? copy.read(path));
  copy.edit(path, before, after);
}
function changeNothing(): void {
  for (const [path, content] of originals) copy.write(path, content);
  originals.clear();
}
const journal = (): Journal =>
  JSON.parse(readFileSync(join(copy.root, ".vigie", "upgrades", `${STACK}.wiki.json`), "utf8")) as Journal;
const upgrade = (...words: string[]) => copy.vigie("upgrade", "wiki", "--stack", STACK, ...words);
const settings = (): string => copy.read(`.vigie/settings/Pulumi.${STACK}.yaml`);
const WIKI = "stacks/services/wiki/image";
const TOOLS = "associations/tilleuls/services/tools.ts";

beforeAll(async () => {
  copy = copyDemo({ sharesState: true });
  // What is to survive.
  docker(
    "exec",
    "--user",
    "www-data",
    container("wiki"),
    "sh",
    "-c",
    "mkdir -p /var/lib/dokuwiki/pages/technique && printf 'avant la mise à jour' > /var/lib/dokuwiki/pages/technique/essai.txt",
  );
  const saved = await vigie(["backup", "--stack", STACK, "--service", "wiki"]);
  expect(saved.code, saved.stderr).toBe(0);
  savedAt = Date.now();
  change(TOOLS, 'runbook: "wiki"', 'upgrades: { soak: "6s" }, runbook: "wiki"');
  originals.clear();
});
afterEach(changeNothing);
afterAll(async () => {
  // Whatever happened, the others' wiki is the checkout's.
  copy.remove();
  await vigie(["up", "--stack", STACK]);
});

describe("an upgrade that is refused", () => {
  it("waits as long as the declaration says, with its reason", async () => {
    change(
      TOOLS,
      "upgrades: { soak",
      'upgrades: { decision: { do: "wait", until: "2999-01-01", why: "The school year is not over" }, soak',
    );
    const { code, stderr } = await upgrade("--yes");
    changeNothing();
    expect(stderr).toContain("wiki waits until 2999-01-01: The school year is not over");
    expect(code).toBe(1);
  });

  it("changes nothing where nobody confirms, and says what it would have done", async () => {
    const [running, before] = [image(), settings()];
    change(`${WIKI}/start`, "exec apache2", ": # a newer start\nexec apache2");
    const { code, stderr } = await upgrade();
    changeNothing();
    expect(stderr).toContain("our own part of it (Dockerfile, files, npm packages) changes");
    expect(stderr).toMatch(/would replace container \S+-wiki \(/);
    expect(stderr).toContain("Nobody is here to confirm: nothing was touched");
    expect(code).toBe(1);
    expect([image(), settings()]).toEqual([running, before]);
    expect(existsSync(join(copy.root, ".vigie", "upgrades", `${STACK}.wiki.json`))).toBe(false);
  });

  it("does not touch what runs where the new version cannot be built", async () => {
    const running = image();
    change(`${WIKI}/Dockerfile`, "USER www-data", "RUN false\nUSER www-data");
    const { code, stderr } = await upgrade("--yes");
    changeNothing();
    expect(stderr).toMatch(/The new version of vigie\/wiki cannot be built. Nothing was touched/);
    expect(code).toBe(1);
    expect(image()).toBe(running);
  });

  it("changes nothing where the backup is stale, and names what to do", async () => {
    const [running, data, before] = [image(), held(), settings()];
    await setTimeout(Math.max(0, savedAt + 61_000 - Date.now()));
    change(TOOLS, 'schedule: "0 3 * * *", rpo: "2d"', 'schedule: "1m", rpo: "1m"');
    const { code, stderr } = await upgrade("--yes");
    changeNothing();
    expect(stderr).toMatch(/The backup of wiki is stale: the last snapshot of data is .* old.*Nothing was touched/);
    expect(stderr).toContain("npm run backup");
    expect(code).toBe(1);
    expect([image(), held(), settings()]).toEqual([running, data, before]);
  });
});

describe("a new version that fails", () => {
  it("goes back, image and data to the byte, where its migration stops halfway", async () => {
    const [running, data] = [image(), held()];
    change(
      `${WIKI}/start`,
      "exec apache2",
      "echo 'migré à moitié' > /var/lib/dokuwiki/pages/technique/essai.txt; rm -rf /var/lib/dokuwiki/meta /var/lib/dokuwiki/users; mkdir /var/lib/dokuwiki/v2; echo new > /var/lib/dokuwiki/v2/half; exit 1\nexec apache2",
    );
    const { code, stderr } = await upgrade("--yes");
    changeNothing();
    expect(stderr).toContain("wiki goes back:");
    expect(stderr).toContain("wiki is back on");
    expect(code).toBe(1);
    expect(held()).toBe(data);
    expect(image()).toBe(running);
    expect(page()).toBe("avant la mise à jour");
    expect(journal()).toMatchObject({ phase: "undone" });
    expect(settings()).toMatch(/hold: vigie\/wiki:/);
  });

  it("stays away from `up` afterwards: what runs is held, until the next upgrade", async () => {
    const running = image();
    change(`${WIKI}/start`, "exec apache2", "exit 1\nexec apache2");
    const { code, stdout } = await copy.vigie("preview", "--stack", STACK);
    changeNothing();
    expect(code).toBe(0);
    expect(stdout).not.toContain("wiki");
    expect(image()).toBe(running);
  });

  it("goes back where its container is healthy and its page is wrong", async () => {
    const [running, data] = [image(), held()];
    change(`${WIKI}/configure/settings.php`, "'title' => $wiki['title'],", "'title' => 'Oops',");
    change(`${WIKI}/start`, "exec apache2", "echo lost > /var/lib/dokuwiki/pages/technique/essai.txt\nexec apache2");
    const { code, stderr } = await upgrade("--yes");
    changeNothing();
    expect(stderr).toMatch(/wiki goes back: .*wiki\/http/);
    expect(code).toBe(1);
    expect([image(), held()]).toEqual([running, data]);
  });
});

describe("a new version that works and has lost what it was given", () => {
  it("goes back, for the value that was planted before it is not found", async () => {
    const [running, before] = [image(), page()];
    change(
      `${WIKI}/start`,
      "exec apache2",
      "rm -rf /var/lib/dokuwiki/pages/vigie* /var/lib/dokuwiki/pages/technique\nexec apache2",
    );
    const { code, stderr } = await upgrade("--yes");
    changeNothing();
    expect(stderr).toMatch(/wiki goes back: it lost what was planted before it/);
    expect(code).toBe(1);
    expect([image(), page()]).toEqual([running, before]);
  });
});

describe("a new version that holds", () => {
  it("is kept, taken up again where it was killed in the middle, and can go back afterwards", async () => {
    const before = image();
    change(`${WIKI}/start`, "exec apache2", ": # better\nexec apache2");
    // Killed without a word as soon as the new version is being brought up.
    const child = spawn(process.execPath, copy.words("upgrade", "wiki", "--stack", STACK, "--yes"), {
      cwd: copy.root,
      env: copy.env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    for await (const line of createInterface({ input: child.stderr })) {
      said += `${line}\n`;
      if (line.includes("is kept in snapshot")) child.kill("SIGKILL");
    }
    expect(said).toContain("is kept in snapshot");
    expect(journal().phase).toMatch(/saved|applying/);

    const up = await copy.vigie("up", "--stack", STACK);
    expect(up.stderr).toMatch(/The upgrade of wiki begun on \S+ was interrupted/);
    expect(up.code).toBe(1);

    const { code, stderr } = await upgrade("--yes");
    expect(stderr).toContain("was interrupted: going on");
    expect(stderr).toContain("wiki is upgraded: vigie/wiki:");
    expect(code).toBe(0);
    expect(image()).not.toBe(before);
    expect(page()).toBe("avant la mise à jour");
    expect(settings()).not.toContain("hold:");

    const again = await upgrade("--yes");
    expect(again.stderr).toContain("wiki has the newest version already: nothing to do");

    docker(
      "exec",
      "--user",
      "www-data",
      container("wiki"),
      "sh",
      "-c",
      "printf 'après' > /var/lib/dokuwiki/pages/technique/essai.txt",
    );
    const undone = await upgrade("--undo", "--yes");
    changeNothing();
    expect(undone.stderr).toContain("its data stays as it is now");
    expect(undone.code, undone.stderr).toBe(0);
    expect(image()).toBe(before);
    expect(page()).toBe("après");
  });
});

describe("newer Debian packages", () => {
  it("are found by apt's own judgement of what an image holds", async () => {
    const status = await statusOf(
      defaultEndpoint(),
      docker("inspect", "--format", "{{.Image}}", container("wiki")).trim(),
    );
    const older = status.replace(/(Package: dokuwiki\n[\s\S]*?\nVersion: )\S+/, "$10.0.20080505-4");
    expect(older).not.toBe(status);
    const found = await updatesFor(defaultEndpoint(), { now: status, past: older });
    expect(found.now).toEqual([]);
    expect(found.past).toEqual([
      expect.objectContaining({ package: "dokuwiki", from: "0.0.20080505-4", security: false }),
    ]);
  });
});
