import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Rig } from "./backup-rig.ts";

const rig = new Rig({
  agent: { copies: [{ id: "annex", repository: "rest:http://main@elsewhere:8000/main/", everySeconds: 86_400 }] },
});
const soon = <T>(look: () => Promise<T> | T, seconds = 90): Promise<T> =>
  vi.waitFor(look, { timeout: seconds * 1000, interval: 1000 });
/** Ids of what the copies were made from, as restic remembers. */
const there = (): number => Number(rig.shell("find /elsewhere/main/snapshots -type f | wc -l", "elsewhere"));

beforeAll(async () => {
  await rig.start(() => rig.startElsewhere());
  rig.shell("for i in $(seq 30); do echo $i > /data/$i; done; head -c 2000000 /dev/urandom > /data/photo.jpg", "data");
  await soon(() => expect(rig.agent("run", "all").code).toBe(0));
}, 600_000);
afterAll(() => rig.remove(), 120_000);

describe("a copy of all snapshots elsewhere", () => {
  it("is made into a repository of its own, and its lag is seen", async () => {
    await soon(() =>
      expect(rig.agent("copy")).toMatchObject({ code: 0, said: expect.stringMatching(/copy-annex: ok/) }),
    );
    expect(there()).toBe(JSON.parse(rig.agent("list", "--json").said).length);
    expect(await rig.look("copy")).toMatchObject({ ok: true, measures: { copy_lag_seconds: expect.any(Number) } });
  }, 240_000);

  it("brings everything back when the first repository is lost with its host", async () => {
    rig.removeContainer("repository");
    rig.docker("volume", "rm", `${rig.name}-repository`);
    const back = rig.docker(
      ...["exec", `${rig.name}-agent`, "restic", "--repository-file", "/run/vigie/repository-annex", "--no-cache"],
      ...[
        "--password-file",
        "/etc/vigie/secrets/repository-password",
        "restore",
        "latest",
        "--verify",
        "--target",
        "/tmp/back",
      ],
    );
    expect(back).toMatch(/finished verifying/);
    const hash = (path: string) => rig.docker("exec", `${rig.name}-agent`, "sha256sum", path).split(" ")[0];
    expect(hash("/tmp/back/data/wiki/photo.jpg")).toBe(hash("/data/wiki/photo.jpg"));
  }, 240_000);

  it("is told of when it cannot be made", async () => {
    rig.startRepository();
    await soon(() => expect(rig.agent("run", "all").code).toBe(0));
    rig.docker("stop", "--time", "2", `${rig.name}-elsewhere`);
    expect(rig.agent("copy").code).toBe(1);
    expect(await rig.look("copy")).toMatchObject({ ok: false, reason: "repository-unreachable" });
    rig.docker("start", `${rig.name}-elsewhere`);
    await soon(() => expect(rig.agent("copy").code).toBe(0));
    expect(await rig.look("copy")).toMatchObject({ ok: true });
  }, 240_000);
});
