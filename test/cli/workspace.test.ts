import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cacheFolder } from "../../cli/places.ts";
import { openWorkspace } from "../../cli/workspace.ts";

let root: string;
let local: string;
let file: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "vigie-workspace-"));
  local = join(root, ".vigie");
  file = join(local, "passphrase");
});
afterEach(() => rmSync(root, { recursive: true }));
const open = (env: NodeJS.ProcessEnv = {}) => openWorkspace(env, root, local);

describe("openWorkspace", () => {
  it("makes a passphrase of 256 random bits, for its owner alone", () => {
    open();
    expect(readFileSync(file, "utf8")).toMatch(/^[\w-]{43}\n$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(local).mode & 0o777).toBe(0o700);
  });
  it("keeps the passphrase it made", () => {
    open();
    const first = readFileSync(file, "utf8");
    open();
    expect(readFileSync(file, "utf8")).toBe(first);
  });
  it("names the file to Pulumi, never the passphrase itself", () => {
    const { env } = open();
    expect(env.PULUMI_CONFIG_PASSPHRASE_FILE).toBe(file);
    expect(JSON.stringify(env)).not.toContain(readFileSync(file, "utf8").trim());
  });
  it("keeps state beside it", () => {
    expect(open()).toMatchObject({
      stateFolder: join(local, "state"),
      env: { PULUMI_BACKEND_URL: `file://${local}/state` },
    });
    expect(existsSync(join(local, "state"))).toBe(true);
  });
  it.each([0o640, 0o604, 0o660, 0o777])("refuses a passphrase of mode %o", (mode) => {
    open();
    chmodSync(file, mode);
    expect(() => open()).toThrow(/others can read it[\s\S]*chmod 600/);
  });
  it("refuses an empty passphrase", () => {
    open();
    writeFileSync(file, "\n");
    expect(() => open()).toThrow(/is empty/);
  });
  it("refuses to make another where a stack's state depends on the lost one", () => {
    mkdirSync(join(local, "state/.pulumi/stacks/vigie"), { recursive: true });
    writeFileSync(join(local, "state/.pulumi/stacks/vigie/demo.json"), "{}");
    expect(() => open()).toThrow(/is missing, and without it nobody can read the state in/);
    expect(existsSync(file)).toBe(false);
  });
  it("refuses to make another where a stack's settings hold secrets", () => {
    writeFileSync(join(root, "Pulumi.production.yaml"), "encryptionsalt: v1:x\n");
    expect(() => open()).toThrow(/the secrets in Pulumi\.production\.yaml/);
  });
  it("makes one where the settings hold no secret", () => {
    writeFileSync(join(root, "Pulumi.demo.yaml"), "config:\n  vigie:certificates: internal\n");
    expect(() => open()).not.toThrow();
  });
  it("knows where the state is in a folder of the user's own choice", () => {
    const chosen = join(root, "their state");
    const { env, stateFolder } = open({ PULUMI_BACKEND_URL: pathToFileURL(chosen).href });
    expect(stateFolder).toBe(chosen);
    expect(env.PULUMI_BACKEND_URL).toBeUndefined();
  });
  it("leaves the user's own back end and passphrase alone", () => {
    const { env, stateFolder } = open({ PULUMI_BACKEND_URL: "s3://bucket", PULUMI_CONFIG_PASSPHRASE: "" });
    expect(env).toEqual({ PULUMI_SKIP_UPDATE_CHECK: "true" });
    expect(stateFolder).toBeUndefined();
    expect(existsSync(local)).toBe(false);
  });
});

describe("cacheFolder", () => {
  it("follows XDG_CACHE_HOME where it is absolute, as its specification says", () => {
    expect(cacheFolder({ XDG_CACHE_HOME: "/cache", HOME: "/home/a" })).toBe("/cache/vigie");
    expect(cacheFolder({ XDG_CACHE_HOME: "cache", HOME: "/home/a" })).toBe("/home/a/.cache/vigie");
    expect(cacheFolder({ HOME: "/home/a" })).toBe("/home/a/.cache/vigie");
  });
});
