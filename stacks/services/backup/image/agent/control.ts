import { rmSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Result } from "./backup.ts";
import type { Progress } from "./messages.ts";

/** What `vigie-backup run` and the agent say to each other, one JSON object a line, over a socket in the container. */
export type Reply = { job: string; progress: Progress } | { job: string; result: Result };

export const SOCKET = "/run/vigie/agent.sock";

/** Answers each connection's one line, the ids of jobs, with the progress and the results of their runs. */
export function serveControl(
  run: (job: string, onProgress: (progress: Progress) => void) => Promise<Result>,
  path = SOCKET,
): Server {
  rmSync(path, { force: true });
  const server = createServer((socket: Socket) => {
    const say = (reply: Reply) => socket.writable && socket.write(`${JSON.stringify(reply)}\n`);
    socket.on("error", () => {}); // whoever asked has gone; the run goes on
    const lines = createInterface({ input: socket });
    lines.on("error", () => {});
    lines.once("line", async (line) => {
      const jobs = JSON.parse(line) as string[];
      await Promise.all(
        jobs.map(async (job) => {
          const result = await run(job, (progress) => say({ job, progress })).catch(
            (error: Error): Result => ({ outcome: "failed", seconds: 0, reason: error.message }),
          );
          say({ job, result });
        }),
      );
      socket.end();
    });
  });
  server.listen(path);
  return server;
}

/** Asks the agent to run jobs. Undefined where no agent is there; otherwise the results it gave. */
export async function askAgent(
  jobs: readonly string[],
  onReply: (reply: Reply) => void,
  path = SOCKET,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ECONNREFUSED") resolve(false);
      else reject(error);
    });
    socket.once("connect", () => {
      socket.write(`${JSON.stringify(jobs)}\n`);
      const lines = createInterface({ input: socket });
      lines.on("line", (line) => onReply(JSON.parse(line) as Reply));
      lines.once("error", reject);
      lines.once("close", () => resolve(true));
    });
  });
}
