#!/usr/bin/env node
// The only file that an older Node (18 or later) must be able to run: it installs what `package-lock.json` names, among
// which is Node 24 itself, then hands over to `cli/main.ts` under that Node. It may import nothing but Node's own modules.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const OLDEST = 18;
const NEEDED = 24;

/**
 * What `package-lock.json` asks for and `node_modules` lacks, by comparing it with the record that npm keeps of what it
 * installed: an `npm install` made by hand counts, an interrupted one does not (npm writes its record last).
 * @param {{packages: Record<string, any>}} lock package-lock.json
 * @param {{packages: Record<string, any>} | undefined} installed node_modules/.package-lock.json
 * @returns {string[]} paths such as `node_modules/zod`
 */
export function missingPackages(lock, installed) {
  const present = installed?.packages ?? {};
  return Object.entries(lock.packages)
    .filter(([path, wanted]) => {
      if (!path.startsWith("node_modules/") || wanted.link) return false;
      const found = present[path];
      // Optional packages are those of other platforms: npm leaves them out.
      if (found === undefined) return !wanted.optional && !wanted.devOptional && !wanted.peer;
      return found.version !== wanted.version || found.integrity !== wanted.integrity;
    })
    .map(([path]) => path);
}

/** @param {string} path */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

const node = join(root, "node_modules", ".bin", "node");

function installedNodeWorks() {
  const { stdout } = spawnSync(node, ["--version"], { encoding: "utf8" });
  return Number(/^v(\d+)\./.exec(stdout ?? "")?.[1]) >= NEEDED;
}

/** Why packages have to be installed, in words; undefined where nothing has to be. */
function reasonToInstall() {
  const lock = readJson(join(root, "package-lock.json"));
  if (lock === undefined) return "package-lock.json cannot be read";
  if (!existsSync(join(root, "node_modules"))) return "first time";
  const missing = missingPackages(lock, readJson(join(root, "node_modules", ".package-lock.json")));
  if (missing.length > 0) return `${missing.length} packages changed since the last time`;
  return installedNodeWorks() ? undefined : `Node ${NEEDED} is missing`;
}

/** Runs `npm ci`, keeping its output for the case where it fails. @param {string} reason */
async function install(reason) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  process.stderr.write(`Installing npm packages (${reason}) …\n`);
  const ticker = setInterval(() => process.stderr.write(`  still installing after ${seconds()} s\n`), 15_000);
  const child = spawn("npm", ["ci", "--no-progress"], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const { code, error } = await ended(child);
  clearInterval(ticker);
  if (error) fail(`npm cannot be started (${error.message}): install it with Node.js, https://nodejs.org`);
  if (code !== 0)
    fail(`\`npm ci\` failed:\n${reasons(output)}\nCheck that this machine reaches the npm registry, then try again.`);
  if (!installedNodeWorks())
    fail(
      `Node ${NEEDED} was not installed: its package runs an install script. Check that \`npm config get ignore-scripts\` is false, then run \`npm ci\`.`,
    );
  process.stderr.write(`  done in ${seconds()} s\n`);
}

/** What npm says went wrong, without its warnings and its manual. @param {string} output */
function reasons(output) {
  const [said = ""] = output.split(/^npm error Clean install a project/m);
  const lines = said.split("\n").filter((line) => line.trim() !== "" && !/^npm (warn|notice)|^npm error$/.test(line));
  return lines.slice(0, 25).join("\n");
}

/** @param {import("node:child_process").ChildProcess} child @returns {Promise<{code: number, error?: Error}>} */
function ended(child) {
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ code: 1, error }));
    child.on("close", (code, signal) =>
      resolve({ code: code ?? 128 + (constants.signals[signal ?? "SIGTERM"] ?? 15) }),
    );
  });
}

/** @param {string} words @returns {never} */
function fail(words) {
  process.stderr.write(`vigie: ${words}\n`);
  process.exit(1);
}

async function main() {
  if (Number(process.versions.node.split(".")[0]) < OLDEST)
    fail(
      `Node ${process.versions.node} is too old: install Node ${NEEDED} from https://nodejs.org or your system's packages`,
    );
  const reason = reasonToInstall();
  if (reason !== undefined) await install(reason);

  const path = `${join(root, "node_modules", ".bin")}${delimiter}${process.env.PATH ?? ""}`;
  const child = spawn(
    node,
    ["--disable-warning=ExperimentalWarning", join(root, "cli", "main.ts"), ...process.argv.slice(2)],
    {
      stdio: "inherit",
      // fetch follows HTTPS_PROXY only when asked to.
      env: { ...process.env, PATH: path, NODE_USE_ENV_PROXY: "1" },
    },
  );
  // A terminal's Ctrl-C reaches the child by itself, and the child decides when to end.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"])
    process.on(signal, () => child.kill(/** @type {NodeJS.Signals} */ (signal)));
  const { code, error } = await ended(child);
  if (error) fail(`Node ${NEEDED} cannot be started: ${error.message}`);
  process.exitCode = code;
}

// Tests import this file for its pure part.
if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
