import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Inventory } from "../../association/index.ts";
import {
  attemptInside,
  container,
  demo,
  docker,
  eventually,
  fetchEachFrom,
  fetchFrom,
  inside,
  localId,
  readDemo,
} from "./demo.ts";
import { Member } from "./nas-member.ts";
import { commandLike, type } from "./runbook.ts";
import { lookoutPage, metric } from "./web.ts";
import { WikiVisitor } from "./wiki-visitor.ts";

const SHOP = "paul-faure";
const run = Date.now();
const page = `epicerie:recette-${run}`;
const text = `Pain d'épices : miel, seigle, cannelle. Essai ${run} — 1ʳᵉ version.`;
const file = `inventaire-${run}.ods`;

interface Snapshot {
  id: string;
  time: string;
  tags: string[];
}
const snapshots = (): Snapshot[] => JSON.parse(inside("backup", "vigie-backup", "list", "--json"));
const latest = (service: string, volume: string): Snapshot =>
  snapshots()
    .filter(({ tags }) => tags.includes(`service=${service}`) && tags.includes(`volume=${volume}`))
    .at(-1)!;

let inventory: Inventory;
let folder: string;
let content: Buffer;
let paul: Member;
const wiki = new WikiVisitor();
/** Service and volume of everything that a backup policy covers. */
let covered: [string, string][];

beforeAll(async () => {
  inventory = await readDemo();
  covered = Object.values(inventory.services).flatMap(({ id, delivery, backup, volumes }) =>
    delivery.by !== "us" || "none" in backup
      ? []
      : Object.entries(volumes).flatMap(([volume, about]): [string, string][] => (about.backup ? [[id, volume]] : [])),
  );
  folder = mkdtempSync(join(tmpdir(), "vigie-backup-"));
  content = randomBytes(200_000);
  writeFileSync(join(folder, "original"), content);
  writeFileSync(join(folder, "other"), "another file\n");
  paul = new Member(SHOP);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  paul.forget();
});

describe("backups", () => {
  it("are taken by themselves when the agent starts and finds that a run was missed", async () => {
    expect(covered.length).toBeGreaterThan(3);
    await eventually(() => {
      // Some services add what they counted in it.
      const tags = snapshots().map((one) => one.tags.slice(0, 2).join(" "));
      for (const [service, volume] of covered) expect(tags).toContain(`service=${service} volume=${volume}`);
    }, 90);
  });

  it("are taken at once when asked for, of every volume that is covered", async () => {
    expect(await wiki.signIn(SHOP)).toBe(true);
    await wiki.write(page, text);
    expect(paul.share("epicerie", `put ${join(folder, "original")} ${file}`).status).toBe(0);
    const before = snapshots().length;
    const { code, stdout } = attemptInside("backup", ["vigie-backup", "run", "all"]);
    expect(stdout).not.toMatch(/failed/);
    for (const [service, volume] of covered)
      expect(stdout).toMatch(new RegExp(`^${service}-${volume}: \\w+, snapshot [0-9a-f]{8}: \\d+ files`, "m"));
    expect(code).toBe(0);
    expect(snapshots().length).toBe(before + covered.length);
  });

  it("hold the lookout's databases as copies of one moment, and not the files at work", () => {
    const lookout = Object.values(inventory.services).find(({ provides }) => provides.includes("lookout"))!;
    const top = `/data/${lookout.volumes.data!.name}`;
    const { id } = latest(lookout.id, "data");
    const names = (path: string): string[] =>
      (JSON.parse(inside("backup", "vigie-backup", "ls", id, "--path", path)) as { name: string }[]).map(
        ({ name }) => name,
      );
    expect(names(top)).not.toContain("history.sqlite");
    expect(names(`${top}/copies`)).toEqual(["history.sqlite", "incidents.sqlite"]);
  });

  it("are refused for a volume that does not exist, naming those that do", () => {
    const { code, stderr } = attemptInside("backup", ["vigie-backup", "run", "wiki-dat"]);
    expect(stderr).toMatch(/there is no job "wiki-dat"; there are .*wiki-data/);
    expect(code).toBe(78);
  });
});

describe("the lookout", () => {
  it("exports when each was taken, and shows it to those on call", async () => {
    // Started anew it runs every check at once, instead of within five minutes.
    docker("restart", container("lookout"));
    const taken = new Map(covered.map(([service, volume]) => [`${service}/${volume}`, latest(service, volume).time]));
    await eventually(async () => {
      const samples = await metric("vigie_backup_last_snapshot_timestamp_seconds");
      for (const [name, time] of taken) {
        const found = samples.find(({ labels }) => `${labels.service}/${labels.volume}` === name);
        expect(found?.value, name).toBeCloseTo(Date.parse(time) / 1000, 0);
      }
    }, 60);
    const html = await lookoutPage("/oncall?lang=en", "lea-martin");
    const rows = [...html.matchAll(/<tr[\s\S]*?<\/tr>/g)].map(([row]) => row);
    const backups = rows.filter((row) => row.includes('data-label="Last backup"'));
    expect(backups.length).toBe(covered.length);
    for (const row of backups) expect(row).toMatch(/<time datetime=/);
  });

  it("sees the snapshots in the repository itself", () => {
    for (const service of ["wiki", "nas"]) {
      const { status, text: answer } = fetchFrom(
        "lookout",
        `http://127.0.0.1:9464/probe?target=${service}&check=backup`,
      );
      expect(status).toBe(200);
      expect(answer).toMatch(/^probe_success 1$/m);
    }
  });

  it("watches every volume that is covered", () => {
    const watched = Object.values(inventory.checks).filter(({ kind }) => kind === "backup");
    expect(new Set(watched.map((check) => `${check.service} ${localId(check)}`))).toEqual(
      new Set(covered.map(([service]) => `${service} backup`)),
    );
  });
});

describe("a restore by the runbooks", () => {
  it("brings one wiki page back, byte for byte, to look at", async () => {
    const example = await commandLike("/runbooks/backup?service=backup&lang=en", /vigie-backup restore SNAPSHOT/);
    const path = `pages/${page.replace(":", "/")}.txt`;
    const volume = inventory.services.wiki!.volumes.data!.name;
    await type(example.split("\n")[0]!.replace("SNAPSHOT", "wiki-data").replace("PATH", path));
    const [, to] = /--to (\S+)/.exec(example)!;
    expect(inside("backup", "cat", `${to}/data/${volume}/${path}`)).toBe(text);
    inside("backup", "rm", "-r", to!);
  });

  it("brings a whole wiki back after a page was ruined", async () => {
    await wiki.write(page, `tout est perdu ${run}`);
    expect((await wiki.read(page)).text).toContain(`tout est perdu ${run}`);
    await restore("wiki");
    await eventually(async () => {
      const again = new WikiVisitor();
      expect(await again.signIn(SHOP)).toBe(true);
      const raw = await again.get(`/doku.php?id=${page}&do=export_raw`);
      expect(raw.text).toBe(text);
    }, 60);
  });

  it("brings the shares back after a file was deleted, its owner with it", async () => {
    const owner = (): string => inside("nas", "stat", "--format=%U:%G:%a", `/srv/shares/epicerie/${file}`);
    const before = owner();
    expect(paul.share("epicerie", `del ${file}`).status).toBe(0);
    expect(paul.share("epicerie", "ls").said).not.toContain(file);
    await restore("nas");
    await eventually(() => {
      expect(paul.share("epicerie", `get ${file} ${join(folder, "restored")}`).status).toBe(0);
      expect(readFileSync(join(folder, "restored")).equals(content)).toBe(true);
    }, 60);
    expect(owner()).toBe(before);
    // Restored with the rights it had: its owner can go on working with it.
    expect(paul.share("epicerie", `put ${join(folder, "other")} ${file}`).status).toBe(0);
  });
});

describe("the repository", () => {
  it("refuses to delete anything, even to the one who wrote it, and lets the same one read", () => {
    const password = inside("backup", "cat", "/etc/vigie/secrets/rest-password").trim();
    const authorization = `Basic ${Buffer.from(`backup:${password}`).toString("base64")}`;
    const url = "http://snapshots:8000/backup";
    const [listed] = fetchEachFrom("backup", [{ url: `${url}/snapshots/`, authorization }]);
    // The whole name of the wiki's latest snapshot, as the server knows it (restic's REST API, version 2).
    const id = (JSON.parse(listed!.text) as (string | { name: string })[])
      .map((one) => (typeof one === "string" ? one : one.name))
      .find((name) => name.startsWith(latest("wiki", "data").id))!;
    const refused = [`${url}/snapshots/${id}`, `${url}/config`, `${url}/`].map((at) => ({ url: at, method: "DELETE" }));
    const answers = fetchEachFrom("backup", [
      ...refused.map((one) => ({ ...one, authorization })),
      { url: `${url}/snapshots/${id}`, authorization },
      // Nobody is known without a password, and each sees the own snapshots only.
      { url: `${url}/snapshots/${id}` },
      { url: "http://snapshots:8000/other/config", authorization },
    ]).map(({ status }) => status);
    for (const status of answers.slice(0, 3)) expect([403, 405]).toContain(status);
    expect(answers.slice(3, 5)).toEqual([200, 401]);
    expect([401, 403]).toContain(answers[5]);
  });

  it("holds nothing that can be read without the password of the snapshots", () => {
    const found = attemptInside("snapshots", ["grep", "-rlF", "cannelle", "/var/lib/restic"]);
    expect(found.stdout).toBe("");
    // The same search finds the page where it is in the clear.
    expect(attemptInside("wiki", ["grep", "-rlF", "cannelle", "/var/lib/dokuwiki"]).stdout).toContain(`recette-${run}`);
  });
});

/** Types what the service's runbook says, with each volume's latest snapshot. */
async function restore(service: string): Promise<void> {
  const runbook = `/runbooks/${service}?service=${service}&lang=en`;
  // First a copy of things as they are, as it says.
  await type(await commandLike(runbook, /vigie-backup keep/));
  const commands = await commandLike(runbook, /docker stop[\s\S]*SNAPSHOT/);
  const { volumes } = inventory.services[service]!;
  const lines = commands.split("\n").map((line) => {
    const volume = Object.entries(volumes).find(([, { name }]) => line.includes(`/data/${name}`))?.[0];
    return volume === undefined ? line : line.replaceAll("SNAPSHOT", latest(service, volume).id.slice(0, 8));
  });
  expect(lines.join("\n")).not.toContain("SNAPSHOT");
  expect(lines[0]).toBe(`docker stop ${demo().prefix}-${service}`);
  await type(lines.join("\n"));
}
