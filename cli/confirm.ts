import { createInterface } from "node:readline/promises";
import { Refusal } from "./refusal.ts";

/**
 * Goes on over live data only with the name of what it belongs to typed, or the flag that says so.
 * @param flag what says it where nobody can type
 * @throws {Refusal} otherwise
 */
export async function confirm(name: string, yes: boolean, flag = "--yes"): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY)
    throw new Refusal({
      what: "Nobody is here to confirm: nothing was touched",
      fix: `Add ${flag} if this is what you want`,
    });
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question(`Type ${name} to go on: `);
  prompt.close();
  if (answer.trim() !== name)
    throw new Refusal({ what: "That is not its name: nothing was touched", fix: `Type ${name} to confirm` });
}
