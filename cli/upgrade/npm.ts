import { ROOT } from "../places.ts";
import { run } from "../run.ts";

/** An npm package of the project that has a newer version. */
export interface NpmUpdate {
  readonly package: string;
  readonly from: string;
  /** The newest that `package.json` allows, and the newest of all. */
  readonly wanted: string;
  readonly latest: string;
}

/** Asks npm about the packages that images run with. @throws where its registry is not reached */
export async function npmUpdates(): Promise<NpmUpdate[]> {
  // Exit code 1 means that something is outdated.
  const { code, stdout, stderr } = await run("npm", ["outdated", "--json", "--omit=dev"], {
    cwd: ROOT,
    timeout: 60_000,
  });
  if (code !== 0 && stdout.trim() === "")
    throw new Error(`npm: ${stderr.trim().split("\n")[0] ?? `exit code ${code}`}`);
  return parseOutdated(stdout);
}

/** What `npm outdated --json` says. Pure. @throws where npm reports an error of its own */
export function parseOutdated(text: string): NpmUpdate[] {
  const found = JSON.parse(text.trim() || "{}") as Record<string, unknown>;
  const error = found.error as { summary?: string } | undefined;
  if (error?.summary !== undefined) throw new Error(`npm: ${error.summary}`);
  return Object.entries(found).flatMap(([name, value]) => {
    const { current, wanted, latest } = (Array.isArray(value) ? value[0] : value) as Record<string, unknown>;
    if (typeof current !== "string" || typeof wanted !== "string" || typeof latest !== "string") return [];
    return current === latest ? [] : [{ package: name, from: current, wanted, latest }];
  });
}
