import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readSettings } from "../../cli/declared.ts";
import {
  carrySettings,
  combine,
  forgetSettings,
  keptSettings,
  settingsFiles,
  settingsOf,
  writtenSettings,
  writtenStacks,
} from "../../cli/settings.ts";

let root: string;
let local: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "vigie-settings-"));
  local = join(root, ".vigie");
});
afterEach(() => rmSync(root, { recursive: true }));

const write = (text: string): void => writeFileSync(writtenSettings("demo", root), text);
const keep = (text: string): void => {
  mkdirSync(join(local, "settings"), { recursive: true });
  writeFileSync(keptSettings("demo", local), text);
};
const carry = (): unknown => {
  carrySettings("demo", root, local);
  return parse(readFileSync(keptSettings("demo", local), "utf8"));
};

describe("what is written by people", () => {
  it("is carried to where the CLI looks, and stays as it was written", () => {
    const text = "# ours\nconfig:\n  vigie:certificates: internal\n";
    write(text);
    expect(carry()).toEqual({ config: { "vigie:certificates": "internal" } });
    expect(readFileSync(writtenSettings("demo", root), "utf8")).toBe(text);
    expect(statSync(keptSettings("demo", local)).mode & 0o777).toBe(0o600);
  });

  it("joins the secrets that the CLI has put there, and takes nothing from them", () => {
    write("config:\n  vigie:certificates: internal\n");
    keep("encryptionsalt: v1:own\nconfig:\n  vigie:rootSecret:\n    secure: v1:cipher\n");
    const expected = {
      encryptionsalt: "v1:own",
      config: { "vigie:rootSecret": { secure: "v1:cipher" }, "vigie:certificates": "internal" },
    };
    expect(carry()).toEqual(expected);
    expect(carry()).toEqual(expected);
  });

  it("comes before what was kept, changes with it, and goes with it", () => {
    keep("config:\n  vigie:portOffset: 5\n  vigie:protectData: false\n");
    write("config:\n  vigie:portOffset: 10\n");
    expect(carry()).toEqual({ config: { "vigie:portOffset": 10, "vigie:protectData": false } });
    write("config:\n  vigie:portOffset: 20\n");
    expect(carry()).toEqual({ config: { "vigie:portOffset": 20, "vigie:protectData": false } });
    write("");
    expect(carry()).toEqual({ config: { "vigie:protectData": false } });
  });

  it("may hold the secrets of a team that shares them by Git, which are never lost again", () => {
    write("encryptionsalt: v1:team\nconfig:\n  vigie:rootSecret:\n    secure: v1:cipher\n");
    const expected = { encryptionsalt: "v1:team", config: { "vigie:rootSecret": { secure: "v1:cipher" } } };
    expect(carry()).toEqual(expected);
    write("config: {}\n");
    expect(carry()).toEqual(expected);
  });

  it("adds to a group of secrets without taking those that the CLI has put there", () => {
    write("config:\n  vigie:secrets:\n    a:\n      secure: v1:new\n");
    keep("config:\n  vigie:secrets:\n    a:\n      secure: v1:old\n    b:\n      secure: v1:b\n");
    const expected = { config: { "vigie:secrets": { a: { secure: "v1:new" }, b: { secure: "v1:b" } } } };
    expect(carry()).toEqual(expected);
    expect(carry()).toEqual(expected);
  });

  it("is not needed", () => {
    keep("encryptionsalt: v1:own\n");
    expect(carry()).toEqual({ encryptionsalt: "v1:own" });
    expect(combine({}, {}, [])).toEqual({});
  });
});

describe("the settings that hold", () => {
  it("are the same before a command and in it", () => {
    write("config:\n  vigie:portOffset: 10\n");
    keep("config:\n  vigie:portOffset: 5\n  vigie:declaration: associations/mine/index.ts\n");
    writeFileSync(join(root, "Pulumi.yaml"), "config:\n  vigie:portOffset:\n    default: 0\n");
    const before = settingsOf("demo", root, local);
    expect(carry()).toEqual(before);
    expect(readSettings("demo", root)).toEqual({ declaration: "associations/mine/index.ts", portOffset: 10 });
  });

  it("are forgotten with their stack, and found by the stack's name", () => {
    write("config:\n  vigie:portOffset: 10\n");
    carry();
    expect(settingsFiles(root, local)).toEqual([writtenSettings("demo", root), keptSettings("demo", local)]);
    expect(writtenStacks(root)).toEqual(["demo"]);
    forgetSettings("demo", local);
    expect(settingsFiles(root, local)).toEqual([writtenSettings("demo", root)]);
  });
});
