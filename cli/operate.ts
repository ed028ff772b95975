import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { errorsIn, explainFailures, type Failure } from "./failures.ts";
import { repair } from "./interrupted.ts";
import { freeStack } from "./locks.ts";
import { LOCAL } from "./places.ts";
import { type Progress, startProgress, terminal } from "./progress.ts";
import { Refusal } from "./refusal.ts";
import { say } from "./say.ts";
import type { OpenStack } from "./stack.ts";

/** What shells give for a program that Ctrl-C ended. */
const INTERRUPTED = 130;

/** What an operation is given to report and to be stopped by. */
export interface Handles {
  onEvent: (event: EngineEvent) => void;
  signal: AbortSignal;
}

/** Tells an operation that was cut short even where the state is kept elsewhere, or its lock was removed by hand. */
const markOf = (stack: string): string => join(LOCAL, `at-work-${stack}`);

/**
 * Frees and repairs a stack where the last command on it was interrupted. Before anything is concluded from its state: that
 * of a stack that is being changed is half of two.
 *
 * @throws {Refusal} where another command is at work on it
 */
export async function takeUp(open: OpenStack): Promise<void> {
  const left = await freeStack(open);
  const mark = markOf(open.stack.name);
  if (left || existsSync(mark)) await repair(open);
  rmSync(mark, { force: true });
}

/**
 * Runs an operation of Pulumi that changes a stack: takes it up, shows progress, turns failures into words, and passes on a
 * request to stop.
 *
 * @throws {Refusal} with every failure explained
 */
export async function operate<T>(
  open: OpenStack,
  operation: (handles: Handles) => Promise<T>,
): Promise<{ result: T; progress: Progress }> {
  await takeUp(open);
  const mark = markOf(open.stack.name);
  mkdirSync(LOCAL, { recursive: true, mode: 0o700 });
  writeFileSync(mark, `${process.pid}\n`);

  const progress = startProgress(terminal());
  const stop = watchForStop();
  try {
    return { result: await operation({ onEvent: progress.onEvent, signal: stop.signal }), progress };
  } catch (error) {
    const failures = progress.stop();
    if (stop.asked())
      throw new Refusal(
        { what: "Interrupted. What was done is kept", fix: "The same command goes on from there" },
        INTERRUPTED,
      );
    throw asRefusal(error, failures, open.stack.name);
  } finally {
    progress.stop();
    stop.release();
    rmSync(mark, { force: true });
  }
}

/** An error of the Automation API as words; others as they are. */
export function asRefusal(error: unknown, failures: readonly Failure[], stack: string): unknown {
  if (!(error instanceof Error) || !("commandResult" in error)) return error;
  const all = failures.length > 0 ? failures : errorsIn(error.message).map((message): Failure => ({ message }));
  return new Refusal(
    all.length > 0 ? explainFailures(all, stack) : [{ what: error.message, fix: "This is all that Pulumi said" }],
  );
}

let watching = 0;
/** Whether an operation is under way, which is told of a request to stop by itself. */
export const isOperating = (): boolean => watching > 0;

/** A request to stop, by Ctrl-C or a signal, passed on so that the operation ends cleanly. */
function watchForStop(): { signal: AbortSignal; asked: () => boolean; release: () => void } {
  const stopping = new AbortController();
  let asked = false;
  const stop = (signal: NodeJS.Signals) => {
    if (!asked) say.warn("Stopping: what is under way is finished first");
    asked = true;
    // A terminal sends Ctrl-C to the CLI as well, and a second one would make it drop what is under way.
    if (signal !== "SIGINT" || !process.stdin.isTTY) stopping.abort();
  };
  process.on("SIGINT", stop).on("SIGTERM", stop).on("SIGHUP", stop);
  watching++;
  return {
    signal: stopping.signal,
    asked: () => asked,
    release: () => {
      watching--;
      process.off("SIGINT", stop).off("SIGTERM", stop).off("SIGHUP", stop);
    },
  };
}
