import { accessSync, constants, existsSync } from "node:fs";
import { join } from "node:path";
import { toolchain } from "./places.ts";
import { Refusal } from "./refusal.ts";
import { run } from "./run.ts";
import { say } from "./say.ts";

/** A program that tests use as a member or a volunteer would, and the Debian package that has it. */
interface Tool {
  program: string;
  package: string;
  browser?: boolean;
}

export const tools: readonly Tool[] = [
  { program: "smbclient", package: "smbclient" },
  { program: "promtool", package: "prometheus" },
  { program: "prometheus-alertmanager", package: "prometheus-alertmanager" },
  { program: "restic", package: "restic" },
  { program: "ip", package: "iproute2" },
  { program: "docker-registry", package: "docker-registry" },
  { program: "ssh", package: "openssh-client" },
  { program: "sshd", package: "openssh-server" },
  { program: "chromium", package: "chromium", browser: true },
];

/** Has the programs that tests need: installs them on a Debian machine where we are root, else says what to type. */
export async function ensureTools(browser: boolean): Promise<void> {
  const wanted = tools.filter((tool) => browser || !tool.browser);
  if (missing(wanted).length === 0) return;
  const packages = missing(wanted).map((tool) => tool.package);
  if (process.getuid?.() === 0 && existsSync("/etc/debian_version")) {
    say.step(`Installing what the tests use: ${packages.join(", ")}`);
    await run("bash", [toolchain("packages.sh"), ...packages], { onLine: (line) => say.line(`  ${line}`) });
  }
  const still = missing(wanted);
  if (still.length > 0)
    throw new Refusal({
      what: `The tests use programs that are not installed: ${still.map(({ program }) => program).join(", ")}`,
      fix: `sudo apt-get install ${still.map((tool) => tool.package).join(" ")}   (Debian's names; or npm run test:unit, which needs none)`,
    });
}

/** sbin is not on every user's PATH, and that is where Debian puts sshd. */
const folders = (): string[] => [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/sbin"];

const missing = (wanted: readonly Tool[]): Tool[] =>
  wanted.filter(({ program }) => !folders().some((folder) => executable(join(folder, program))));

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
