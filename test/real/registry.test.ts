import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { defaultEndpoint } from "../../cli/engine.ts";
import { digestOf, newerTags, parseReference, tagsOf } from "../../cli/upgrade/registry.ts";

let registry = "";
let stop: () => Promise<void> = async () => {};
const folder = mkdtempSync(join(tmpdir(), "vigie-registry-"));
const docker = (words: string[], input?: Buffer): string =>
  execFileSync("docker", ["--host", defaultEndpoint(), ...words], {
    encoding: "utf8",
    ...(input ? { input } : {}),
    stdio: ["pipe", "pipe", "pipe"],
  });

/** Pushes an image with one file in it. @returns the digest that the registry gave it */
function push(tag: string, content: string): string {
  writeFileSync(join(folder, "file"), content);
  const tar = execFileSync("tar", ["--create", "--directory", folder, "file"]);
  const name = `${registry}/tilleuls/site:${tag}`;
  docker(["import", "-", name], tar);
  const said = docker(["push", name]);
  docker(["rmi", name]);
  return /digest: (sha256:[0-9a-f]{64})/.exec(said)![1]!;
}

beforeAll(async () => {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { port: number };
  probe.close();
  registry = `127.0.0.1:${port}`;
  const config = join(folder, "config.yml");
  writeFileSync(
    config,
    `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${join(folder, "data")}}}\nhttp: {addr: "${registry}"}\n`,
  );
  const child = spawn("docker-registry", ["serve", config], { stdio: "ignore" });
  stop = async () => {
    const ended = once(child, "exit");
    child.kill();
    await ended;
  };
  await vi.waitFor(async () => expect((await fetch(`http://${registry}/v2/`)).status).toBe(200), 30_000);
}, 60_000);

afterAll(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("an image in a registry", () => {
  it("is another one once its tag was pushed again, and has newer tags", async () => {
    const reference = parseReference(`${registry}/tilleuls/site:1.2.0`);
    const first = push("1.2.0", "one");
    expect(await digestOf(reference)).toBe(first);
    const second = push("1.2.0", "two");
    expect(second).not.toBe(first);
    expect(await digestOf(reference)).toBe(second);
    push("1.10.0", "three");
    push("2.0.0-rc1", "four");
    expect(newerTags("1.2.0", await tagsOf(reference))).toEqual(["1.10.0"]);
  }, 60_000);

  it("that is not there, or whose registry is away, is told in words", async () => {
    await expect(digestOf(parseReference(`${registry}/tilleuls/none:1`))).rejects.toThrow(
      /answers 404 about tilleuls\/none/,
    );
    await expect(digestOf(parseReference("127.0.0.1:1/x:1"))).rejects.toThrow(/127\.0\.0\.1:1 is not reached/);
  });
});
