import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { judge } from "../../../monitors/checks/_freshness.ts";
import check from "../../../monitors/checks/backup.ts";
import { makeRepository, parseSnapshots, withCredentials } from "../../../monitors/sources/repository.ts";
import { unreadableIn } from "../../../monitors/sources/restic-words.ts";
import { resources, runCheck } from "../helpers/run.ts";

const HOUR = 3_600_000;
const ago = (ms: number) => new Date(Date.now() - ms).toISOString().replace("Z", "123456+00:00");
const snapshot = (volume: string, ms: number, service = "wiki") => ({
  time: ago(ms),
  tags: [`service=${service}`, `volume=${volume}`],
  summary: { total_bytes_processed: 4096, total_files_processed: 7 },
});

/** A `restic` that does what a test tells it to: the program's own side of the conversation, as its manual has it. */
class StandIn {
  readonly folder = mkdtempSync(join(tmpdir(), "vigie-restic-"));
  readonly #path = process.env.PATH;
  readonly password = join(this.folder, "password");
  readonly restPassword = join(this.folder, "rest-password");

  constructor() {
    writeFileSync(this.password, "repository-s3cret");
    writeFileSync(this.restPassword, "rest-s3cret\n");
    process.env.PATH = `${this.folder}:${process.env.PATH}`;
  }

  does(body: string): void {
    const file = join(this.folder, "restic");
    writeFileSync(
      file,
      `#!/bin/sh\nd=${this.folder}\nprintf '%s\\n' "$*" >> $d/calls\nenv > $d/env\n[ "$1" = snapshots ] || exit 99\n${body}\n`,
    );
    chmodSync(file, 0o755);
  }

  answers(...snapshots: unknown[]): void {
    writeFileSync(join(this.folder, "list.json"), JSON.stringify(snapshots));
    this.does("cat $d/list.json");
  }

  get calls(): string[] {
    const file = join(this.folder, "calls");
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  }

  repository(id = "main") {
    return makeRepository(
      {
        id,
        url: "rest:http://snapshots:8000/backup/",
        passwordFile: this.password,
        restUser: "backup",
        restPasswordFile: this.restPassword,
      },
      join(this.folder, "data"),
    );
  }

  stop(): void {
    process.env.PATH = this.#path;
  }
}

let restic: StandIn;
beforeEach(() => {
  restic = new StandIn();
});
afterEach(() => restic.stop());

const run = (own = resources({ repositories: [restic.repository()] }), input: Record<string, unknown> = {}) =>
  runCheck(check, { service: "wiki", volumes: ["pages", "media"], maxAge: "1d", ...input }, { own });

describe("a backup check", () => {
  it("succeeds when every volume has a recent snapshot, and measures each", async () => {
    restic.answers(snapshot("pages", 2 * HOUR), snapshot("media", 3 * HOUR), snapshot("pages", 26 * HOUR));
    const outcome = await run();
    expect(outcome).toMatchObject({
      ok: true,
      measures: { "snapshot_size_bytes/pages": 4096, "snapshot_files/media": 7 },
    });
    const { measures = {} } = outcome;
    expect(Date.now() / 1000 - measures["last_snapshot_timestamp_seconds/pages"]!).toBeCloseTo(7200, -1);
    expect(measures.oldest_age_seconds).toBeCloseTo(3 * 3600, -1);
  });

  it("fails as too-old, saying by how much", async () => {
    restic.answers(snapshot("pages", 2 * HOUR), snapshot("media", 50 * HOUR));
    const outcome = await run();
    expect(outcome).toMatchObject({ ok: false, reason: "too-old" });
    expect(outcome.message).toBe(
      "the last snapshot of volume media of wiki is 2 d 2 h old, expected 24 h 0 min at most",
    );
  });

  it("fails as no-snapshot for a volume that was never saved, whatever other services have", async () => {
    restic.answers(snapshot("pages", HOUR), snapshot("media", HOUR, "nas"));
    const outcome = await run();
    expect(outcome).toMatchObject({ ok: false, reason: "no-snapshot" });
    expect(outcome.message).toContain("volume media of wiki");
  });

  it("lists a repository once for all the checks of a moment, without locking it", async () => {
    restic.answers(snapshot("pages", HOUR), snapshot("media", HOUR));
    const own = resources({ repositories: [restic.repository()] });
    await Promise.all(Array.from({ length: 20 }, () => run(own)));
    expect(restic.calls).toHaveLength(1);
    expect(restic.calls[0]).toContain("snapshots --json --no-lock");
  });

  it("keeps passwords out of arguments and environment, in a file for us only", async () => {
    restic.answers(snapshot("pages", HOUR), snapshot("media", HOUR));
    await run();
    const seen = restic.calls.join() + readFileSync(join(restic.folder, "env"), "utf8");
    expect(seen).not.toContain("s3cret");
    const file = join(restic.folder, "data", "repository-main");
    expect(readFileSync(file, "utf8")).toBe("rest:http://backup:rest-s3cret@snapshots:8000/backup/");
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test.each([
    ["wrong-password", 12, '{"message_type":"exit_error","code":12,"message":"Fatal: wrong password or no key found"}'],
    ["wrong-password", 1, "Fatal: wrong password or no key found"],
    ["repository-missing", 10, '{"message_type":"exit_error","code":10,"message":"Fatal: repository does not exist"}'],
    ["repository-damaged", 1, "Fatal: LoadRaw(<key/b879fbc098>): invalid data returned"],
    ["repository-damaged", 1, "Fatal: config or key b879fbc0 is damaged: ciphertext verification failed"],
    [
      "repository-unreachable",
      1,
      'Fatal: unable to open config file: Get \\"http://backup:rest-s3cret@snapshots:8000/\\": dial tcp: connection refused',
    ],
    [
      "repository-unreachable",
      1,
      "Fatal: unable to open config file: unexpected HTTP response (401): 401 Unauthorized",
    ],
  ])("fails as %s on exit status %i, without telling a password", async (reason, status, stderr) => {
    restic.does(`cat >&2 <<'END'\n${stderr}\nEND\nexit ${status}`);
    const outcome = await run();
    expect(outcome).toMatchObject({ ok: false, reason });
    expect(outcome.message).toContain("repository main: Fatal");
    expect(outcome.message).not.toContain("s3cret");
  });

  it("fails as malformed when restic's list cannot be read", async () => {
    restic.does("echo '[{'");
    expect(await run()).toMatchObject({ ok: false, reason: "malformed" });
  });

  it("does not wait for a repository that hangs", async () => {
    restic.does("exec sleep 20");
    const params = { service: "wiki", volumes: ["pages"], maxAge: "1d" };
    const own = resources({ repositories: [restic.repository()] });
    expect(await runCheck(check, params, { own, timeoutMs: 300 })).toMatchObject({ ok: false, reason: "timeout" });
  });

  it("fails as not-configured without a repository, without restic, without its password", async () => {
    expect(await run(resources())).toMatchObject({ reason: "not-configured" });
    const missing = makeRepository(
      { id: "x", url: "/r", passwordFile: "/none", restPasswordFile: "/none" },
      restic.folder,
    );
    expect(await run(resources({ repositories: [missing] }))).toMatchObject({ reason: "not-configured" });
    process.env.PATH = "/none";
    expect(await run()).toMatchObject({ reason: "not-configured" });
  });
});

describe("freshness over several repositories", () => {
  const good = (volume: string, ms: number) =>
    ({
      ok: true,
      snapshots: [{ id: "a", time: "", service: "wiki", volume, at: Date.now() - ms }],
      gone: [],
    }) as const;
  const broken = { ok: false, reason: "repository-unreachable", message: "repository b: refused" } as const;
  const look = (...listings: Parameters<typeof judge>[0]["listings"]) =>
    judge({ service: "wiki", volumes: ["pages"], maxAge: 86_400, listings, now: Date.now() }).problem?.reason;

  it("is good as soon as one has a recent snapshot", () => {
    expect(look(broken, good("pages", HOUR))).toBeUndefined();
    expect(look(good("pages", 100 * HOUR), good("pages", HOUR))).toBeUndefined();
  });

  it("is unknown, not bad, while one that may have it cannot be read", () => {
    expect(look(broken, good("pages", 100 * HOUR))).toBe("repository-unreachable");
    expect(look(broken)).toBe("repository-unreachable");
  });

  it("takes a snapshot from the future for a fresh one", () => expect(look(good("pages", -HOUR))).toBeUndefined());
});

describe("what restic says", () => {
  it("is read with nanoseconds and any zone", () => {
    const found = parseSnapshots(
      '[{"time":"2027-01-31T03:00:00.123456789+01:00","tags":["service=wiki","volume=pages"]}]',
    );
    expect(found).toEqual([
      {
        id: "",
        time: "2027-01-31T03:00:00.123456789+01:00",
        service: "wiki",
        volume: "pages",
        at: Date.parse("2027-01-31T02:00:00.123Z"),
        bytes: undefined,
        files: undefined,
      },
    ]);
  });

  it("is nothing where there is no snapshot, or none with our tags", () => {
    expect(parseSnapshots("null")).toEqual([]);
    expect(parseSnapshots('[{"time":"2027-01-31T03:00:00Z"},{"time":"x","tags":["service=a","volume=b"]}]')).toEqual(
      [],
    );
  });

  it("has its address completed with the user and password, escaped", () => {
    expect(withCredentials("rest:http://h:8000/p/", "u@x", "a/b c")).toBe("rest:http://u%40x:a%2Fb%20c@h:8000/p/");
    expect(withCredentials("/srv/restic", "u", "p")).toBe("/srv/restic");
  });
});

it("what restic lists without is told where it is damaged, and not where it was deleted meanwhile", () => {
  const ignored = (why: string) => `Ignoring "1431271b": failed to load snapshot 1431271b: ${why}`;
  expect(unreadableIn(ignored("LoadRaw(<snapshot/1431271b>): invalid data returned"))).toBe(
    "failed to load snapshot 1431271b: LoadRaw(<snapshot/1431271b>): invalid data returned",
  );
  expect(unreadableIn(ignored("<snapshot/1431271b> does not exist"))).toBeUndefined();
  expect(unreadableIn("")).toBeUndefined();
});

describe.runIf(hasRestic())("with restic itself", () => {
  it("reads a real repository, and tells a wrong password and a missing repository", async () => {
    restic.stop();
    const folder = mkdtempSync(join(tmpdir(), "vigie-restic-real-"));
    const passwordFile = join(folder, "password");
    writeFileSync(passwordFile, "good");
    writeFileSync(join(folder, "file"), "content");
    const at = (repository: string, ...args: string[]) =>
      execFileSync("restic", ["-r", repository, "--password-file", passwordFile, ...args], { stdio: "pipe" });
    const url = join(folder, "repository");
    at(url, "init");
    for (const volume of ["pages", "media"])
      at(url, "backup", "--tag", "service=wiki", "--tag", `volume=${volume}`, join(folder, "file"));
    const looking = (own: { url: string; passwordFile: string }) =>
      run(resources({ repositories: [makeRepository({ id: "main", ...own }, join(folder, "data"))] }));
    expect(await looking({ url, passwordFile })).toMatchObject({ ok: true });
    const wrong = join(folder, "wrong");
    writeFileSync(wrong, "bad");
    expect(await looking({ url, passwordFile: wrong })).toMatchObject({ ok: false, reason: "wrong-password" });
    expect(await looking({ url: join(folder, "none"), passwordFile })).toMatchObject({ reason: "repository-missing" });
  }, 60_000);
});

function hasRestic(): boolean {
  try {
    return execFileSync("restic", ["version"], { stdio: "pipe" }).length > 0;
  } catch {
    return false;
  }
}
