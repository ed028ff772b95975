import { spawn } from "node:child_process";

const MOST_WORDS = 4096;

/**
 * The first bytes that restic prints; it is stopped as soon as they are there, however long the file is.
 * @throws an error with restic's exit code and what it said, as `execFile` does
 */
export function firstBytes(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  most: number,
  signal: AbortSignal,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn("restic", args, { env, signal, stdio: ["ignore", "pipe", "pipe"] });
    const pieces: Buffer[] = [];
    let length = 0;
    let stderr = "";
    child.stdout.on("data", (piece: Buffer) => {
      if (length >= most) return;
      pieces.push(piece);
      length += piece.length;
      if (length >= most) child.kill("SIGINT");
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-MOST_WORDS);
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0 || length >= most) resolve(Buffer.concat(pieces).subarray(0, most));
      else reject(Object.assign(new Error(`restic ended with code ${code}`), { code, stderr }));
    });
  });
}
