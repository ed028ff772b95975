import { askAgent, dockerWords } from "../recovery/agent.ts";
import type { Saved } from "../recovery/subject.ts";
import { Refusal } from "../refusal.ts";
import { type Ended, run } from "../run.ts";
import { newValue, type Planted, PROGRAM, readPlanted, remember } from "./canary.ts";
import { runWith } from "./scratch.ts";

/** What the program ends with where this service, as it is declared, has nowhere to plant anything. */
const UNAVAILABLE = 69;

/** Plants a value in the running service, where its image knows how. @returns all that were ever planted */
export async function plant(saved: Saved): Promise<Planted> {
  const exec = (...words: string[]) => run("docker", dockerWords(saved, "exec", saved.service.container!, ...words));
  const name = `canary-${saved.service.id}`;
  const before = readPlanted((await askAgent(saved, "note", name)).stdout);
  if ((await exec("test", "-x", PROGRAM)).code !== 0) return before;
  const now = new Date();
  const value = newValue(now);
  const { code, stdout, stderr } = await exec(PROGRAM, "plant", value);
  if (code === UNAVAILABLE) return before;
  if (code !== 0)
    throw new Refusal({
      what: `no value could be planted: ${(stderr + stdout).trim().slice(-300)}`,
      fix: "npm run up",
    });
  const after = remember(before, now, value);
  await note(saved, name, after);
  return after;
}

/** Has the running service look for a value by its own means. */
export const findPlanted = (saved: Saved, value: string): Promise<Ended> =>
  run("docker", dockerWords(saved, "exec", saved.service.container!, PROGRAM, "find", value));

/** Has the agent keep something, beside its cache. */
export async function note(saved: Saved, name: string, value: unknown): Promise<void> {
  const { code, stderr } = await runWith(
    JSON.stringify(value),
    dockerWords(saved, "exec", "--interactive", saved.agent, "vigie-backup", "note", name, "--write"),
  );
  if (code !== 0) throw new Refusal({ what: `the agent keeps no note: ${stderr}`, fix: "npm run up" });
}
