import { hold, holderOf } from "../hold.ts";
import { isOperating } from "../operate.ts";
import { LOCAL } from "../places.ts";
import { say } from "../say.ts";
import { type Journal, readJournal } from "./journal.ts";

const nameOf = (stack: string): string => `upgrade-${stack}`;
const COMMANDS = ["upgrade"];

/** One upgrade of a stack at a time: a second would take the first for an interrupted one, and two of Pulumi's operations exclude each other. */
export const holdUpgrade = (stack: string, local = LOCAL): (() => void) =>
  hold(
    nameOf(stack),
    COMMANDS,
    (pid) => ({
      what: `An upgrade is at work on ${stack}: process ${pid}. Nothing was touched`,
      fix: "Wait for its end, then try again",
    }),
    local,
  );

/** The process that upgrades something of a stack right now. */
export const upgradeAtWork = (stack: string, local = LOCAL): number | undefined =>
  holderOf(nameOf(stack), COMMANDS, local);

/** What a stopped upgrade leaves, and what to do. Pure. */
export function describeLeft(journal: Pick<Journal, "phase" | "service" | "stack"> | undefined): string {
  if (journal === undefined || journal.phase === "prepared" || journal.phase === "kept" || journal.phase === "undone")
    return "Interrupted: nothing was touched";
  const again = `npm run upgrade -- ${journal.service} --stack ${journal.stack}`;
  return `Interrupted: ${journal.service} is neither upgraded nor back, and may be stopped. ${again}   goes on; with --undo, it goes back`;
}

/**
 * Tells what is left where the command is asked to stop, and ends it; while an operation of Pulumi runs, that one is asked, which
 * finishes what is under way and tells as much. @returns what ends that
 */
export function tellWhenStopped(stack: string, service: string): () => void {
  const stop = (): void => {
    if (isOperating()) return;
    say.warn(describeLeft(readJournal(stack, service)));
    process.exit(INTERRUPTED);
  };
  process.on("SIGINT", stop).on("SIGTERM", stop).on("SIGHUP", stop);
  return () => void process.off("SIGINT", stop).off("SIGTERM", stop).off("SIGHUP", stop);
}

/** What shells give for a program that Ctrl-C ended. */
const INTERRUPTED = 130;
