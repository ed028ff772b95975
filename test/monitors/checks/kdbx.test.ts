import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { Consts, Credentials, Kdbx, ProtectedValue } from "kdbxweb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HEADER_BYTES, readHeader } from "../../../monitors/checks/_kdbx.ts";
import check from "../../../monitors/checks/kdbx.ts";
import { firstBytes } from "../../../monitors/sources/first-bytes.ts";
import type { Repository } from "../../../monitors/sources/repository.ts";
import type { Snapshot } from "../../../monitors/sources/snapshot.ts";
import { demo } from "../../stacks/fixtures/demo.ts";
import { resources, runCheck } from "../helpers/run.ts";

/** A vault as KeePass programs write it. */
async function vault(version: 3 | 4): Promise<Buffer> {
  const file = Kdbx.create(new Credentials(ProtectedValue.fromString("correct horse")), "Tilleuls");
  file.setVersion(version);
  if (version === 4) file.setKdf(Consts.KdfId.Aes);
  file.createEntry(file.getDefaultGroup()).fields.set("Title", "Banque");
  return Buffer.from(await file.save());
}

let good: Buffer;
beforeAll(async () => {
  good = await vault(4);
});

describe("the header of a KeePass file", () => {
  it("opens in both versions that are in use", async () => {
    expect(readHeader(good)).toEqual({ ok: true, version: "4.0" });
    expect(readHeader(await vault(3))).toEqual({ ok: true, version: "3.1" });
  });

  it.each([
    ["is empty", () => Buffer.alloc(0), "it is empty"],
    ["is cut off in its header", () => good.subarray(0, 100), "its header is cut off"],
    [
      "was overwritten by something else",
      () => Buffer.from("PK\x03\x04 a spreadsheet"),
      "does not begin as a KeePass file",
    ],
    ["was encrypted by a stranger", () => Buffer.alloc(4096, 0xa5), "does not begin as a KeePass file"],
    ["is of the first KeePass", () => Buffer.concat([good.subarray(0, 8), Buffer.from([0, 0, 1, 0])]), "version 1.0"],
  ])("does not where the file %s", (_, bytes, why) => {
    expect(readHeader(bytes())).toEqual({ ok: false, why: expect.stringContaining(why) });
  });

  it("does not where any one bit of it has flipped", () => {
    const end = good.length;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 180 * 8 }), (bit) => {
        if (bit >= end * 8) return;
        const flipped = Buffer.from(good);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        expect(readHeader(flipped).ok).toBe(false);
      }),
    );
  });

  it("is read from hostile bytes without harm", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (tail) => {
        expect(readHeader(Buffer.concat([good.subarray(0, 12), tail])).ok).toBe(false);
      }),
    );
  });
});

const snapshot = (at: number, volume = "shares"): Snapshot => ({
  ...{ id: `${at}aaaaaaaaaaaa`, time: "", service: "nas", volume, at },
});
const repository = (snapshots: Snapshot[], bytes: Buffer | undefined): Repository => ({
  id: "main",
  snapshots: async () => ({ ok: true, snapshots, gone: [] }),
  head: async (id, path, most) =>
    bytes && id.startsWith("3") && path === "/data/nas-shares/bureau/coffre.kdbx"
      ? { ok: true, bytes: bytes.subarray(0, most) }
      : { ok: false, reason: "no-such-thing", message: `snapshot ${id.slice(0, 8)} has no file ${path}` },
});
const run = (own: Repository[]) =>
  runCheck(
    check,
    { service: "nas", volume: "shares", file: "bureau/coffre.kdbx", path: "/data/nas-shares/bureau/coffre.kdbx" },
    { own: resources({ repositories: own }) },
  );

describe("a kdbx check", () => {
  const all = [snapshot(1000), snapshot(3000), snapshot(2000), snapshot(9000, "audit")];

  it("reads the file in the youngest snapshot of its volume", async () => {
    expect(await run([repository(all, good)])).toMatchObject({ ok: true, measures: { snapshot_timestamp_seconds: 3 } });
  });

  it("fails where the file is not there, or does not open", async () => {
    expect(await run([repository(all, undefined)])).toMatchObject({ ok: false, reason: "no-such-thing" });
    expect(await run([repository(all, Buffer.alloc(5000, 1))])).toMatchObject({
      ok: false,
      reason: "malformed",
      message: expect.stringContaining("coffre.kdbx in snapshot 3000aaaa"),
    });
    expect(await run([repository([], good)])).toMatchObject({ ok: false, reason: "no-snapshot" });
    expect(await run([])).toMatchObject({ ok: false, reason: "not-configured" });
  });

  it("is declared by a volume that is backed up and a path that stays in it", () => {
    const { nas } = demo().inventory.services;
    const resolve = (input: object) => {
      const { data, error } = check.params.safeParse(input);
      return error ? error.issues[0]!.message : check.resolve!(data, { service: nas! } as never);
    };
    expect(resolve({ volume: "shares", file: "bureau/coffre.kdbx" })).toMatchObject({
      service: "nas",
      path: expect.stringMatching(/^\/data\/.*-nas-shares\/bureau\/coffre\.kdbx$/),
    });
    expect(resolve({ volume: "share", file: "coffre.kdbx" })).toMatch(/nas has none of that name/);
    for (const file of ["../coffre.kdbx", "/srv/coffre.kdbx", "a/../../b"])
      expect(resolve({ volume: "shares", file })).toMatch(/a path from the volume's top/);
  });
});

describe("the first bytes of a file in a snapshot", () => {
  const folder = mkdtempSync(join(tmpdir(), "vigie-first-bytes-"));
  const path = process.env.PATH;
  afterAll(() => {
    process.env.PATH = path;
    rmSync(folder, { recursive: true, force: true });
  });
  const restic = (body: string): void => {
    writeFileSync(join(folder, "restic"), `#!/bin/sh\n${body}\n`);
    chmodSync(join(folder, "restic"), 0o755);
    process.env.PATH = `${folder}:${path}`;
  };
  const read = (signal = AbortSignal.timeout(20_000)) =>
    firstBytes(["dump", "1a", "/x"], { PATH: process.env.PATH ?? "" }, HEADER_BYTES, signal);

  it("are all of a short one", async () => {
    restic("printf 'whole'");
    expect((await read()).toString()).toBe("whole");
  });

  it("are no more than was asked of a file without end, which is not waited for", async () => {
    restic("exec cat /dev/zero");
    expect((await read()).length).toBe(HEADER_BYTES);
  });

  it("are none where restic fails, whose words are kept", async () => {
    restic("echo 'Fatal: path \"/data\": not found in snapshot' >&2; exit 1");
    await expect(read()).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("not found in snapshot") });
  });

  it("are not waited for when time is up", async () => {
    restic("exec sleep 30");
    await expect(read(AbortSignal.timeout(200))).rejects.toThrow(/abort/i);
  });
});
