import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { takeOver, withoutHolds } from "../../../cli/rebuild/take-over.ts";
import type { Escrow } from "../../../cli/recovery/escrow.ts";

const escrow: Escrow = {
  version: 1,
  stack: "production",
  made: "2026-11-24T03:00:00.000Z",
  rootSecret: "the-root-secret",
  passphrase: "the-passphrase",
  config: "encryptionsalt: v1:salt\nconfig:\n  vigie:rootSecret:\n    secure: v1:sealed\n  vigie:portOffset: '1'\n",
};
let local = "";
const settings = () => readFileSync(join(local, "settings", "Pulumi.production.yaml"), "utf8");

beforeEach(() => {
  local = mkdtempSync(join(tmpdir(), "vigie-rebuild-"));
});
afterEach(() => rmSync(local, { recursive: true, force: true }));

describe("what an escrow holds", () => {
  it("is put where the commands find it, for its owner alone", () => {
    expect(takeOver(escrow, local, {})).toEqual([]);
    expect(readFileSync(join(local, "passphrase"), "utf8")).toBe("the-passphrase\n");
    expect(settings()).toContain("secure: v1:sealed");
    for (const file of ["passphrase", "settings/Pulumi.production.yaml"])
      expect(statSync(join(local, file)).mode & 0o077).toBe(0);
  });

  it("is taken as it is where it is there already, so that an interrupted rebuild goes on", () => {
    takeOver(escrow, local, {});
    const first = settings();
    takeOver(escrow, local, {});
    expect(settings()).toBe(first);
  });

  it("replaces no other passphrase and no other stack of that name: both are told, and nothing is written", () => {
    takeOver({ ...escrow, config: escrow.config.replace("sealed", "another") }, local, {});
    writeFileSync(join(local, "passphrase"), "mine\n");
    const before = settings();
    expect(() => takeOver(escrow, local, {})).toThrow(/a stack "production" of its own[\s\S]*another passphrase/);
    expect(settings()).toBe(before);
    expect(readFileSync(join(local, "passphrase"), "utf8")).toBe("mine\n");
  });

  it("asks for a passphrase that was kept elsewhere", () => {
    const { passphrase: _, ...without } = escrow;
    expect(() => takeOver(without, local, {})).toThrow(/holds no passphrase/);
    expect(takeOver(without, local, { PULUMI_CONFIG_PASSPHRASE: "typed" })).toEqual([]);
  });

  it("says no to another passphrase in the environment", () => {
    expect(() => takeOver(escrow, local, { PULUMI_CONFIG_PASSPHRASE: "typed" })).toThrow(/another passphrase/);
  });
});

describe("an image that was held", () => {
  it("is let go, for it was on the lost engine alone; the moment of its packages stays", () => {
    const images = {
      wiki: { hold: "vigie/wiki:0123456789ab", because: "it failed" },
      mail: { packages: "2026-11-24T10:00Z", hold: "vigie/mail:0123456789ab" },
    };
    const { settings: after, lifted } = withoutHolds({ config: { "vigie:images": images, "vigie:portOffset": "1" } });
    expect(lifted).toEqual(["vigie/wiki:0123456789ab", "vigie/mail:0123456789ab"]);
    expect(after.config).toEqual({
      "vigie:portOffset": "1",
      "vigie:images": { mail: { packages: "2026-11-24T10:00Z" } },
    });
  });
});
