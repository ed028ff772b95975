import type { DrillReport, DrillsReport, VersionsReport } from "../../dashboards/reports.ts";

export const goodDrill: DrillReport = {
  started: "2026-11-20T04:00:00Z",
  ended: "2026-11-20T04:06:00Z",
  passed: true,
  commit: "abc",
  rtoSeconds: 330,
  volumes: [
    {
      service: "wiki",
      volume: "data",
      snapshot: "1a2b3c4d",
      taken: "2026-11-20T02:00:00Z",
      rpoSeconds: 7200,
      rpoGoalSeconds: 172_800,
      files: 12,
      bytes: 66_000,
    },
  ],
  services: [{ service: "wiki", rtoSeconds: 300, rtoGoalSeconds: 14_400, failing: [] }],
};

export const drills = (...reports: DrillReport[]): DrillsReport => ({
  version: 1,
  drills: reports.map((report) => ({ report, signature: "c2ln", publicKey: "a2V5" })),
});

export const versions: VersionsReport = {
  version: 1,
  made: "2026-11-24T06:17:00Z",
  services: {
    wiki: {
      image: "vigie/wiki:0123456789ab",
      edition: {},
      software: [{ package: "dokuwiki", version: "0.0.20240206b-1" }],
      packages: 150,
      updates: [
        { package: "libssl3t64", from: "3.5.1-1", to: "3.5.1-2", security: true, since: "2026-11-01T00:00:00Z" },
        { package: "tzdata", from: "1", to: "2", security: false, since: "2026-11-20T00:00:00Z" },
      ],
      decision: { do: "adopt", within: 86_400 },
    },
    nas: {
      image: "vigie/nas:0123456789ab",
      edition: { hold: "vigie/nas:0123456789ab", because: "nas/tcp: refused" },
      software: [],
      packages: 90,
      updates: [],
      decision: { do: "wait", until: "2027-01-01", why: "After the assembly" },
    },
  },
  bases: [{ image: "debian:trixie-slim", digest: "sha256:a", latest: "sha256:b", newerTags: [] }],
  npm: [{ package: "zod", from: "4.0.0", wanted: "4.1.0", latest: "4.1.0" }],
  unreached: [],
};
