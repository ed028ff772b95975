import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { TestProject } from "vitest/node";
import { ROOT } from "../../cli/places.ts";
import type { Ended } from "../../cli/run.ts";
import { forgetSettings, writtenSettings } from "../../cli/settings.ts";
import { type Demo, docker, readDemo, STACK, vigie } from "./demo.ts";
import { settingsFor } from "./names.ts";

/** Beside the developer's own demo: other ports, and a state of its own outside the checkout. */
const SETTINGS_FILE = writtenSettings(STACK);

/** The same at each run of one checkout, so that what an interrupted run left is taken up by the next. */
const FOLDER = join(tmpdir(), `vigie-${STACK}`);
const PASSPHRASE = join(FOLDER, "passphrase");
const OUT = join(ROOT, "test", "out");

/** With it set, the demo stays up, for the next run of the tests to find. */
const KEEP = "VIGIE_TEST_KEEP";

/** Tests that bring up what they need by themselves: run alone, they do not wait for the demo. */
const WITHOUT_DEMO = [
  "backup-copy.test.ts",
  "backup-destinations.test.ts",
  "backup-dumps.test.ts",
  "backup-faults.test.ts",
  "cli.test.ts",
  "clocks.test.ts",
  "contacts.test.ts",
  "exporter.test.ts",
  "hostile.test.ts",
  "hostile-shown.test.ts",
  "lists.test.ts",
  "notifications.test.ts",
  "mail.test.ts",
  "metrics.test.ts",
  "prove.test.ts",
  "rebuild.test.ts",
  "recovery.test.ts",
  "registry.test.ts",
  "rules.test.ts",
  "second-host.test.ts",
  "toolchain.test.ts",
];

/** Brings the demo up as a user would, and takes it down with its data in the end. */
export default async function setUp(project: TestProject): Promise<undefined | (() => Promise<void>)> {
  if (!wantsDemo(project)) return undefined;
  const env = prepare();
  const began = performance.now();
  const up = await vigie(["up", "--stack", STACK], env);
  const transcript = join(OUT, `up-${STACK}.log`);
  mkdirSync(OUT, { recursive: true });
  writeFileSync(transcript, up.stderr + up.stdout);
  if (up.code !== 0) {
    if (!process.env[KEEP]) await takeDown(env);
    throw new Error(`the demo does not come up:\n${up.stderr}`);
  }
  process.stderr.write(`The demo is up in ${Math.round((performance.now() - began) / 1000)} s\n`);
  project.provide("demo", { ...(await describe(env)), env, transcript });
  return async () => {
    if (!process.env[KEEP]) await takeDown(env);
  };
}

/** Whether any of the files that are about to be run needs it. */
const wantsDemo = ({ name, vitest }: TestProject): boolean =>
  vitest.state.getPaths().some((file) => file.includes(`/test/${name}/`) && !WITHOUT_DEMO.includes(basename(file)));

function prepare(): Record<string, string> {
  if (!existsSync(PASSPHRASE)) {
    mkdirSync(join(FOLDER, "state"), { recursive: true, mode: 0o700 });
    writeFileSync(PASSPHRASE, randomBytes(24).toString("base64url"), { mode: 0o600 });
    forgetSettings(STACK);
    writeFileSync(SETTINGS_FILE, settingsFor("real"));
  }
  return {
    PULUMI_BACKEND_URL: pathToFileURL(join(FOLDER, "state")).href,
    PULUMI_CONFIG_PASSPHRASE_FILE: PASSPHRASE,
  };
}

async function describe(env: Record<string, string>): Promise<Omit<Demo, "env" | "transcript">> {
  const outputs = succeeded(
    await vigie(["pulumi", "stack", "output", "--stack", STACK, "--json", "--show-secrets"], env),
  );
  const { urls, passwords } = JSON.parse(outputs) as Pick<Demo, "urls" | "passwords">;
  const { prefix } = (await readDemo()).deployment;
  const authority = docker("exec", `${prefix}-proxy`, "cat", "/var/lib/caddy/caddy/pki/authorities/local/root.crt");
  return { prefix, urls, passwords, authority };
}

async function takeDown(env: Record<string, string>): Promise<void> {
  if (!existsSync(PASSPHRASE)) return; // the other suite of the same run has taken it down
  const down = await vigie(["down", "--stack", STACK, "--yes-delete-data", STACK], env);
  if (down.code !== 0) throw new Error(`the demo does not go down; its state is kept in ${FOLDER}:\n${down.stderr}`);
  rmSync(SETTINGS_FILE, { force: true });
  forgetSettings(STACK);
  rmSync(FOLDER, { recursive: true, force: true });
}

function succeeded({ code, stdout, stderr }: Ended): string {
  if (code !== 0) throw new Error(stderr);
  return stdout;
}
