import { feed } from "../drill/feed.ts";
import { Refusal } from "../refusal.ts";

/** A newer version of an installed Debian package. */
export interface Update {
  readonly package: string;
  readonly from: string;
  readonly to: string;
  /** From Debian's security archive. */
  readonly security: boolean;
}

/** Where lists of packages are read; its sources are those that images are built with. */
const BASE = "debian:trixie-slim";

/**
 * Asks Debian which installed packages have newer versions: apt itself simulates the upgrade of each image's record of packages,
 * so that holds, suites and versions are compared by its rules. The lists are fetched once, in a container that is thrown away.
 *
 * @param statuses dpkg's status file of each image, by any name
 * @throws {Refusal} where the archive is not reached
 */
export async function updatesFor(
  engine: string,
  statuses: Readonly<Record<string, string>>,
): Promise<Record<string, Update[]>> {
  const names = Object.keys(statuses).filter((name) => statuses[name] !== "");
  if (names.length === 0) return {};
  const script = [
    "set -e; mkdir /tmp/s; cd /tmp/s",
    // Each file is announced by its length: what is in it stays data.
    'while read -r name size; do head -c "$size" >"$name"; done',
    // The lists are parsed once for all images: a second each instead of five.
    "apt-get -o Acquire::Retries=2 -o APT::Update::Error-Mode=any update -qq >&2",
    'for name in *; do echo "image $name"; apt-get -s -o Dir::State::status=/tmp/s/"$name" -o Dir::Cache::srcpkgcache=/tmp/lists.bin -o Debug::NoLocking=1 dist-upgrade | grep ^Inst || true; done',
  ].join("\n");
  const input = Buffer.concat(
    names.flatMap((name, index) => {
      const content = Buffer.from(statuses[name]!);
      return [Buffer.from(`${index} ${content.length}\n`), content];
    }),
  );
  const words = ["--host", engine, "run", "--rm", "--interactive", "--memory", "512m", "--cap-drop", "ALL"];
  // apt hands its downloads to a user of its own.
  const capabilities = ["SETUID", "SETGID", "CHOWN", "DAC_OVERRIDE", "FOWNER"].flatMap((name) => ["--cap-add", name]);
  let said: string;
  try {
    said = await feed("docker", [...words, ...capabilities, "--entrypoint", "bash", BASE, "-c", script], input);
  } catch (error) {
    throw new Refusal({
      what: `Debian's archive cannot be asked: ${(error as Error).message.split("\n")[0]}`,
      fix: "Containers of the engine have to reach deb.debian.org and security.debian.org",
    });
  }
  const found = parseSimulation(said);
  return Object.fromEntries(names.map((name, index) => [name, found[String(index)] ?? []]));
}

/** `Inst` lines of `apt-get --simulate`, each image's after a line with its name; new dependencies are no updates. Pure. */
export function parseSimulation(text: string): Record<string, Update[]> {
  const found: Record<string, Update[]> = {};
  let current: Update[] = [];
  for (const line of text.split("\n")) {
    const [, name] = /^image (\S+)$/.exec(line) ?? [];
    if (name !== undefined) {
      current = [];
      found[name] = current;
    }
    const [, pkg, from, to, origin] = /^Inst (\S+) \[([^\]]+)\] \((\S+) (.*?) \[\w+\]\)/.exec(line) ?? [];
    if (pkg && from && to) current.push({ package: pkg, from, to, security: /security/i.test(origin ?? "") });
  }
  return found;
}
