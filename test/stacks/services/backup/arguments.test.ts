import { describe, expect, it } from "vitest";
import {
  accessArguments,
  backupArguments,
  restoreArguments,
  snapshotsArguments,
} from "../../../../stacks/services/backup/image/agent/arguments.ts";
import type { Job } from "../../../../stacks/services/backup/image/agent/declaration.ts";

const job: Job = {
  id: "wiki-data",
  service: "wiki",
  volume: "data",
  path: "/data/wiki",
  schedule: { everySeconds: 3600 },
  excludes: ["/data/wiki/locks", "*.tmp"],
};

/** The values that follow an option. */
const valuesOf = (args: readonly string[], option: string) =>
  args.flatMap((arg, index) => (arg === option ? [args[index + 1]] : []));

describe("backupArguments", () => {
  const args = backupArguments(job, "serveur");

  it("tags the snapshot with its service and its volume, under the declared host", () => {
    expect(valuesOf(args, "--tag")).toEqual(["service=wiki", "volume=data"]);
    expect(valuesOf(args, "--host")).toEqual(["serveur"]);
  });

  it("passes each exclude, and leaves out folders marked as caches", () => {
    expect(valuesOf(args, "--exclude")).toEqual(["/data/wiki/locks", "*.tmp"]);
    expect(args).toContain("--exclude-caches");
  });

  it("ends with the path, which cannot be taken for an option", () => {
    expect(backupArguments({ ...job, path: "--help" }, "serveur").slice(-2)).toEqual(["--", "--help"]);
  });

  it("waits for a prune to end", () => {
    expect(valuesOf(args, "--retry-lock")).toEqual(["30m"]);
  });
});

describe("snapshotsArguments", () => {
  it("asks for snapshots that have both tags, not either", () => {
    expect(valuesOf(snapshotsArguments("serveur", job), "--tag")).toEqual(["service=wiki,volume=data"]);
  });

  it("asks for all of the host's without a job, and never locks", () => {
    expect(snapshotsArguments("serveur")).toEqual(["snapshots", "--no-lock", "--host", "serveur"]);
  });
});

describe("restoreArguments", () => {
  it("says what latest means: this host and this job", () => {
    const args = restoreArguments({ snapshot: "latest", to: "/", job }, "serveur");
    expect(valuesOf(args, "--host")).toEqual(["serveur"]);
    expect(valuesOf(args, "--tag")).toEqual(["service=wiki,volume=data"]);
    expect(valuesOf(args, "--target")).toEqual(["/"]);
  });

  it("takes a snapshot by its id alone", () => {
    expect(restoreArguments({ snapshot: "5137d85d", to: "/tmp/r" }, "serveur")).toEqual([
      "restore",
      "5137d85d",
      "--no-lock",
      "--target",
      "/tmp/r",
    ]);
  });

  it("means a path, not a pattern", () => {
    const args = restoreArguments({ snapshot: "5137d85d", to: "/tmp/r", path: "/data/[a]*?\\.txt" }, "serveur");
    expect(valuesOf(args, "--include")).toEqual(["/data/\\[a\\]\\*\\?\\\\.txt"]);
  });
});

it("gives secrets by the names of files only", () => {
  expect(accessArguments({ repositoryFile: "/run/vigie/repository", passwordFile: "/etc/vigie/secrets/p" })).toEqual([
    "--repository-file",
    "/run/vigie/repository",
    "--password-file",
    "/etc/vigie/secrets/p",
    "--json",
  ]);
});
