import { spawn } from "node:child_process";
import { constants } from "node:os";
import { createInterface } from "node:readline";

/** How a program ended. */
export interface Ended {
  /** Exit code; 128 + the signal's number where a signal ended it, 127 where it could not be started. */
  code: number;
  stdout: string;
  stderr: string;
}

interface Options {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Its standard input; none when left out. */
  input?: string;
  /** After this many milliseconds it is killed. */
  timeout?: number;
  /** Called for each line of stderr, as it comes. */
  onLine?: (line: string) => void;
}

/** Runs a program to its end, without a shell, and gives back what it wrote. Never throws. */
export function run(
  program: string,
  args: readonly string[],
  { cwd, env, input, timeout, onLine }: Options = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    // Not spawn's own time-out: where the program cannot be started, its timer would keep us waiting.
    const signal = timeout === undefined ? undefined : AbortSignal.timeout(timeout);
    const child = spawn(program, args, {
      cwd,
      env,
      signal,
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    // A program may end without reading all of it.
    child.stdin?.on("error", () => {}).end(input);
    const output = { stdout: "", stderr: "" };
    child.stdout!.setEncoding("utf8").on("data", (text) => {
      output.stdout += text;
    });
    child.stderr!.setEncoding("utf8").on("data", (text) => {
      output.stderr += text;
    });
    if (onLine) createInterface({ input: child.stderr! }).on("line", onLine);
    child.on("error", (error) => {
      if (!signal?.aborted) resolve({ code: 127, stdout: "", stderr: error.message });
    });
    child.on("close", (code, end) => resolve({ code: exitCode(code, end), ...output }));
  });
}

/** Hands the terminal over to a program until it ends, and gives its exit code. Ctrl-C is the program's to handle. */
export function handOver(
  program: string,
  args: readonly string[],
  options: Pick<Options, "cwd" | "env"> = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: "inherit" });
    const ignore = () => {};
    const pass = (signal: NodeJS.Signals) => child.kill(signal);
    process.on("SIGINT", ignore).on("SIGTERM", pass).on("SIGHUP", pass);
    const done = () => process.off("SIGINT", ignore).off("SIGTERM", pass).off("SIGHUP", pass);
    child.on("error", (error) => {
      done();
      reject(error);
    });
    child.on("close", (code, signal) => {
      done();
      resolve(exitCode(code, signal));
    });
  });
}

const exitCode = (code: number | null, signal: NodeJS.Signals | null): number =>
  code ?? 128 + (signal ? constants.signals[signal] : 0);
