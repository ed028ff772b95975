import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Result } from "../../../../stacks/services/backup/image/agent/backup.ts";
import { askAgent, type Reply, serveControl } from "../../../../stacks/services/backup/image/agent/control.ts";

const ok: Result = { outcome: "ok", seconds: 1 };

describe("asking the agent for a run", () => {
  let folder: string;
  let path: string;
  const servers: Server[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "control-"));
    path = join(folder, "agent.sock");
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
    rmSync(folder, { recursive: true });
  });

  async function serve(run: Parameters<typeof serveControl>[0]) {
    const server = serveControl(run, path);
    servers.push(server);
    if (!server.listening) await new Promise((done) => server.once("listening", done));
  }

  it("tells when there is none to ask", async () => {
    expect(await askAgent(["wiki-data"], () => {}, path)).toBe(false);
  });

  it("hears the progress and the result of each job", async () => {
    await serve(async (job, onProgress) => {
      onProgress({ done: 0.5, files: 1, bytes: 2 });
      return job === "bad" ? { outcome: "failed", seconds: 0, reason: "why" } : ok;
    });
    const replies: Reply[] = [];
    expect(await askAgent(["good", "bad"], (reply) => replies.push(reply), path)).toBe(true);
    expect(replies.filter((reply) => "progress" in reply)).toHaveLength(2);
    expect(replies.flatMap((reply) => ("result" in reply ? [[reply.job, reply.result.outcome]] : []))).toEqual([
      ["good", "ok"],
      ["bad", "failed"],
    ]);
  });

  it("hears an error as a failed run", async () => {
    await serve(() => Promise.reject(new Error("the agent is stopping")));
    const replies: Reply[] = [];
    await askAgent(["wiki-data"], (reply) => replies.push(reply), path);
    expect(replies).toEqual([
      { job: "wiki-data", result: { outcome: "failed", seconds: 0, reason: "the agent is stopping" } },
    ]);
  });

  it("takes the place of a socket that a killed agent left", async () => {
    await serve(async () => ok);
    // The file stays when a process is killed; listening on it again would fail.
    await serve(async () => ({ ...ok, seconds: 2 }));
    const replies: Reply[] = [];
    await askAgent(["wiki-data"], (reply) => replies.push(reply), path);
    expect(replies).toEqual([{ job: "wiki-data", result: { outcome: "ok", seconds: 2 } }]);
  });
});
