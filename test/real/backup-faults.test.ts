import { Consts, Credentials, Kdbx, ProtectedValue } from "kdbxweb";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { Rig, type RigOptions } from "./backup-rig.ts";

/** One cycle: a snapshot, a verification, and what the lookout's checks then see. */
let rig: Rig;
const made: Rig[] = [];

async function fresh(options?: RigOptions): Promise<Rig> {
  const one = new Rig(options);
  made.push(one);
  await one.start();
  return one;
}

const soon = <T>(look: () => Promise<T> | T, seconds = 60): Promise<T> =>
  vi.waitFor(look, { timeout: seconds * 1000, interval: 1000 });

/** Fills the source with a wiki's worth of files. */
const fill = (one: Rig): string =>
  one.shell(
    `mkdir -p /data/pages; for i in $(seq 40); do echo "page $i: $RANDOM" > /data/pages/$i.txt; done
     head -c 3000000 /dev/urandom > /data/photo.jpg`,
    "data",
  );

const snapshots = (one: Rig): { id: string; time: string }[] => JSON.parse(one.agent("list", "--json").said);

beforeAll(async () => {
  rig = await fresh();
  fill(rig);
  await soon(() => expect(rig.agent("run", "all")).toMatchObject({ code: 0 }));
  expect(rig.agent("verify")).toMatchObject({ code: 0, said: expect.stringMatching(/^whole/) });
}, 300_000);
afterAll(() => {
  for (const one of made) one.remove();
}, 120_000);

describe("a backup that is as it should be", () => {
  it("is seen to be: its run, what it holds, and the repository, all of whose data was read", async () => {
    expect(await rig.look("job")).toMatchObject({ ok: true, measures: { "last_run_success/data": 1 } });
    expect(await rig.look("content")).toMatchObject({ ok: true, measures: { "snapshots_missing/data": 0 } });
    expect(await rig.look("integrity")).toMatchObject({
      ok: true,
      measures: { data_read_ratio: 1, key_usable: 1, errors: 0 },
    });
  }, 60_000);
});

describe("within one cycle the lookout sees", () => {
  it("a source that was emptied", async () => {
    rig.shell(
      "mkdir -p /data/.away; mv /data/pages /data/photo.jpg /data/.away; find /data/.away -type f -exec chmod a-r {} +; mv /data/.away /cache/",
      "data",
      "cache",
    );
    expect(rig.agent("run", "all").code).toBe(0);
    expect(await rig.look("content")).toMatchObject({ ok: false, reason: "empty-source" });
    rig.shell("chmod -R a+r /cache/.away; mv /cache/.away/* /data/; rmdir /cache/.away", "data", "cache");
    expect(rig.agent("run", "all").code).toBe(0);
    expect(await rig.look("content")).toMatchObject({ ok: true });
  }, 120_000);

  it("a source that lost most of its files", async () => {
    rig.shell(
      "mkdir /data/kept; mv /data/pages/1*.txt /data/photo.jpg /data/kept; rm -r /data/pages; mv /data/kept /data/pages",
      "data",
    );
    expect(rig.agent("run", "all").code).toBe(0);
    expect(await rig.look("content")).toMatchObject({
      ok: false,
      reason: "shrunk",
      message: expect.stringContaining("files"),
    });
    fill(rig);
    expect(rig.agent("run", "all").code).toBe(0);
  }, 120_000);

  it("one byte flipped in a pack, until it is right again", async () => {
    const flip = `pack=$(find /repository/main/data -type f -size +1000k | sort | head -1); chmod u+w "$pack"
      byte=$(od -An -tu1 -j500000 -N1 "$pack" | tr -d ' ')
      printf "\\\\x$(printf %02x $((byte ^ 1)))" | dd of="$pack" bs=1 seek=500000 conv=notrunc status=none`;
    rig.shell(flip, "repository");
    expect(rig.agent("verify").code).toBe(1);
    expect(await rig.look("integrity")).toMatchObject({
      ok: false,
      reason: "repository-damaged",
      message: expect.stringMatching(/ciphertext|pack/),
    });
    // Whoever took the snapshots could not have told.
    expect(await rig.look("content")).toMatchObject({ ok: true });
    rig.shell(flip, "repository");
    expect(rig.agent("verify").code).toBe(0);
    expect(await rig.look("integrity")).toMatchObject({ ok: true });
  }, 180_000);

  it.each(["keys", "config", "snapshots", "index"])(
    "one byte flipped in its %s, wherever it is",
    async (part) => {
      /** Of the first file of its kind; asked twice, as it was. */
      const flip = (share: number) =>
        rig.shell(
          `file=$(find /repository/main/${part} -type f | sort | head -1); chmod u+w "$file"
         at=$(( ($(stat -c %s "$file") - 1) * ${share} / 100 ))
         byte=$(od -An -tu1 -j$at -N1 "$file" | tr -d ' ')
         printf "\\\\x$(printf %02x $((byte ^ 4)))" | dd of="$file" bs=1 seek=$at conv=notrunc status=none`,
          "repository",
        );
      // Nobody gets in without these two, which the lookout sees by itself; the others are found by reading them.
      const isDoor = part === "keys" || part === "config";
      for (const share of [0, 61]) {
        flip(share);
        if (isDoor) expect(rig.agent("run", "all").code).toBe(1);
        else expect(rig.agent("verify").code).toBe(1);
        expect(await rig.look("integrity"), `at ${share} %`).toMatchObject({
          ok: false,
          reason: "repository-damaged",
          measures: { key_usable: Number(!isDoor) },
        });
        if (isDoor) expect(await rig.look("job")).toMatchObject({ ok: false, reason: "repository-damaged" });
        flip(share);
      }
      if (isDoor) expect(rig.agent("run", "all").code).toBe(0);
      expect(rig.agent("verify").code).toBe(0);
      expect(await rig.look("integrity")).toMatchObject({ ok: true });
      expect(await rig.look("job")).toMatchObject({ ok: true });
    },
    240_000,
  );

  it("an index that was removed", async () => {
    rig.shell(
      "mkdir /cache/index; cp -a /repository/main/index/. /cache/index; find /repository/main/index -type f -delete",
      "repository",
      "cache",
    );
    expect(rig.agent("verify").code).toBe(1);
    expect(await rig.look("integrity")).toMatchObject({ ok: false, reason: "repository-damaged" });
    rig.shell("cp -a /cache/index/. /repository/main/index; rm -r /cache/index", "repository", "cache");
    expect(rig.agent("verify").code).toBe(0);
    expect(await rig.look("integrity")).toMatchObject({ ok: true });
  }, 180_000);

  it("a snapshot that somebody made the repository forget", async () => {
    const { id } = snapshots(rig).at(-1)!;
    expect(await rig.look("content")).toMatchObject({ ok: true });
    const file = rig.shell(`ls /repository/main/snapshots/${id}*`, "repository").trim();
    rig.shell(`mv ${file} /cache/kept`, "repository", "cache");
    expect(await rig.look("content")).toMatchObject({
      ok: false,
      reason: "snapshot-missing",
      message: expect.stringContaining(id),
    });
    rig.shell(`mv /cache/kept ${file}`, "repository", "cache");
    expect(await rig.look("content")).toMatchObject({ ok: true });
  }, 120_000);

  it("a KeePass file that was overwritten, whose last good copy still opens with its password", async () => {
    const credentials = () => new Credentials(ProtectedValue.fromString("correct horse"));
    const vault = Kdbx.create(credentials(), "Tilleuls");
    vault.setKdf(Consts.KdfId.Aes);
    vault.createEntry(vault.getDefaultGroup()).fields.set("Title", "Banque");
    const written = Buffer.from(await vault.save()).toString("base64");
    rig.shell(`base64 -d <<<'${written}' >/data/coffre.kdbx`, "data");
    expect(rig.agent("run", "all").code).toBe(0);
    expect(await rig.look("kdbx")).toMatchObject({ ok: true });
    const good = snapshots(rig).at(-1)!.id;
    rig.shell("head -c 1500 /dev/urandom >/data/coffre.kdbx", "data");
    expect(rig.agent("run", "all").code).toBe(0);
    expect(await rig.look("kdbx")).toMatchObject({ ok: false, reason: "malformed" });
    rig.shell("rm /data/coffre.kdbx", "data");
    expect(rig.agent("run", "all").code).toBe(0);
    expect(await rig.look("kdbx")).toMatchObject({ ok: false, reason: "no-such-thing" });
    const back = rig.agent("restore", good, "--to", "/tmp/vault", "--path", "/data/wiki/coffre.kdbx", "--verify");
    expect(back.code, back.said).toBe(0);
    const bytes = Buffer.from(
      rig.docker("exec", `${rig.name}-agent`, "base64", "/tmp/vault/data/wiki/coffre.kdbx"),
      "base64",
    );
    const opened = await Kdbx.load(Uint8Array.from(bytes).buffer, credentials());
    expect(opened.getDefaultGroup().entries[0]!.fields.get("Title")).toBe("Banque");
  });

  it("a snapshot dated by a wrong clock", async () => {
    const ahead = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 19).replace("T", " ");
    rig.docker(
      ...["exec", `${rig.name}-agent`, "restic", "--repository-file", "/run/vigie/repository"],
      ...["--password-file", "/etc/vigie/secrets/repository-password", "--no-cache", "backup", "--host", "main"],
      ...["--time", ahead, "--tag", "service=wiki", "--tag", "volume=data", "/data/wiki"],
    );
    expect(await rig.look("content")).toMatchObject({ ok: false, reason: "clock-wrong" });
  }, 120_000);

  it("a destination that is out of reach, from both sides", async () => {
    rig.docker("stop", "--time", "5", `${rig.name}-repository`);
    expect(rig.agent("run", "all").code).toBe(1);
    expect(await rig.look("job")).toMatchObject({ ok: false, reason: "repository-unreachable" });
    expect(await rig.look("integrity")).toMatchObject({ ok: false, reason: "repository-unreachable" });
    // restic by itself would have somebody wait for a quarter of an hour.
    for (const words of [
      ["list"],
      ["keep", "wiki-data"],
      ["ls", "0123abcd", "--path", "/"],
      ["restore", "wiki-data", "--to", "/tmp/x"],
    ])
      expect(rig.agent(...words), words.join(" ")).toMatchObject({
        code: 1,
        said: expect.stringContaining("does not answer"),
      });
    rig.docker("start", `${rig.name}-repository`);
    await soon(() => expect(rig.agent("run", "all").code).toBe(0));
    expect(await rig.look("job")).toMatchObject({ ok: true });
  }, 240_000);

  it("a password that no longer opens the repository", async () => {
    const right = rig.secrets["repository-password"];
    rig.secrets["repository-password"] = "another one";
    expect(await rig.look("integrity")).toMatchObject({
      ok: false,
      reason: "wrong-password",
      measures: { key_usable: 0 },
    });
    rig.secrets["repository-password"] = right;
    // The agent's own copy of it: it is read at its start.
    rig.files("agent", { "secrets/repository-password": "another one" });
    rig.restartAgent();
    expect(rig.agent("run", "all").code).toBe(1);
    expect(await rig.look("job")).toMatchObject({ ok: false, reason: "wrong-password" });
    rig.files("agent", { "secrets/repository-password": right });
    rig.restartAgent();
    await soon(() => expect(rig.agent("run", "all").code).toBe(0));
  }, 240_000);

  it("an agent that was stopped, and one that does not know the key", async () => {
    rig.docker("stop", "--time", "5", `${rig.name}-agent`);
    expect(await rig.look("job")).toMatchObject({ ok: false, reason: "agent-unreachable" });
    rig.docker("start", `${rig.name}-agent`);
    await soon(async () => expect(await rig.look("job")).toMatchObject({ ok: true }));
    const right = rig.secrets["report-key"];
    rig.secrets["report-key"] = "guessed";
    expect(await rig.look("job")).toMatchObject({
      ok: false,
      reason: "agent-unreachable",
      message: expect.stringContaining("keys differ"),
    });
    rig.secrets["report-key"] = right;
  }, 120_000);
});

describe("whoever has taken over the agent, with all of its passwords", () => {
  const restic = (...words: string[]) =>
    rig.attempt(
      ...["exec", `${rig.name}-agent`, "restic", "--repository-file", "/run/vigie/repository", "--no-cache"],
      ...["--password-file", "/etc/vigie/secrets/repository-password", ...words],
    );

  it("cannot make the repository forget, nor remove its data, its index or its key", async () => {
    const before = snapshots(rig).map(({ id }) => id);
    const { said } = restic("forget", "--prune", "--keep-last", "1", "--group-by", "");
    expect(said).toMatch(/403|405|unable to remove|Forbidden/i);
    const keys = restic("key", "list", "--json").said;
    const [key] = JSON.parse(keys) as { id: string }[];
    restic("key", "add", "--insecure-no-password");
    expect(restic("key", "remove", key!.id).code).not.toBe(0);
    const paths = "for d in snapshots index data keys; do find /repository/main/$d -type f | head -1; done";
    for (const path of rig.shell(paths, "repository").trim().split("\n")) {
      const [, kind, name] = /main\/(\w+)\/(?:..\/)?(\w+)$/.exec(path)!;
      const script = `const a="Basic "+btoa("main:"+require("fs").readFileSync("/etc/vigie/secrets/rest-password","utf8"));
        Promise.all(["DELETE","POST"].map(method=>fetch("http://repository:8000/main/${kind}/${name}",{method,headers:{authorization:a},...(method==="POST"?{body:"ransom"}:{})}).then(r=>r.status))).then(s=>console.log(s.join()))`;
      const statuses = rig.docker("exec", `${rig.name}-agent`, "node", "-e", script).trim().split(",").map(Number);
      for (const status of statuses)
        expect([kind, status]).toEqual([kind, expect.toSatisfy((one: number) => one >= 400)]);
    }
    expect(snapshots(rig).map(({ id }) => id)).toEqual(before);
    expect(rig.agent("verify").code).toBe(0);
  }, 180_000);

  it("cannot write into what it reads, nor bring a snapshot of lies to push the good ones out", async () => {
    expect(rig.attempt("exec", `${rig.name}-agent`, "sh", "-c", "echo ransom > /data/wiki/ransom.txt").code).not.toBe(
      0,
    );
    rig.shell("find /data -type f -exec sh -c 'head -c 100 /dev/urandom > $1' - {} \\;", "data");
    expect(rig.agent("run", "all").code).toBe(0);
    // What was encrypted by a stranger is there too; all before it is untouched, and comes back byte for byte.
    const good = snapshots(rig).findLast(({ time }) => Date.parse(time) < Date.now() - 1000)!;
    expect(rig.agent("restore", snapshots(rig)[0]!.id, "--to", "/tmp/back", "--verify").code).toBe(0);
    expect(
      rig.docker("exec", `${rig.name}-agent`, "grep", "-rc", "page 7:", "/tmp/back/data/wiki/pages/7.txt").trim(),
    ).toBe("1");
    expect(good.id).toMatch(/^[0-9a-f]{8}/);
    rig.docker("exec", `${rig.name}-agent`, "rm", "-r", "/tmp/back");
  }, 180_000);
});

describe("a run that is killed in its middle", () => {
  it("is gone on with by the next, which removes no lock but dead ones", async () => {
    // Large and slow enough to be in the middle for a while on a quick machine too.
    rig.shell("head -c 200000000 /dev/urandom > /data/film.mkv", "data");
    rig.removeContainer("agent");
    rig.startAgent("--cpus", "0.15");
    await soon(() => expect(rig.agent("list").code).toBe(0));
    const data = () => Number(rig.shell("du -sk /repository/main/data | cut -f1", "repository"));
    const before = data();
    rig.docker("exec", "--detach", `${rig.name}-agent`, "vigie-backup", "run", "all");
    await soon(() => expect(data()).toBeGreaterThan(before + 16_000));
    rig.docker("kill", "--signal", "KILL", `${rig.name}-agent`);
    const locks = () => Number(rig.shell("find /repository/main/locks -type f | wc -l", "repository"));
    expect(locks()).toBeGreaterThan(0);
    const left = data();
    rig.docker("start", `${rig.name}-agent`);
    await soon(
      () => expect(rig.agent("run", "all")).toMatchObject({ code: 0, said: expect.stringMatching(/ok, snapshot/) }),
      120,
    );
    expect(rig.agent("verify").code).toBe(0);
    // Packs that no index names yet are sent once more (restic writes indexes now and then); nothing else is.
    expect(data() - before).toBeLessThan(200_000 + (left - before) + 8_000);
    expect(left).toBeGreaterThan(before + 16_000);
    expect(locks()).toBe(0);
  }, 300_000);
});

describe("a small disk", () => {
  it("is told to be full while restic still tries, and the run ends at its limit", async () => {
    const small = await fresh({ diskMb: 12, agent: { limitSeconds: 20 } });
    await soon(() => expect(small.agent("run", "all").code).toBe(0));
    const good = snapshots(small);
    small.shell("head -c 30000000 /dev/urandom > /data/film.mkv", "data");
    small.docker("exec", "--detach", `${small.name}-agent`, "vigie-backup", "run", "all");
    await soon(async () => expect(await small.look("job")).toMatchObject({ ok: false, reason: "destination-full" }));
    // A run that has no end of its own is given one, and told.
    await soon(async () => expect(await small.look("job")).toMatchObject({ ok: false, reason: "running-too-long" }));
    // What was there before is still good; the agent's own first run may have come after ours.
    expect(snapshots(small)).toEqual(expect.arrayContaining(good));
  }, 240_000);

  it("is told by a run that has been going on for longer than it may, even where the agent does not end it", async () => {
    const [, small] = made;
    small!.docker("exec", "--detach", `${small!.name}-agent`, "vigie-backup", "run", "all");
    await soon(async () =>
      expect(await small!.look("job", { limit: "1s" })).toMatchObject({ ok: false, reason: "running-too-long" }),
    );
  }, 120_000);
});

afterEach(({ task }) => {
  if (task.result?.state === "fail")
    process.stderr.write(`${rig.docker("logs", "--tail", "15", `${rig.name}-agent`)}\n`);
});
