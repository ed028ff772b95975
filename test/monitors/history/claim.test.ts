import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { claim } from "../../../monitors/history/claim.ts";

const folder = () => mkdtempSync(join(tmpdir(), "vigie-claim-"));

describe("a folder that an exporter works with", () => {
  it("is refused to another one, by name and with what to do", async () => {
    const at = folder();
    const release = await claim(at, 0);
    await expect(claim(at, 300)).rejects.toThrow(`${at} is in use by another exporter: stop that one`);
    release();
    (await claim(at, 0))();
  });

  it("is waited for while the one before ends", async () => {
    const at = folder();
    const release = await claim(at, 0);
    const next = claim(at, 60_000);
    release();
    (await next)();
  });

  it("is made where there is none, and is worked with where nothing can be locked", async () => {
    const at = join(folder(), "data");
    (await claim(at, 0))();
    rmSync(join(at, "in-use"));
    writeFileSync(join(at, "in-use"), "no database, but a file of somebody's");
    (await claim(at, 0))();
    chmodSync(join(at, "in-use"), 0o000);
    (await claim(at, 0))();
    (await claim(join(at, "in-use", "below"), 0))();
  });
});
