import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { expectedCanary } from "../../../cli/drill/canaries.ts";
import type { Report } from "../../../cli/drill/report.ts";
import { CANARIES, readCanaries } from "../../../cli/prove/known.ts";

const folder = mkdtempSync(join(tmpdir(), "vigie-canaries-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const taken = (service: string, at: string) => ({ service, taken: at }) as Report["volumes"][number];
const known = {
  mail: [
    { at: "2027-01-01T03:00:00Z", value: "canary-first" },
    { at: "2027-01-08T03:00:00Z", value: "canary-second" },
  ],
};

it("expects of a rebuilt service what was planted before the oldest of its snapshots", () => {
  const volumes = [taken("mail", "2027-01-09T00:00:00Z"), taken("mail", "2027-01-07T00:00:00Z")];
  expect(expectedCanary("mail", known, volumes)).toBe("canary-first");
  expect(expectedCanary("mail", known, volumes.slice(0, 1))).toBe("canary-second");
});

it("expects nothing where nothing was planted before, or nothing was restored", () => {
  expect(expectedCanary("mail", known, [taken("mail", "2026-12-31T00:00:00Z")])).toBeUndefined();
  expect(expectedCanary("wiki", known, [taken("wiki", "2027-01-09T00:00:00Z")])).toBeUndefined();
  expect(expectedCanary("mail", known, [])).toBeUndefined();
});

it("reads what was planted beside the snapshots, and takes a damaged file for none", () => {
  expect(readCanaries(folder)).toEqual({});
  writeFileSync(join(folder, CANARIES), JSON.stringify(known));
  expect(readCanaries(folder)).toEqual(known);
  writeFileSync(join(folder, CANARIES), '{"mail":[{"at":"yesterday","value":1}]}');
  expect(readCanaries(folder)).toEqual({});
});
