import { afterAll, describe, expect, it } from "vitest";
import { attemptInside, container, demo, docker, eventually, fetchFrom, inside, STACK, vigie } from "./demo.ts";

const prove = (service: string) => vigie(["prove", "--stack", STACK, "--service", service]);
const probe = (service: string): string =>
  fetchFrom("lookout", `http://127.0.0.1:9464/probe?target=${service}&check=restore-proof`).text;
const left = (): string =>
  docker("ps", "--all", "--filter", "label=vigie.scratch", "--format", "{{.Names}}")
    .split("\n")
    .filter((name) => name.startsWith(demo().prefix))
    .join();
const volumesLeft = (): string =>
  docker("volume", "ls", "--quiet", "--filter", "label=vigie.scratch")
    .split("\n")
    .filter((name) => name.startsWith(demo().prefix))
    .join();
const page = "/var/lib/dokuwiki/data/pages/vigie/canari.txt";

afterAll(() => {
  attemptInside("wiki", ["mv", `${page}.kept`, page]);
});

describe("a restore", () => {
  it("is proven of the wiki and of the shares: restored, compared, started, and what was planted is found", async () => {
    for (const service of ["wiki", "nas"]) {
      const { code, stdout, stderr } = await prove(service);
      expect(stderr + stdout).toMatch(
        new RegExp(`${service}: \\d snapshots restored and started, \\d+ files compared, [12] planted`),
      );
      expect(code).toBe(0);
      expect(probe(service)).toMatch(/^probe_success 1$/m);
    }
  });

  it("leaves the service running and nothing behind", () => {
    expect(docker("inspect", "--format", "{{.State.Health.Status}}", container("wiki")).trim()).toBe("healthy");
    expect([left(), volumesLeft()]).toEqual(["", ""]);
  });

  it("is proven by the page's own text, rendered by the wiki: without the page it is not", async () => {
    // The wiki keeps its data elsewhere from now on, as after an upgrade gone wrong: what is planted is not saved.
    const path = inside("wiki", "sh", "-c", `cat ${page}`);
    expect(path).toContain("canary-");
    const planted = JSON.parse(inside("backup", "vigie-backup", "note", "canary-wiki")) as {
      at: string;
      value: string;
    }[];
    const lie = [...planted, { at: new Date().toISOString(), value: "canary-never-planted-0000" }];
    expect(attemptInside("wiki", ["vigie-canary", "find", planted.at(-1)!.value]).code).toBe(0);
    const missed = attemptInside("wiki", ["vigie-canary", "find", lie.at(-1)!.value]);
    expect([missed.code, missed.stderr]).toEqual([1, expect.stringContaining("does not show the value")]);
  });

  it("that does not work is told by the lookout, as the reason that it is", async () => {
    // A program that plants and keeps nothing.
    attemptInside(
      "backup",
      ["vigie-backup", "note", "proof-wiki", "--write"],
      JSON.stringify({
        service: "wiki",
        at: new Date().toISOString(),
        ok: false,
        reason: "it does not start on what was restored",
        seconds: 1,
      }),
    );
    await eventually(() => {
      const answer = probe("wiki");
      expect(answer).toMatch(/^probe_success 0$/m);
    }, 30);
    expect((await prove("wiki")).code).toBe(0);
    await eventually(() => expect(probe("wiki")).toMatch(/^probe_success 1$/m), 30);
  });

  it("of a service that is not saved is refused", async () => {
    const { code, stderr } = await prove("prometheus");
    expect(code).not.toBe(0);
    expect(stderr).toContain("is not backed up");
  });
});
