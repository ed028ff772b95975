import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureBaseImages } from "../../cli/base-images.ts";
import { makeVolume } from "../../cli/drill/rebuild.ts";
import {
  buildRestic,
  type Copy,
  latest,
  loadRepository,
  restoreVolume,
  snapshots,
} from "../../cli/drill/repository.ts";
import { defaultEndpoint } from "../../cli/engine.ts";
import { REPOSITORY_KEY } from "../../stacks/backups.ts";
import { derive, rootBytes } from "../../stacks/secrets.ts";

const engine = defaultEndpoint();
const tag = randomBytes(4).toString("hex");
const volumes: string[] = [];
const docker = (words: string[], input = ""): string =>
  execFileSync("docker", ["--host", engine, ...words], { encoding: "utf8", input, stdio: ["pipe", "pipe", "pipe"] });

/** A shell, as root, in restic's image; what it mounts, it may write to. */
const shell = (script: string, mounts: Record<string, string>, input = ""): string =>
  docker(
    [
      ...["run", "--rm", "--interactive", "--network", "none", "--user", "0"],
      ...Object.entries(mounts).flatMap(([source, target]) => [
        "--mount",
        `type=volume,source=${source},target=${target}`,
      ]),
      ...["--entrypoint", "bash", "vigie/drill-restic", "-euc", script],
    ],
    input,
  );

async function volume(name: string): Promise<string> {
  const full = `test-recovery-${tag}-${name}`;
  await makeVolume(engine, full);
  volumes.push(full);
  return full;
}

const rootSecret = randomBytes(32).toString("base64url");
const password = derive(rootBytes(rootSecret), REPOSITORY_KEY, 32).toString("base64url");
const files = "find /data/wiki -type f -printf '%P %U:%G %m ' -exec sha256sum {} \\; | sed 's# /data/.*##' | sort";
let source = "";
let held = "";
let folder = "";

/** A fresh copy of the good repository, to be harmed. */
async function copied(name: string): Promise<Copy> {
  const copy = { engine, volume: await volume(name), path: "backup", rootSecret };
  await loadRepository(folder, copy);
  return copy;
}

beforeAll(async () => {
  await ensureBaseImages(engine);
  await buildRestic(engine);
  source = await volume("source");
  const repository = await volume("repository");
  held = shell(
    `mkdir -p /data/wiki/pages && cd /data/wiki/pages
     echo 'the page' > start.txt; head -c 3000000 /dev/urandom > photo.jpg; printf 'x' > $'odd \\n name'
     chown -R 33:33 /data/wiki; chmod 600 start.txt; ${files}`,
    { [source]: "/data/wiki" },
  );
  shell(
    `cat > /tmp/key; export RESTIC_PASSWORD_FILE=/tmp/key RESTIC_REPOSITORY=/repo/backup
     restic -q init; restic -q --no-cache backup --host main --tag service=wiki --tag volume=data /data/wiki`,
    { [source]: "/data/wiki", [repository]: "/repo" },
    password,
  );
  folder = mkdtempSync(join(tmpdir(), "vigie-recovery-"));
  const holder = docker([
    "create",
    "--mount",
    `type=volume,source=${repository},target=/repo`,
    "vigie/drill-restic",
  ]).trim();
  docker(["cp", "--quiet", `${holder}:/repo/.`, folder]);
  docker(["rm", holder]);
});

afterAll(() => {
  if (volumes.length > 0) docker(["volume", "rm", "--force", ...volumes]);
  rmSync(folder, { recursive: true, force: true });
});

describe("a volume that is lost", () => {
  it("comes back whole, with the owners, rights and contents that it had", async () => {
    const copy = await copied("good");
    const found = latest(await snapshots(copy), "wiki", { key: "data" })!;
    const target = await volume("back");
    expect(await restoreVolume(copy, found, target)).toMatchObject({ files: 3 });
    expect(shell(files, { [target]: "/data/wiki" })).toBe(held);
    expect(held).toMatch(/pages\/start\.txt 33:33 600 [0-9a-f]{64}/);
  });
});

describe("a repository that was harmed", () => {
  it("is not restored from in silence when one byte of its data has flipped", async () => {
    const copy = await copied("flipped");
    const found = latest(await snapshots(copy), "wiki", { key: "data" })!;
    shell(
      `pack=$(find /repo/backup/data -type f -size +1000k | head -1); chmod u+w "$pack"
       byte=$(od -An -tu1 -j500000 -N1 "$pack" | tr -d ' ')
       printf "\\\\x$(printf %02x $((byte ^ 1)))" | dd of="$pack" bs=1 seek=500000 conv=notrunc status=none`,
      { [copy.volume]: "/repo" },
    );
    await expect(restoreVolume(copy, found, await volume("flipped-back"))).rejects.toThrow(
      /ciphertext verification failed/,
    );
  });

  it("is told apart from a good one when a pack is gone", async () => {
    const copy = await copied("gone");
    const found = latest(await snapshots(copy), "wiki", { key: "data" })!;
    shell(`find /repo/backup/data -type f -size +1000k -delete`, { [copy.volume]: "/repo" });
    await expect(restoreVolume(copy, found, await volume("gone-back"))).rejects.toThrow(/no such file or directory/);
  });

  it("has no snapshot of a volume once it was forgotten", async () => {
    const copy = await copied("forgotten");
    shell(`rm -f /repo/backup/snapshots/*`, { [copy.volume]: "/repo" });
    expect(latest(await snapshots(copy), "wiki", { key: "data" })).toBeUndefined();
  });

  it("says that the password is wrong where the root secret is another stack's", async () => {
    const copy = { ...(await copied("foreign")), rootSecret: randomBytes(32).toString("base64url") };
    await expect(snapshots(copy)).rejects.toThrow(/wrong password/);
  });

  it("says so when there is no repository at all", async () => {
    const copy = { engine, volume: await volume("empty"), path: "backup", rootSecret };
    await expect(snapshots(copy)).rejects.toThrow(/does not exist|unable to open config/);
  });
});
