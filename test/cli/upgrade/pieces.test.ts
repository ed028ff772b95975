import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { keptSettings, readSettingsFile } from "../../../cli/settings.ts";
import { parseSimulation } from "../../../cli/upgrade/candidates.ts";
import { stale } from "../../../cli/upgrade/data.ts";
import { forbidden } from "../../../cli/upgrade/decide.ts";
import { editionsOf, setEdition } from "../../../cli/upgrade/editions.ts";
import { describeDifference, differences, parseStatus } from "../../../cli/upgrade/installed.ts";
import {
  dropPrepared,
  forgetJournal,
  type Journal,
  keepJournal,
  readJournal,
  unfinished,
  without,
} from "../../../cli/upgrade/journal.ts";
import { parseOutdated } from "../../../cli/upgrade/npm.ts";
import { planOf } from "../../../cli/upgrade/plan.ts";
import { newerTags, parseReference } from "../../../cli/upgrade/registry.ts";
import { seen } from "../../../cli/upgrade/report.ts";
import { checksOf, Soak } from "../../../cli/upgrade/soak.ts";
import { demo } from "../../stacks/fixtures/demo.ts";

const folders: string[] = [];
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), "vigie-upgrade-"));
  folders.push(made);
  return made;
};
afterAll(() => {
  for (const one of folders) rmSync(one, { recursive: true, force: true });
});

describe("what is installed in an image", () => {
  const status = [
    "Package: dokuwiki\nStatus: install ok installed\nVersion: 0.0.20240206b-1\nDescription: a wiki\n Version: not this one",
    "Package: gone\nStatus: deinstall ok config-files\nVersion: 1",
    "Package: libssl3t64\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.5.1-1",
  ].join("\n\n");

  it("is what dpkg calls installed, and nothing that was removed", () => {
    expect([...parseStatus(status)]).toEqual([
      ["dokuwiki", "0.0.20240206b-1"],
      ["libssl3t64", "3.5.1-1"],
    ]);
    expect(parseStatus("")).toEqual(new Map());
  });

  it("differs from another image's by what came, went or changed", () => {
    const before = new Map([
      ["a", "1"],
      ["b", "1"],
      ["c", "1"],
    ]);
    const after = new Map([
      ["a", "1"],
      ["b", "2"],
      ["d", "1"],
    ]);
    expect(differences(before, after).map(describeDifference)).toEqual(["b 1 → 2", "c 1, gone", "d 1, new"]);
    expect(differences(before, before)).toEqual([]);
  });
});

describe("apt's simulation", () => {
  it("gives each image's updates, security told apart, and no new dependency", () => {
    const said = [
      "image 0",
      "Inst libssl3t64 [3.5.1-1] (3.5.1-1+deb13u1 Debian-Security:13/stable-security [amd64])",
      "Inst tzdata [2025a-1] (2025b-1 Debian:13.1/stable, Debian:stable-updates [all]) []",
      "Inst newdep (1.0 Debian:13.1/stable [amd64])",
      "image 1",
    ].join("\n");
    expect(parseSimulation(said)).toEqual({
      0: [
        { package: "libssl3t64", from: "3.5.1-1", to: "3.5.1-1+deb13u1", security: true },
        { package: "tzdata", from: "2025a-1", to: "2025b-1", security: false },
      ],
      1: [],
    });
  });

  it("keeps the day on which an update was first seen, while it is pending", () => {
    const update = { package: "a", from: "1", to: "2", security: false };
    const first = seen([update], undefined, "2026-11-01T00:00:00Z");
    expect(seen([{ ...update, to: "3" }], first, "2026-11-24T00:00:00Z")[0]).toMatchObject({
      to: "3",
      since: "2026-11-01T00:00:00Z",
    });
    expect(seen([{ ...update, from: "2" }], first, "2026-11-24T00:00:00Z")[0]?.since).toBe("2026-11-24T00:00:00Z");
  });
});

describe("npm's outdated packages", () => {
  it("are those that have a newer version, whatever the range allows", () => {
    const said = JSON.stringify({
      zod: { current: "4.0.0", wanted: "4.1.0", latest: "5.0.0" },
      x: { wanted: "1", latest: "1" },
    });
    expect(parseOutdated(said)).toEqual([{ package: "zod", from: "4.0.0", wanted: "4.1.0", latest: "5.0.0" }]);
    expect(parseOutdated("")).toEqual([]);
  });

  it("are not none where npm failed", () => {
    expect(() => parseOutdated(JSON.stringify({ error: { summary: "no network" } }))).toThrow("no network");
  });
});

describe("an image's reference", () => {
  it.each([
    ["debian:trixie-slim", { registry: "registry-1.docker.io", repository: "library/debian", tag: "trixie-slim" }],
    ["galette/galette", { registry: "registry-1.docker.io", repository: "galette/galette", tag: "latest" }],
    ["localhost:5000/a/b:1.2", { registry: "localhost:5000", repository: "a/b", tag: "1.2" }],
    ["ghcr.io/x/y:1@sha256:abc", { registry: "ghcr.io", repository: "x/y", tag: "1", digest: "sha256:abc" }],
  ])("%s is read as Docker reads it", (text, read) => {
    expect(parseReference(text)).toEqual(read);
  });

  it("is followed by higher numbers of its own shape only, the highest first", () => {
    const all = [
      "1.2.3-slim",
      "1.10.0-slim",
      "1.3.0-slim",
      "1.2.2-slim",
      "2.0.0-rc1-slim",
      "2.0.0",
      "latest",
      "1.4-slim",
    ];
    expect(newerTags("1.2.3-slim", all)).toEqual(["1.10.0-slim", "1.3.0-slim"]);
    expect(newerTags("trixie-slim", all)).toEqual([]);
  });
});

describe("the plan of an upgrade", () => {
  const urn = (type: string, name: string): string => `urn:pulumi:demo::vigie::${type}::${name}`;
  const wiki = urn("vigie:service:wiki", "wiki");
  const nas = urn("vigie:service:nas", "nas");
  const step = (parent: string, type: string, name: string, op: string, more: object = {}) => ({
    urn: urn(`x$${type}`, name),
    type,
    op: op as never,
    new: { parent, ...more },
  });
  const image = { inputs: { name: "vigie/wiki:bb", build: { context: "/c/wiki" } } };
  const steps = [
    { urn: wiki, type: "vigie:service:wiki", op: "same" as never, new: {} },
    { urn: nas, type: "vigie:service:nas", op: "same" as never, new: {} },
    step(wiki, "docker:index/remoteImage:RemoteImage", "main-wiki", "create-replacement", image),
    step(wiki, "docker:index/remoteImage:RemoteImage", "main-wiki", "replace", image),
    step(nas, "docker:index/container:Container", "t-nas", "replace"),
    step(wiki, "docker:index/container:Container", "t-wiki", "replace"),
  ];

  it("is the service's own changes; what waits for others is told and left alone", () => {
    expect(planOf(steps, "wiki")).toEqual({
      targets: [steps[2]!.urn, steps[5]!.urn],
      changes: ["would replace image main-wiki", "would replace container t-wiki"],
      others: ["would replace container t-nas"],
      image: { name: "vigie/wiki:bb", context: "/c/wiki" },
    });
  });

  it("is empty for a service that nothing changes for", () => {
    expect(planOf(steps, "lookout")).toMatchObject({ targets: [], changes: [] });
  });
});

describe("a soak", () => {
  const patience = { start: 30_000, soak: 10_000 };
  const good = {};
  const bad = { "wiki/http": "wrong-body" };

  it("is passed by a version that is well, and stays so for the declared time", () => {
    const soak = new Soak(patience, 0);
    expect([soak.take(bad, 1000), soak.take(good, 2000), soak.take(good, 11_000)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(soak.take(good, 12_000)).toEqual({ ok: true });
  });

  it("is failed by one that is never well, only once its patience is over", () => {
    const soak = new Soak(patience, 0);
    expect(soak.take(bad, 29_999)).toBeUndefined();
    expect(soak.take(bad, 30_000)).toEqual({ ok: false, because: "wiki/http: wrong-body" });
  });

  it("forgives one bad moment, and not two in a row", () => {
    const soak = new Soak(patience, 0);
    soak.take(good, 1000);
    expect(soak.take(bad, 2000)).toBeUndefined();
    expect(soak.take(good, 3000)).toBeUndefined();
    expect(soak.take(bad, 4000)).toBeUndefined();
    expect(soak.take(bad, 5000)).toMatchObject({ ok: false });
  });

  it("asks the service's own checks and those of whoever depends on it, and not how old a backup is", () => {
    const { inventory } = demo();
    const checks = checksOf(inventory, "proxy");
    expect(checks).toEqual(expect.arrayContaining(["proxy/tcp", "wiki/http", "prometheus/http"]));
    expect(checks.filter((check) => check.includes("/backup"))).toEqual([]);
    expect(checksOf(inventory, "wiki").every((check) => check.startsWith("wiki/"))).toBe(true);
  });
});

describe("a stale backup", () => {
  const saved = { backup: { rpo: 3600 }, volumes: [{ key: "data" }, { key: "audit" }] } as never;
  const choice = (key: string, time: string, undo = false) => ({ volume: { key } as never, time, undo });
  const now = Date.parse("2026-11-24T12:00:00Z");

  it("is one older than may be lost, or none at all; what was kept before a restore counts for nothing", () => {
    expect(
      stale(saved, [choice("data", "2026-11-24T11:30:00Z"), choice("audit", "2026-11-24T11:30:00Z")], now),
    ).toEqual([]);
    const found = stale(
      saved,
      [choice("data", "2026-11-24T10:00:00Z"), choice("data", "2026-11-24T11:59:00Z", true)],
      now,
    );
    expect(found).toEqual([
      "the last snapshot of data is 2 h old, and 1 h is the most it may be",
      "audit has no snapshot",
    ]);
  });
});

describe("a decision", () => {
  const why = "It needs a newer PHP";

  it("lets an upgrade pass, or says until when, where and why it does not", () => {
    expect(forbidden("wiki", { do: "adopt", within: 1 }, "demo", "2026-11-24")).toBeUndefined();
    expect(forbidden("wiki", { do: "wait", until: "2027-01-01", why }, "demo", "2026-12-31")?.what).toContain(
      `until 2027-01-01: ${why}`,
    );
    expect(forbidden("wiki", { do: "wait", until: "2027-01-01", why }, "demo", "2027-01-01")).toBeUndefined();
    expect(forbidden("wiki", { do: "test", on: "trial", why }, "demo", "2026-11-24")?.fix).toContain("--stack trial");
    expect(forbidden("wiki", { do: "test", on: "trial", why }, "trial", "2026-11-24")).toBeUndefined();
  });
});

describe("the record of editions", () => {
  it("changes one service's and nothing else of the settings, and is readable by its owner alone", () => {
    const [root, local] = [folder(), folder()];
    mkdirSync(join(local, "settings"));
    writeFileSync(keptSettings("demo", local), "encryptionsalt: v1:x\nconfig:\n  vigie:rootSecret:\n    secure: abc\n");
    setEdition("demo", "wiki", { packages: "2026-11-24T10:00Z" }, local);
    setEdition("demo", "nas", { hold: "vigie/nas:aa", because: "it failed" }, local);
    expect(editionsOf("demo", root, local)).toEqual({
      wiki: { packages: "2026-11-24T10:00Z" },
      nas: { hold: "vigie/nas:aa", because: "it failed" },
    });
    expect(statSync(keptSettings("demo", local)).mode & 0o777).toBe(0o600);
    setEdition("demo", "wiki", {}, local);
    setEdition("demo", "nas", {}, local);
    expect(readSettingsFile(keptSettings("demo", local))).toEqual({
      encryptionsalt: "v1:x",
      config: { "vigie:rootSecret": { secure: "abc" } },
    });
  });
});

describe("the journal of an upgrade", () => {
  const journal = (stack: string, service: string, phase: Journal["phase"]): Journal => ({
    version: 1,
    stack,
    service,
    started: "2026-11-24T10:00:00Z",
    phase,
    before: { edition: {}, image: "vigie/wiki:a" },
    after: { edition: {}, image: "vigie/wiki:b" },
    targets: [],
    snapshots: {},
    failingBefore: [],
  });

  it("tells which upgrades of a stack were interrupted, and those alone", () => {
    const local = folder();
    expect(unfinished("demo", local)).toEqual([]);
    for (const one of [
      journal("demo", "wiki", "applying"),
      journal("demo", "nas", "kept"),
      journal("demo.x", "a", "saved"),
    ])
      keepJournal(one, local);
    expect(unfinished("demo", local).map(({ service }) => service)).toEqual(["wiki"]);
    expect(readJournal("demo", "nas", local)?.phase).toBe("kept");
    forgetJournal("demo", "wiki", local);
    expect(unfinished("demo", local)).toEqual([]);
  });
  it("gives way to the one before where nothing came of it, which can then still be undone", () => {
    const local = folder();
    const kept = journal("demo", "wiki", "kept");
    const prepared: Journal = { ...journal("demo", "wiki", "prepared"), previous: kept };
    keepJournal(prepared, local);
    dropPrepared(prepared, local);
    expect(readJournal("demo", "wiki", local)).toEqual(kept);
    expect(without(prepared)).not.toHaveProperty("previous");
    dropPrepared(without(prepared), local);
    expect(readJournal("demo", "wiki", local)).toBeUndefined();
  });
});
