import { mkdtempSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { describeShape, LABELS, piecesOf } from "../../../association/index.ts";
import disk from "../../../monitors/checks/disk.ts";
import drift from "../../../monitors/checks/drift.ts";
import secretAge from "../../../monitors/checks/secret-age.ts";
import { makeGate } from "../../../monitors/sources/gate.ts";
import { ALL_HOSTILE } from "../../dashboards/hostile.ts";
import { resources, runCheck } from "../helpers/run.ts";
import { web } from "../helpers/servers.ts";

const gateThat = async (answers: Readonly<Record<string, unknown>>) => {
  const { url } = await web((request, response) => {
    const found = answers[request.url!.split("?")[0]!];
    if (found === undefined) response.writeHead(403).end();
    else response.end(typeof found === "string" ? found : JSON.stringify(found));
  });
  return new Map([["main", makeGate({ url })]]);
};
const ROOM = { blockSize: 4096, blocks: 1e7, available: 5e6, files: 1e6, filesFree: 5e5 };

describe("a disk check", () => {
  const run = async (room: unknown, input = {}) =>
    runCheck(disk, { host: "main", ...input }, { own: resources({ gates: await gateThat({ "/disk": room }) }) });

  it("succeeds where there is room, and measures it", async () => {
    expect(await run(ROOM)).toMatchObject({
      ok: true,
      measures: { free_ratio: 0.5, free_inodes_ratio: 0.5, free_bytes: 5e6 * 4096 },
    });
  });

  test.each([
    ["disk-full", { ...ROOM, available: 5e5 }, {}, "5.0 % (2.0 GB) is left, expected 10 % and 1 GB"],
    ["disk-full", { ...ROOM, blocks: 1e5, available: 9e4 }, {}, "expected 10 % and 1 GB"],
    ["inodes-full", { ...ROOM, filesFree: 10 }, {}, "0.0 % of the inodes is left"],
    ["disk-full", ROOM, { minFree: 60 }, "50.0 %"],
  ])("fails as %s", async (reason, room, input, words) => {
    const outcome = await run(room, input);
    expect(outcome).toMatchObject({ ok: false, reason });
    expect(outcome.message).toContain(words);
  });

  it("does without inodes where the file system has no number of them", async () => {
    expect(await run({ ...ROOM, files: 0, filesFree: 0 })).toMatchObject({ ok: true });
  });

  test.each([
    ["no JSON", ALL_HOSTILE],
    ["another thing", { blocks: "many" }],
    ["no disk", undefined],
  ])("fails as gate-unreachable on %s", async (_, room) =>
    expect(await run(room)).toMatchObject({ ok: false, reason: "gate-unreachable" }),
  );

  it("fails as not-configured without a gate", async () => {
    expect(await runCheck(disk, { host: "far" })).toMatchObject({ ok: false, reason: "not-configured" });
  });
});

describe("a drift check", () => {
  const shape = {
    networks: ["t-wiki"],
    mounts: [{ source: "t-wiki-data", path: "/data", writable: true }],
    ports: ["127.0.0.1:80->80/tcp"],
  };
  const listed = (own: Record<string, unknown> = {}, labels: Record<string, string> = {}) => ({
    Names: ["/t-wiki"],
    State: "running",
    Status: "Up 2 hours",
    ImageID: "sha256:aaaa",
    Labels: {
      [LABELS.stack]: "t",
      [LABELS.service]: "wiki",
      [LABELS.image]: "sha256:aaaa",
      [LABELS.shape]: describeShape(shape),
      other: "x",
      ...labels,
    },
    Ports: [
      { IP: "127.0.0.1", PrivatePort: 80, PublicPort: 80, Type: "tcp" },
      { PrivatePort: 443, Type: "tcp" },
    ],
    NetworkSettings: { Networks: { "t-wiki": {} } },
    Mounts: [
      { Type: "volume", Name: "t-wiki-data", Destination: "/data", RW: true },
      { Type: "tmpfs", Destination: "/tmp", RW: true },
    ],
    ...own,
  });
  const run = async (...containers: unknown[]) =>
    runCheck(
      drift,
      { host: "main" },
      {
        own: resources({
          gates: await gateThat({ "/containers/json": containers }),
          declared: new Map([["main", { stack: "t", containers: new Map([["t-wiki", "wiki"]]) }]]),
        }),
      },
    );

  it("succeeds where what runs is what was declared and deployed", async () => {
    const foreign = {
      Names: ["/other"],
      State: "running",
      Status: "Up",
      ImageID: "x",
      Labels: null,
      Mounts: null,
      Ports: null,
    };
    expect(await run(listed(), foreign)).toMatchObject({ ok: true, measures: { differences: 0 } });
  });

  test.each([
    ["is not there", [], "t-wiki is declared and not there"],
    ["was made by hand", [listed({ Labels: {} })], "t-wiki was not made by this stack"],
    ["has another image", [listed({ ImageID: "sha256:bbbb" })], "t-wiki runs image bbbb, aaaa was deployed"],
    [
      "has got a network",
      [listed({ NetworkSettings: { Networks: { "t-wiki": {}, bridge: {} } } })],
      "t-wiki got network bridge",
    ],
    ["has lost its volume", [listed({ Mounts: [] })], "t-wiki lost writable /data from t-wiki-data"],
    [
      "has the host's root",
      [listed({ Mounts: [...listed().Mounts, { Type: "bind", Destination: "/host", RW: true }] })],
      "t-wiki got writable /host",
    ],
    [
      "is open to the world",
      [listed({ Ports: [{ IP: "0.0.0.0", PrivatePort: 80, PublicPort: 80, Type: "tcp" }] })],
      "t-wiki got port 0.0.0.0:80->80/tcp",
    ],
    [
      "has an undeclared companion",
      [listed(), { ...listed({}, { [LABELS.service]: "old" }), Names: ["/t-old"] }],
      "t-old runs for old and is not declared",
    ],
  ])("fails as drifted where a container %s", async (_, containers, words) => {
    const outcome = await run(...containers);
    expect(outcome).toMatchObject({ ok: false, reason: "drifted" });
    expect(outcome.message).toContain(words);
  });

  it("leaves a stopped container's ports, and stopped companions, to other checks", async () => {
    const stopped = listed({ State: "exited", Ports: [] });
    const companion = { ...listed({ State: "exited" }, { [LABELS.service]: "old" }), Names: ["/t-old"] };
    expect(await run(stopped, companion)).toMatchObject({ ok: true });
  });

  it("leaves containers alone that were deployed before their shape was written on them", async () => {
    const { [LABELS.shape]: _, [LABELS.image]: __, ...labels } = listed().Labels;
    expect(await run({ ...listed({ Mounts: [] }), Labels: labels })).toMatchObject({ ok: true });
  });
});

it("a shape's text is the same in any order, and its pieces can be told apart", () => {
  const one = describeShape({ networks: ["b", "a"], mounts: [{ path: "/x", writable: false }], ports: [] });
  expect(one).toBe(describeShape({ networks: ["a", "b"], mounts: [{ path: "/x", writable: false }], ports: [] }));
  expect([...piecesOf(one)]).toEqual(["network a", "network b", "read-only /x"]);
  expect([...piecesOf("")]).toEqual([]);
});

describe("a secret-age check", () => {
  const run = (input: Record<string, unknown>) => runCheck(secretAge, { what: "the sender's key", ...input });
  const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);

  it("counts from the declared day", async () => {
    expect(await run({ since: day(100) })).toMatchObject({ ok: true });
    const outcome = await run({ since: day(400) });
    expect(outcome).toMatchObject({ ok: false, reason: "over-age" });
    expect(outcome.message).toContain("in use for 400 days, expected 365 at most");
  });

  it("counts from the file's own time", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "vigie-age-")), "key");
    writeFileSync(file, "x");
    expect(await run({ secret: { file }, maxAge: "30d" })).toMatchObject({ ok: true });
    utimesSync(file, 0, Date.now() / 1000 - 40 * 86_400);
    expect(await run({ secret: { file }, maxAge: "30d" })).toMatchObject({ ok: false, reason: "over-age" });
    expect(await run({ secret: { file: "/nowhere" } })).toMatchObject({ ok: false, reason: "not-configured" });
  });

  it("wants one of both, and a real day", () => {
    for (const input of [{}, { since: day(1), secret: { file: "/x" } }, { since: "yesterday" }])
      expect(secretAge.params.safeParse({ what: "x", ...input }).success).toBe(false);
  });
});
