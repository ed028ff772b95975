import { run } from "../../cli/run.ts";
import { fromHtml, lookoutPage } from "./web.ts";

/** The commands of a runbook, one block of the page an entry, as the lookout shows them to somebody on call. */
export async function commandsOf(path: string): Promise<string[]> {
  const html = await lookoutPage(path, "lea-martin");
  return [...html.matchAll(/<pre><code[^>]*>([\s\S]*?)<\/code><\/pre>/g)].map(([, code]) => fromHtml(code!).trim());
}

/** The block of a runbook that matches. */
export async function commandLike(path: string, pattern: RegExp): Promise<string> {
  const all = await commandsOf(path);
  const found = all.find((block) => pattern.test(block));
  if (found === undefined) throw new Error(`no command of ${path} is like ${pattern}:\n${all.join("\n\n")}`);
  return found;
}

/** Types it into a shell. @throws with what it said, where a line of it fails */
export async function type(commands: string): Promise<string> {
  const { code, stdout, stderr } = await run("bash", ["-euo", "pipefail", "-c", commands]);
  if (code !== 0) throw new Error(`exit code ${code} of:\n${commands}\n${stdout}${stderr}`);
  return stdout;
}
