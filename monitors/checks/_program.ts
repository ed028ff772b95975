import { spawn } from "node:child_process";

export interface Ran {
  /** Exit code; null where a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
  /** More was written than was kept. */
  cut: boolean;
}

export interface ProgramOptions {
  signal: AbortSignal;
  /** What it reads: secrets come this way, never as arguments, which everybody on a machine can see. */
  stdin?: string;
  env?: Readonly<Record<string, string>>;
  /** What is kept of each output, in bytes; a program that writes more is ended. */
  most?: number;
}

/** A program that a check needs is not there: a fault of the lookout's image. */
export class MissingProgram extends Error {
  override name = "MissingProgram";
}

/**
 * Runs a program of the lookout's image, in English and with nothing of our environment but the path. Rejects where it cannot be started, or
 * with the signal's reason, once the program is gone.
 */
export function runProgram(
  command: string,
  args: readonly string[],
  { signal, stdin = "", env = {}, most = 64 * 1024 }: ProgramOptions,
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const child = spawn(command, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { PATH: process.env.PATH ?? "", LC_ALL: "C", HOME: "/tmp", ...env },
    });
    let cut = false;
    const collect = (stream: NodeJS.ReadableStream): (() => string) => {
      const pieces: Buffer[] = [];
      let size = 0;
      stream.on("data", (piece: Buffer) => {
        const room = most - size;
        if (room > 0) pieces.push(piece.subarray(0, room));
        size += piece.length;
        if (size <= most) return;
        cut = true;
        child.kill("SIGKILL");
      });
      return () => Buffer.concat(pieces).toString("utf8");
    };
    const out = collect(child.stdout);
    const err = collect(child.stderr);
    const onAbort = () => child.kill("SIGKILL");
    signal.addEventListener("abort", onAbort, { once: true });
    child.once("error", (error: NodeJS.ErrnoException) => {
      signal.removeEventListener("abort", onAbort);
      reject(
        error.code === "ENOENT" ? new MissingProgram(`${command} is not installed where the lookout runs`) : error,
      );
    });
    child.once("close", (code) => {
      signal.removeEventListener("abort", onAbort);
      if (signal.aborted) reject(signal.reason);
      else resolve({ code, stdout: out(), stderr: err(), cut });
    });
    child.stdin.on("error", () => {});
    child.stdin.end(stdin);
  });
}
