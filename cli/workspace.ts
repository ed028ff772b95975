import { existsSync, globSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ensurePassphrase } from "./passphrase.ts";
import { LOCAL, ROOT } from "./places.ts";
import { settingsFiles } from "./settings.ts";

/** Where Pulumi keeps what it knows, and how it protects secrets. */
export interface Workspace {
  /** Variables for the Pulumi CLI. */
  env: Record<string, string>;
  /** The folder of the local state, where the state is local. */
  stateFolder?: string;
}

/**
 * The project's own choice, a local folder and a passphrase file, unless the user chose another in the environment
 * (`PULUMI_BACKEND_URL`, `PULUMI_CONFIG_PASSPHRASE`, `PULUMI_CONFIG_PASSPHRASE_FILE`).
 *
 * @param root the project's folder; `local` is its `.vigie`
 * @throws {Refusal} where the passphrase file is lost or readable by others
 */
export function openWorkspace(environment: NodeJS.ProcessEnv = process.env, root = ROOT, local = LOCAL): Workspace {
  const env: Record<string, string> = { PULUMI_SKIP_UPDATE_CHECK: "true" };
  const workspace: Workspace = { env };

  const chosen = environment.PULUMI_BACKEND_URL;
  if (!chosen) {
    workspace.stateFolder = join(local, "state");
    env.PULUMI_BACKEND_URL = pathToFileURL(workspace.stateFolder).href;
  } else if (chosen.startsWith("file:///")) {
    // A folder of the user's own choice: what an interrupted command left in it is found there too.
    workspace.stateFolder = fileURLToPath(chosen);
  }
  if (environment.PULUMI_CONFIG_PASSPHRASE === undefined && !environment.PULUMI_CONFIG_PASSPHRASE_FILE) {
    const path = join(local, "passphrase");
    ensurePassphrase(path, dependants(root, local, workspace.stateFolder));
    env.PULUMI_CONFIG_PASSPHRASE_FILE = path;
  }
  if (workspace.stateFolder) mkdirSync(workspace.stateFolder, { recursive: true, mode: 0o700 });
  return workspace;
}

/** What the passphrase protects already, in words. */
function dependants(root: string, local: string, stateFolder: string | undefined): string[] {
  const stacks =
    stateFolder && existsSync(stateFolder) ? globSync(".pulumi/stacks/**/*.json", { cwd: stateFolder }) : [];
  // Stacks of the tests have passphrases of their own.
  const salted = settingsFiles(root, local).filter(
    (file) => !basename(file).startsWith("Pulumi.test-") && /^encryptionsalt:/m.test(readFileSync(file, "utf8")),
  );
  return [
    ...(stacks.length > 0 ? [`the state in ${stateFolder}`] : []),
    ...salted.map((file) => `the secrets in ${relative(root, file)}`),
  ];
}
