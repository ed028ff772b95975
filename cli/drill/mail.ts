import { existsSync } from "node:fs";
import { run } from "../run.ts";
import { say } from "../say.ts";

const RULE = ["FORWARD", "-o", "eth0", "-p", "tcp", "-m", "multiport", "--dports", "25,465,587", "-j", "DROP"];

/**
 * Keeps the drill's engine from sending mail to the outside: a rebuilt service might have something in its queue.
 * Engines that `engine.sh` made have a network namespace of their own, where this is possible; of others it is said.
 *
 * @returns whether mail is held back
 */
export async function holdMailBack(engine: string): Promise<boolean> {
  const name = /^unix:\/\/\/run\/(vigie-[a-z0-9]+)\.sock$/.exec(engine)?.[1];
  if (name !== undefined && existsSync(`/run/netns/${name}`)) {
    const inside = [`--net=/run/netns/${name}`, "iptables"];
    if ((await run("nsenter", [...inside, "--check", ...RULE])).code === 0) return true;
    if ((await run("nsenter", [...inside, "--insert", ...RULE])).code === 0) return true;
  }
  say.warn("Mail cannot be held back on this engine: see to it that its machine reaches no port 25, 465 or 587");
  return false;
}
