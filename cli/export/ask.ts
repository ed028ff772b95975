import { Refusal } from "../refusal.ts";
import type { Ended } from "../run.ts";
import type { Answer, Ask } from "./gather.ts";

/** Addresses asked for at once: an argument of a program has 128 KiB at most. */
const AT_ONCE = 200;

/** Fetches addresses inside the lookout's container, as anybody would: without the proof that opens internal pages. */
const script = (port: number, addresses: readonly string[]): string => `
const all = ${JSON.stringify(addresses)};
const answers = [];
for (const address of all) {
  const answer = await fetch("http://127.0.0.1:${port}" + address, { redirect: "manual", signal: AbortSignal.timeout(25000) });
  answers.push({ status: answer.status, body: await answer.text() });
}
process.stdout.write(JSON.stringify(answers));`;

/** @param node runs Node's program with these words, where the lookout listens on its own `port` */
export const askBy =
  (node: (words: readonly string[]) => Promise<Ended>, port: number): Ask =>
  async (addresses) => {
    const answers: Answer[] = [];
    for (let from = 0; from < addresses.length; from += AT_ONCE) {
      const part = addresses.slice(from, from + AT_ONCE);
      const { code, stdout, stderr } = await node(["--input-type=module", "--eval", script(port, part)]);
      if (code !== 0)
        throw new Refusal({
          what: `The lookout cannot be asked: ${stderr.trim().split("\n").findLast(Boolean) ?? `exit code ${code}`}`,
          fix: "`npm run up` brings it up; what was exported before stays as it is",
        });
      answers.push(...(JSON.parse(stdout) as Answer[]));
    }
    return answers;
  };
