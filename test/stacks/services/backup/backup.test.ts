import { describe, expect, it } from "vitest";
import { takeSnapshot } from "../../../../stacks/services/backup/image/agent/backup.ts";
import type { Job } from "../../../../stacks/services/backup/image/agent/declaration.ts";
import type { Outcome, Restic } from "../../../../stacks/services/backup/image/agent/restic.ts";

const job: Job = {
  id: "wiki-data",
  service: "wiki",
  volume: "data",
  path: "/data/wiki",
  schedule: { everySeconds: 60 },
  excludes: [],
};
const summary = { snapshot: "5137d85d", filesNew: 1, filesChanged: 0, files: 1, bytes: 6, bytesAdded: 6 };
const outcome = (changes: Partial<Outcome>): Outcome => ({
  code: 0,
  errors: [],
  errorCount: 0,
  expectedCount: 0,
  values: [],
  ...changes,
});

/** Plays restic: gives these outcomes in turn, and remembers what it was asked. */
function scripted(...outcomes: Outcome[]) {
  const asked: string[] = [];
  const restic: Restic = async ([command]) => {
    asked.push(command!);
    return outcomes.shift()!;
  };
  return { restic, asked };
}

describe("takeSnapshot", () => {
  it("gives the summary of a good run", async () => {
    const { restic, asked } = scripted(outcome({ summary }));
    expect(await takeSnapshot(restic, job, "serveur")).toMatchObject({ outcome: "ok", summary });
    expect(asked).toEqual(["backup"]);
  });

  it("calls a snapshot with unreadable files partial, and says how many and which", async () => {
    const { restic } = scripted(outcome({ code: 3, summary, errorCount: 7, errors: ["/data/wiki/x: denied"] }));
    expect(await takeSnapshot(restic, job, "serveur")).toMatchObject({
      outcome: "partial",
      reason: "7 files could not be read: /data/wiki/x: denied",
    });
  });

  it("asks restic to remove dead locks when the repository stays locked, then tries once more", async () => {
    const { restic, asked } = scripted(outcome({ code: 11 }), outcome({}), outcome({ summary }));
    expect(await takeSnapshot(restic, job, "serveur")).toMatchObject({ outcome: "ok" });
    expect(asked).toEqual(["backup", "unlock", "backup"]);
  });

  it("fails on a lock that is alive, in restic's words", async () => {
    const locked = outcome({ code: 11, errors: ["repository is already locked by PID 7 on serveur"] });
    const { restic, asked } = scripted(locked, outcome({}), locked);
    expect(await takeSnapshot(restic, job, "serveur")).toMatchObject({ outcome: "failed", reason: locked.errors[0] });
    expect(asked).toEqual(["backup", "unlock", "backup"]);
  });

  it("does not believe a success without a snapshot", async () => {
    const { restic } = scripted(outcome({}));
    expect((await takeSnapshot(restic, job, "serveur")).outcome).toBe("failed");
  });

  it("names the file that holds a wrong password", async () => {
    const { restic } = scripted(outcome({ code: 12, errors: ["wrong password or no key found"] }));
    expect((await takeSnapshot(restic, job, "serveur")).reason).toContain("repository-password file");
  });
});
