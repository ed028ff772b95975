import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { describeReport, isGenuine, type Report, signingKey, signReport } from "../../../cli/drill/report.ts";

const root = randomBytes(32).toString("base64url");
const report: Report = {
  version: 1,
  association: "Les Tilleuls",
  stack: "drill-a",
  commit: "abc",
  started: "2026-11-24T03:00:00.000Z",
  ended: "2026-11-24T03:05:00.000Z",
  passed: true,
  rtoSeconds: 272,
  volumes: [
    {
      service: "wiki",
      volume: "data",
      snapshot: "1aaaaaaa",
      taken: "2026-11-24T02:00:00.5Z",
      rpoSeconds: 3600,
      rpoGoalSeconds: 172_800,
      files: 12,
      bytes: 345,
    },
  ],
  services: [{ service: "wiki", rtoSeconds: 272, rtoGoalSeconds: 86_400, failing: [], canary: "found" as const }],
};

it("is signed by whoever has the root secret, also once it was written and read", () => {
  const signed = JSON.parse(JSON.stringify(signReport(report, signingKey(root)), null, 1));
  expect(isGenuine(signed, root)).toBe(true);
});

it("is not genuine once a number in it has changed", () => {
  const signed = signReport(report, signingKey(root));
  expect(isGenuine({ ...signed, report: { ...report, rtoSeconds: 271 } }, root)).toBe(false);
});

it("is not genuine with another's signature, whatever public key stands beside it", () => {
  const forged = signReport(report, signingKey(randomBytes(32).toString("base64url")));
  expect(isGenuine(forged, root)).toBe(false);
});

it("says in words what came back, how old it was and after how long", () => {
  const page = describeReport(signReport(report, signingKey(root)));
  expect(page).toContain("**Passed.** Everything was rebuilt in 4 min 32 s");
  expect(page).toContain("| wiki | data | 1aaaaaaa | 2026-11-24T02:00:00 | 1 h 0 min | 48 h 0 min | 12 | 345 |");
  expect(page).toContain("| wiki | 4 min 32 s | 24 h 0 min |  | found |");
});

it("says so when something never came back", () => {
  const services = [{ service: "wiki", rtoSeconds: null, rtoGoalSeconds: null, failing: ["wiki/http", "wiki/tls"] }];
  const page = describeReport(signReport({ ...report, passed: false, rtoSeconds: null, services }, signingKey(root)));
  expect(page).toContain("**Failed.**");
  expect(page).toContain("| wiki | never |  | wiki/http, wiki/tls |  |");
});
