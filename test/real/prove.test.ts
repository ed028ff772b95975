import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { prove } from "../../cli/prove.ts";
import { Rig } from "./backup-rig.ts";

const rig = new Rig();
const proven = () => prove(rig.saved, "test", rig.name);
const soon = <T>(look: () => Promise<T> | T, seconds = 120): Promise<T> =>
  vi.waitFor(look, { timeout: seconds * 1000, interval: 1000 });
const scratch = (): string[] =>
  [
    rig.docker("ps", "--all", "--quiet", "--filter", `name=${rig.name}-proof`),
    rig.docker("volume", "ls", "--quiet", "--filter", `name=${rig.name}-proof`),
  ].filter(Boolean);
const note = (name: string, value?: unknown): unknown =>
  value === undefined
    ? JSON.parse(rig.agent("note", name).said)
    : rig.docker(
        "exec",
        `${rig.name}-agent`,
        "sh",
        "-c",
        `echo '${JSON.stringify(value)}' | vigie-backup note ${name} --write`,
      );

beforeAll(async () => {
  rig.docker("volume", "create", `${rig.name}-data`);
  await rig.start(() => rig.startWiki());
  await soon(() => expect(rig.attempt("exec", `${rig.name}-wiki`, "healthy").code).toBe(0));
  await soon(() => expect(rig.agent("run", "all").code).toBe(0));
}, 600_000);
afterAll(() => rig.remove(), 120_000);

describe("a restore of the wiki", () => {
  it("is proven: restored, compared with the live one, started, and the planted page found in it", async () => {
    expect(await rig.look("proof")).toMatchObject({ ok: true, measures: {} });
    const proof = await proven();
    expect(proof).toMatchObject({ ok: true, sets: 2, canaries: 1 });
    expect(proof.compared).toBeGreaterThan(3);
    expect(await rig.look("proof")).toMatchObject({ ok: true, measures: { proof_success: 1 } });
    // The page is the wiki's own: it has a history, as any other.
    expect(rig.shell("cat /data/pages/vigie/canari.txt", "data")).toMatch(/canary-20/);
  }, 600_000);

  it("is proven again of an older one, by the value of that time, and leaves nothing behind", async () => {
    expect(await proven()).toMatchObject({ ok: true, sets: 2 });
    expect(scratch()).toEqual([]);
    expect(rig.attempt("exec", `${rig.name}-wiki`, "healthy").code).toBe(0);
  }, 600_000);

  it("fails where what was planted is not in what is restored, and the lookout says so", async () => {
    const planted = note("canary-wiki") as { at: string; value: string }[];
    rig.shell("mv /data/pages/vigie /data/pages/elsewhere", "data");
    const missed = rig.attempt("exec", `${rig.name}-wiki`, "vigie-canary", "find", planted.at(-1)!.value);
    expect([missed.code, missed.said]).toEqual([1, "vigie:canari is not there\n"]);
    rig.shell("mv /data/pages/elsewhere /data/pages/vigie", "data");
    note("proof-wiki", { service: "wiki", at: new Date().toISOString(), ok: false, reason: "not found" });
    await soon(async () => expect(await rig.look("proof")).toMatchObject({ ok: false, reason: "restore-failed" }), 30);
  }, 600_000);

  it("fails where the repository cannot give it back whole", async () => {
    const flip = `find /repository/main/data -type f -size +2k | while read -r pack; do chmod u+w "$pack"
      byte=$(od -An -tu1 -j900 -N1 "$pack" | tr -d ' '); printf "\\\\x$(printf %02x $((byte ^ 1)))" | dd of="$pack" bs=1 seek=900 conv=notrunc status=none; done`;
    rig.shell(flip, "repository");
    const proof = await proven();
    expect(proof).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/cannot be restored whole|no snapshot could be taken/),
    });
    expect(scratch()).toEqual([]);
    rig.shell(flip, "repository");
  }, 600_000);
});
