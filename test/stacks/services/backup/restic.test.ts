import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Progress } from "../../../../stacks/services/backup/image/agent/messages.ts";
import { resticOf, withoutSecrets } from "../../../../stacks/services/backup/image/agent/restic.ts";

describe("resticOf", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "restic-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A program that plays restic. */
  function playing(script: string, secrets: string[] = []) {
    const program = join(folder, "restic");
    writeFileSync(program, `#!/bin/bash\n${script}\n`);
    chmodSync(program, 0o755);
    return resticOf({ repositoryFile: "/run/r", passwordFile: "/run/p" }, secrets, program);
  }

  it("gives progress as it comes, and the summary at the end", async () => {
    const restic = playing(`
      echo '{"message_type":"status","percent_done":0.5}'
      echo '{"message_type":"summary","snapshot_id":"5137d85d","total_files_processed":2}'`);
    const seen: Progress[] = [];
    const ran = await restic(["backup"], { onProgress: (progress) => seen.push(progress) });
    expect(seen.map(({ done }) => done)).toEqual([0.5]);
    expect(ran).toMatchObject({ code: 0, errorCount: 0, summary: { snapshot: "5137d85d", files: 2 } });
  });

  it("reads errors from both streams, keeps the first twenty and counts all", async () => {
    const restic = playing(`
      for i in $(seq 50); do echo '{"message_type":"error","error":{"message":"denied"},"item":"/data/'$i'"}' >&2; done
      echo '{"message_type":"summary"}'
      exit 3`);
    const ran = await restic(["backup"]);
    expect(ran.code).toBe(3);
    expect(ran.errorCount).toBe(50);
    expect(ran.errors).toHaveLength(20);
    expect(ran.errors[0]).toBe("/data/1: denied");
  });

  it("counts apart the errors that are expected", async () => {
    const restic = playing(`
      echo '{"message_type":"error","error":{"message":"lchown /a: operation not permitted"},"item":"/a"}' >&2
      echo 'disk full' >&2`);
    const ran = await restic(["restore"], { expected: /lchown/ });
    expect(ran).toMatchObject({ errors: ["disk full"], errorCount: 1, expectedCount: 1 });
  });

  it("lets no secret out in an error's words", async () => {
    const restic = playing(`echo "cannot open rest:http://main:hunter2@backup/: hunter2" >&2; exit 1`, ["hunter2", ""]);
    expect((await restic(["backup"])).errors).toEqual(["cannot open rest:http://main:***@backup/: ***"]);
  });

  it("gives restic neither our environment nor a secret in an argument", async () => {
    process.env.VIGIE_TEST_SECRET = "hunter2";
    const restic = playing(`{ env; echo "$@"; } >${folder}/seen`, ["hunter2"]);
    await restic(["backup", "/data"]);
    delete process.env.VIGIE_TEST_SECRET;
    const seen = readFileSync(join(folder, "seen"), "utf8");
    expect(seen).toContain("--repository-file /run/r --password-file /run/p --json backup /data");
    expect(seen).not.toContain("hunter2");
  });

  it("is stopped by SIGINT, at which restic takes its lock away", async () => {
    const stopping = new AbortController();
    const restic = playing(`
      trap 'echo "{\\"message_type\\":\\"error\\",\\"error\\":{\\"message\\":\\"interrupted\\"}}"; exit 130' INT
      echo '{"message_type":"status","percent_done":0.1}'
      while true; do sleep 0.05; done`);
    const ran = await restic(["backup"], { signal: stopping.signal, onProgress: () => stopping.abort() });
    expect(ran).toMatchObject({ code: 130, errors: ["interrupted"] });
  });

  it("fails when there is no restic", async () => {
    const restic = resticOf({ repositoryFile: "/run/r", passwordFile: "/run/p" }, [], join(folder, "none"));
    await expect(restic(["backup"])).rejects.toThrow("ENOENT");
  });
});

describe("withoutSecrets", () => {
  it("takes every occurrence out, and nothing for an empty secret", () => {
    expect(withoutSecrets("a-s3-b-s3", ["s3", ""])).toBe("a-***-b-***");
  });
});
