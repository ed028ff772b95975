import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toolchain } from "../../cli/places.ts";
import { run } from "../../cli/run.ts";

/** Stands for Go: notes that it was called, and builds programs that do nothing. */
const GO = `#!/bin/sh
echo "$*" >> "$GO_CALLS"
[ -z "$GO_FAILS" ] || { echo "no such module" >&2; exit 1; }
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\nexit 0\\n' > "$2"
chmod +x "$2"
`;

let folder: string;
let calls: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vigie-toolchain-"));
  calls = join(folder, "calls");
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/go"), GO);
  chmodSync(join(folder, "bin/go"), 0o755);
});
afterEach(() => rmSync(folder, { recursive: true }));

const install = (words: string[] = [], env: NodeJS.ProcessEnv = {}) =>
  run("bash", [toolchain("install.sh"), ...words], {
    env: {
      ...process.env,
      PATH: `${folder}/bin:${process.env.PATH}`,
      XDG_CACHE_HOME: `${folder}/cache`,
      GO_CALLS: calls,
      ...env,
    },
  });
const goCalls = (): number => (existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n").length : 0);
const leftInCache = (): string[] =>
  readdirSync(join(folder, "cache/vigie/toolchain")).filter((name) => name.startsWith("tmp."));

describe.skipIf(process.platform !== "linux")("install.sh", { timeout: 30_000 }, () => {
  it("builds once, says what it does on stderr, and prints the folder alone on stdout", async () => {
    const { code, stdout, stderr } = await install();
    expect(stderr).toMatch(/Building the Pulumi CLI v3\.\d+\.\d+[\s\S]*done in \d+ s[\s\S]*docker plugin/);
    expect(code).toBe(0);
    for (const program of ["pulumi", "pulumi-language-nodejs"])
      expect(existsSync(join(stdout.trim(), "bin", program)), program).toBe(true);
    expect(leftInCache()).toEqual([]);

    const again = await install();
    expect(again).toEqual({ code: 0, stdout, stderr: "" });
    expect(goCalls()).toBe(2);
  });

  it("builds each part once when two start together", async () => {
    const [one, other] = await Promise.all([install(), install()]);
    expect([one.code, other.code]).toEqual([0, 0]);
    expect(one.stdout).toBe(other.stdout);
    expect(goCalls()).toBe(2);
  });

  it("keeps the parts that are built when another has to be built again", async () => {
    await install();
    const cache = join(folder, "cache/vigie/toolchain");
    const plugin = readdirSync(cache).find((name) => name.startsWith("docker-plugin-"))!;
    rmSync(join(cache, plugin));
    expect((await install(["--check"])).code).toBe(1);
    await install();
    expect(goCalls()).toBe(3);
  });

  it("tells with --check whether it is built, and builds nothing", async () => {
    expect(await install(["--check"])).toMatchObject({ code: 1, stdout: "" });
    expect(goCalls()).toBe(0);
    const { stdout } = await install();
    expect(await install(["--check"])).toMatchObject({ code: 0, stdout });
  });

  it("shows why a build failed, and leaves nothing half-made", async () => {
    const { code, stdout, stderr } = await install([], { GO_FAILS: "1" });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/failed:\nno such module/);
    expect(leftInCache()).toEqual([]);
    expect((await install()).code).toBe(0);
  });

  it("clears what a killed build left", async () => {
    mkdirSync(join(folder, "cache/vigie/toolchain/tmp.old"), { recursive: true });
    await install();
    expect(leftInCache()).toEqual([]);
  });

  it("refuses words that it does not know", async () => {
    expect(await install(["--chekc"])).toMatchObject({ code: 2, stderr: "usage: install.sh [--check]\n" });
  });
});
