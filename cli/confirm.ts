import { createInterface } from "node:readline/promises";
import { Refusal } from "./refusal.ts";

/** Goes on over live data only with the service's name typed, or `--yes`. @throws {Refusal} otherwise */
export async function confirm(service: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY)
    throw new Refusal({
      what: "Nobody is here to confirm: nothing was touched",
      fix: "Add --yes if this is what you want",
    });
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question(`Type ${service} to go on: `);
  prompt.close();
  if (answer.trim() !== service)
    throw new Refusal({ what: "That is not its name: nothing was touched", fix: `Type ${service} to confirm` });
}
