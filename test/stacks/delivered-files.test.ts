import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layOut } from "../../stacks/delivered-files.ts";
import { borrowRoot } from "../../stacks/root.ts";

const LARGE = "x".repeat(4096);
let root = "";
let giveBack = () => {};

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "vigie-delivered-"));
  giveBack = borrowRoot(root);
});

afterAll(() => {
  giveBack();
  rmSync(root, { recursive: true });
});

const laidOut = (name: string): string[] => {
  const folder = join(root, ".vigie", "delivered", pulumi.getStack(), name);
  return existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
        .sort()
    : [];
};

describe("files to deliver", () => {
  it("come in the order of their paths, small ones by what they hold", () => {
    expect(layOut("small", { b: "2", a: "1" })).toEqual([
      { path: "a", content: "1" },
      { path: "b", content: "2" },
    ]);
    expect(laidOut("small")).toEqual([]);
  });

  it("are given by where they lie when they are large, for nobody else to read, with the hash of what they hold", () => {
    const [upload] = layOut("large", { "rules/all.yml": LARGE });
    expect(upload).toEqual({
      path: "rules/all.yml",
      source: expect.any(String),
      sourceHash: createHash("sha256").update(LARGE).digest("hex"),
    });
    const { source } = upload as { source: string };
    expect(source.startsWith("/"), "a moved checkout would change it").toBe(false);
    expect(readFileSync(resolve(source), "utf8")).toBe(LARGE);
    expect(statSync(source).mode & 0o077).toBe(0);
  });

  it("count in bytes, not in letters", () => {
    expect(layOut("accents", { a: "é".repeat(1024) })[0]).toHaveProperty("source");
  });

  it("are never written where they may be secret, however large", () => {
    const secret = pulumi.secret(LARGE);
    expect(layOut("secret", { key: secret, late: pulumi.output(LARGE) })).toEqual([
      { path: "key", content: secret },
      { path: "late", content: expect.anything() },
    ]);
    expect(laidOut("secret")).toEqual([]);
  });

  it("take the place of what was delivered before, and no other container's", () => {
    layOut("one", { old: LARGE, same: LARGE });
    layOut("other", { theirs: LARGE });
    layOut("one", { same: `${LARGE}!`, fresh: LARGE, small: "s" });
    expect(laidOut("one")).toEqual(["fresh", "same"]);
    expect(readFileSync(join(root, ".vigie/delivered", pulumi.getStack(), "one/same"), "utf8")).toBe(`${LARGE}!`);
    expect(laidOut("other")).toEqual(["theirs"]);
  });
});
