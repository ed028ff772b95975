import { describe, expect, it } from "vitest";
// @ts-expect-error plain JavaScript, so that an old Node can run it
import { missingPackages } from "../../bin/vigie.mjs";

const zod = { version: "4.0.0", integrity: "sha512-a" };
const lock = (packages: Record<string, unknown>) => ({ packages });

describe("missingPackages", () => {
  it("finds nothing to install where npm has recorded all of the lock", () => {
    expect(missingPackages(lock({ "": {}, "node_modules/zod": zod }), lock({ "node_modules/zod": zod }))).toEqual([]);
  });
  it("finds everything where nothing was ever installed, or an install was interrupted", () => {
    expect(missingPackages(lock({ "node_modules/zod": zod }), undefined)).toEqual(["node_modules/zod"]);
  });
  it("finds a package whose version changed", () => {
    const installed = lock({ "node_modules/zod": { ...zod, version: "3.9.0" } });
    expect(missingPackages(lock({ "node_modules/zod": zod }), installed)).toEqual(["node_modules/zod"]);
  });
  it("finds a package of the same version and other content", () => {
    const installed = lock({ "node_modules/zod": { ...zod, integrity: "sha512-b" } });
    expect(missingPackages(lock({ "node_modules/zod": zod }), installed)).toEqual(["node_modules/zod"]);
  });
  it("does not miss the optional packages of other platforms", () => {
    expect(missingPackages(lock({ "node_modules/fsevents": { version: "2.0.0", optional: true } }), lock({}))).toEqual(
      [],
    );
  });
  it("does not miss the project itself, its workspaces, nor their links", () => {
    const packages = { "": {}, monitors: {}, "node_modules/monitors": { link: true, resolved: "monitors" } };
    expect(missingPackages(lock(packages), lock({}))).toEqual([]);
  });
});
