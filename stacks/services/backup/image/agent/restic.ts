import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { createInterface } from "node:readline";
import { type Access, accessArguments } from "./arguments.ts";
import { type Message, type Progress, parseMessage, type Summary } from "./messages.ts";

export interface Outcome {
  readonly code: number;
  readonly summary?: Summary;
  /** The first errors, in restic's words, and how many there were. */
  readonly errors: readonly string[];
  readonly errorCount: number;
  /** How many errors were of the kind that the caller expected. */
  readonly expectedCount: number;
  /** What a command that answers with data printed. */
  readonly values: readonly unknown[];
}

/** Runs restic. */
export type Restic = (args: readonly string[], options?: CallOptions) => Promise<Outcome>;

export interface CallOptions {
  readonly onProgress?: (progress: Progress) => void;
  /** Told of each error as it comes: restic tries again for minutes before it gives up. */
  readonly onError?: (words: string) => void;
  readonly signal?: AbortSignal | undefined;
  /** Errors that are counted apart and not kept. */
  readonly expected?: RegExp;
}

const KEPT_ERRORS = 20;
/** How long restic may take to end when it is asked to, in milliseconds. */
const PATIENCE = 30_000;

/** restic as a child process. Stopped by SIGINT, at which it removes its lock. */
export function resticOf(access: Access, secrets: readonly string[], program = "restic"): Restic {
  return (args, options = {}) =>
    new Promise((resolve, reject) => {
      const child = spawn(program, [...accessArguments(access), ...args], {
        stdio: ["ignore", "pipe", "pipe"],
        signal: options.signal,
        killSignal: "SIGINT",
        env: { ...resticEnvironment(), ...access.environment },
      });
      let summary: Summary | undefined;
      let errorCount = 0;
      let expectedCount = 0;
      const errors: string[] = [];
      const values: unknown[] = [];
      const take = (message: Message | undefined) => {
        if (!message) return;
        if (message.kind === "progress") options.onProgress?.(message.progress);
        else if (message.kind === "summary") summary = message.summary;
        else if (message.kind === "other") values.push(message.value);
        else if (options.expected?.test(message.words)) expectedCount++;
        else {
          const words = withoutSecrets(message.words, secrets);
          options.onError?.(words);
          if (++errorCount <= KEPT_ERRORS) errors.push(words);
        }
      };
      const streams = [child.stdout, child.stderr].map((stream) => {
        const lines = createInterface({ input: stream });
        lines.on("line", (line) => take(parseMessage(line)));
        return new Promise((done) => lines.once("close", done));
      });
      let killing: NodeJS.Timeout | undefined;
      const kill = () => {
        killing = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
      };
      options.signal?.addEventListener("abort", kill, { once: true });
      child.once("error", (error) => {
        // An abort is an error here, and the exit that follows says the rest.
        if (error.name !== "AbortError") reject(error);
      });
      child.once("close", async (code, signal) => {
        clearTimeout(killing);
        options.signal?.removeEventListener("abort", kill);
        await Promise.all(streams);
        resolve({
          code: code ?? (signal ? 130 : 1),
          ...(summary ? { summary } : {}),
          errors,
          errorCount,
          expectedCount,
          values,
        });
      });
    });
}

/** What restic is given of the environment: nothing of ours. */
export const resticEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: "/tmp",
  // A pack is written to a file before it is sent, several at once: more than a container's /tmp holds.
  TMPDIR: onDisk() ? CACHE : "/tmp",
  RESTIC_CACHE_DIR: onDisk() ? CACHE : "/tmp/restic-cache",
  RESTIC_PROGRESS_FPS: "1",
  GOMEMLIMIT: process.env.RESTIC_MEMORY ?? "250MiB",
});

const CACHE = "/var/cache/restic";

/** Whether the volume is mounted; a container made for one restore has none. */
function onDisk(): boolean {
  try {
    accessSync(CACHE, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Takes secrets out of words that will be logged; restic does so itself, except where it quotes what it was given. */
export function withoutSecrets(words: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret !== "").reduce((text, secret) => text.replaceAll(secret, "***"), words);
}
