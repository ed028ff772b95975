import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ROOT } from "../../cli/places.ts";
import { Rig } from "./backup-rig.ts";

const IMAGE = "vigie/test-stores";
const folder = mkdtempSync(join(tmpdir(), "vigie-destinations-"));
const rig = new Rig();
const stores = `${rig.name}-stores`;
const soon = <T>(look: () => Promise<T> | T, seconds = 90): Promise<T> =>
  vi.waitFor(look, { timeout: seconds * 1000, interval: 500 });
const inStores = (script: string): string => rig.docker("exec", stores, "sh", "-euc", script).trim();
const SECRET = "x".repeat(40);
const SECRETS = "/etc/vigie/secrets/outside";
const places = {
  friend: "sftp://friend@stores:2222//srv/friend/vigie",
  cloud: "s3:http://stores:9000/tilleuls/vigie",
};
type Store = keyof typeof places;

/** Gives the agent its copies and their secrets, some of them changed, and starts it on them. */
function declare(change: { hostKey?: string; cloud?: string } = {}): void {
  const hostKey = inStores("cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub");
  rig.files("agent", {
    "secrets/outside/friend-key": readFileSync(join(folder, "key"), "utf8"),
    "secrets/outside/cloud-id": "GK31c2f218a2e44f485b94239e",
    "secrets/outside/cloud-secret": SECRET,
  });
  rig.redeclare({
    copies: [
      {
        ...{ id: "friend", repository: places.friend, everySeconds: 86_400 },
        sftp: { keyFile: `${SECRETS}/friend-key`, hostKey: change.hostKey ?? hostKey },
      },
      {
        ...{ id: "cloud", repository: change.cloud ?? places.cloud, everySeconds: 86_400 },
        s3: { keyIdFile: `${SECRETS}/cloud-id`, secretKeyFile: `${SECRETS}/cloud-secret` },
      },
    ],
  });
}

/** restic on a store, as somebody has it who brings things back after our host is lost. */
const restic = (store: Store, ...words: string[]) =>
  rig.attempt(
    ...["exec", "--env", `AWS_SHARED_CREDENTIALS_FILE=/run/vigie/copy-${store}/credentials`, `${rig.name}-agent`],
    ...["restic", "--repo", places[store], "--password-file", "/etc/vigie/secrets/repository-password", "--no-cache"],
    ...(store === "friend" ? ["--option", sshWords] : []),
    ...words,
  );
const sshWords =
  "sftp.args=-F none -i /run/vigie/copy-friend/key -o UserKnownHostsFile=/run/vigie/copy-friend/known-hosts -o BatchMode=yes";

beforeAll(async () => {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", join(folder, "key")]);
  rig.docker("build", "--quiet", "--tag", IMAGE, join(ROOT, "test/real/stores"));
  await rig.start(() => {
    rig.files("stores", { authorized: readFileSync(join(folder, "key.pub"), "utf8") });
    rig.docker(
      ...["run", "--detach", "--name", stores, "--hostname", "stores", "--network", rig.name],
      ...[
        "--network-alias",
        "stores",
        "--mount",
        `type=volume,source=${rig.name}-stores-files,target=/etc/vigie,readonly`,
      ],
      IMAGE,
    );
  });
  rig.shell("for i in $(seq 30); do echo $i > /data/$i; done; head -c 2000000 /dev/urandom > /data/photo.jpg", "data");
  await soon(() => inStores("test -e /run/ready"));
  declare();
  await soon(() => expect(rig.agent("run", "all").code).toBe(0));
}, 600_000);
afterAll(() => {
  rig.remove();
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

describe("a copy of all snapshots to somebody else's machine", () => {
  it("is made by sftp and by S3, and again without writing twice what is there", async () => {
    await soon(() => {
      const { code, said } = rig.agent("copy");
      expect(said).toMatch(/copy-friend: ok[\s\S]*copy-cloud: ok/);
      expect(code).toBe(0);
    });
    const taken = JSON.parse(rig.agent("list", "--json").said).length;
    for (const store of ["friend", "cloud"] as const)
      expect(JSON.parse(restic(store, "snapshots", "--json").said).length).toBe(taken);
    const packs = inStores("find /srv/friend/vigie/data -type f | wc -l");
    expect(rig.agent("copy").code).toBe(0);
    expect(inStores("find /srv/friend/vigie/data -type f | wc -l")).toBe(packs);
    expect(await rig.look("copy", { copy: "cloud" })).toMatchObject({ ok: true });
  }, 240_000);

  it("tells whoever keeps it nothing of what it holds", () => {
    expect(inStores("grep -rl -e photo.jpg -e wiki /srv/friend/vigie || true")).toBe("");
  });

  it.each(["friend", "cloud"] as const)(
    "brings all back from %s, byte for byte, when our own host is lost",
    (store) => {
      rig.attempt("exec", `${rig.name}-agent`, "rm", "-rf", "/tmp/back");
      const back = restic(store, "restore", "latest", "--verify", "--target", "/tmp/back");
      expect(back.said).toMatch(/finished verifying/);
      const hash = (path: string) => rig.docker("exec", `${rig.name}-agent`, "sha256sum", path).split(" ")[0];
      expect(hash("/tmp/back/data/wiki/photo.jpg")).toBe(hash("/data/wiki/photo.jpg"));
    },
    120_000,
  );

  it("is seen to have lost a pack, until it is back", async () => {
    const pack = inStores("find /srv/friend/vigie/data -type f | head -1");
    inStores(`mv ${pack} /srv/friend/pack`);
    expect(rig.agent("copy").said).toMatch(/copy-friend: failed/);
    expect(await rig.look("copy", { copy: "friend" })).toMatchObject({ ok: false, reason: "repository-damaged" });
    inStores(`mv /srv/friend/pack ${pack}`);
    expect(rig.agent("copy").said).toMatch(/copy-friend: ok/);
    expect(await rig.look("copy", { copy: "friend" })).toMatchObject({ ok: true });
  }, 240_000);

  it("is not made to a machine that proves another identity, nor into a bucket that is not there, and both are told at once", async () => {
    const other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
    declare({ hostKey: other, cloud: "s3:http://stores:9000/gone/vigie" });
    await soon(() => expect(rig.agent("copy").said).toMatch(/copy-friend: failed[\s\S]*copy-cloud: failed/), 300);
    for (const copy of ["friend", "cloud"])
      expect(await rig.look("copy", { copy }), copy).toMatchObject({ ok: false, reason: "repository-unreachable" });
    const logs = rig.attempt("logs", `${rig.name}-agent`).said;
    expect(logs).not.toContain(SECRET);
    expect(logs).not.toMatch(/PRIVATE KEY/);
  }, 400_000);

  it("goes on as soon as they are right again", async () => {
    declare();
    await soon(() => expect(rig.agent("copy").said).toMatch(/copy-friend: ok[\s\S]*copy-cloud: ok/));
    expect(await rig.look("copy", { copy: "friend" })).toMatchObject({ ok: true });
  }, 240_000);

  it("is refused before anything starts where a secret is missing, by the name of its file", () => {
    rig.files("agent", { "secrets/outside/cloud-secret": "" });
    const { code, said } = rig.agent("list");
    expect(said).toContain(`${SECRETS}/cloud-secret is missing or empty`);
    expect(code).toBe(78);
  });
});
