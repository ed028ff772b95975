import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeBackupAgent } from "../../../monitors/sources/backup-agent.ts";
import { merge, remember } from "../../../monitors/sources/remembered.ts";
import { serveReport } from "../../../stacks/services/backup/image/agent/report.ts";
import { web } from "../helpers/servers.ts";

const folder = mkdtempSync(join(tmpdir(), "vigie-agent-"));
const keyFile = join(folder, "key");
writeFileSync(keyFile, "the key\n");
const told = {
  version: 1,
  host: "main",
  now: new Date().toISOString(),
  startedAt: "2027-01-01T00:00:00.000Z",
  repository: "ready",
  jobs: [{ id: "wiki-data", service: "wiki", volume: "data", lastResult: "failed", lastCode: "a-newer-word" }],
  integrity: { parts: 1, next: 0, readAt: ["2027-01-01T00:00:00.000Z"], unread: 1 },
};

async function portOf(server: Server): Promise<number> {
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
const ask = (port: number, file = keyFile) =>
  makeBackupAgent({ url: `http://127.0.0.1:${port}`, keyFile: file, repository: "backup" }).report(
    AbortSignal.timeout(5000),
  );

describe("the backup agent's report", () => {
  it("reaches the lookout that knows the key, with a reason that it does not know as a failure", async () => {
    const port = await portOf(serveReport("the key", () => told, 0, "127.0.0.1"));
    const answer = await ask(port);
    expect(answer).toMatchObject({ ok: true, report: { host: "main", jobs: [{ lastCode: "backup-failed" }] } });
  });

  it("is given to nobody else, and the key is never sent", async () => {
    const port = await portOf(serveReport("the key", () => told, 0, "127.0.0.1"));
    const other = join(folder, "other");
    writeFileSync(other, "a guess");
    expect(await ask(port, other)).toMatchObject({
      ok: false,
      reason: "agent-unreachable",
      message: expect.stringContaining("keys differ"),
    });
    for (const headers of [{}, { "vigie-nonce": "00".repeat(16), "vigie-proof": "00" }] as Record<string, string>[])
      expect((await fetch(`http://127.0.0.1:${port}/report`, { headers })).status).toBe(401);
  });

  it("is not believed from another who answers in the agent's place, even with an old answer", async () => {
    let seen = "";
    const { port } = await web((request, response) => {
      seen = JSON.stringify(request.headers);
      response.writeHead(200, { "vigie-proof": "00".repeat(32) }).end(JSON.stringify(told));
    });
    expect(await ask(port)).toMatchObject({ ok: false, message: expect.stringContaining("proof does not hold") });
    expect(seen).not.toContain("the key");
  });

  it("is missed where nothing listens", async () => {
    expect(await ask(1)).toMatchObject({
      ok: false,
      reason: "agent-unreachable",
      message: expect.stringContaining("refused"),
    });
  });
});

describe("what the lookout remembers of a repository", () => {
  const one = (id: string) => ({ id, time: "2027-01-01T00:00:00Z", service: "wiki", volume: "data", at: 1 });
  const DAY = 86_400_000;

  it("tells what is gone, for a week", () => {
    const first = merge([], [one("a"), one("b")], 0);
    const second = merge(first, [one("b")], DAY);
    expect(second).toEqual([one("b"), { ...one("a"), since: DAY }]);
    expect(merge(second, [one("b")], 7 * DAY)).toHaveLength(2);
    expect(merge(second, [one("b")], 8 * DAY)).toEqual([one("b")]);
  });

  it("forgets that one was gone when it is back", () => {
    expect(merge([{ ...one("a"), since: 1 }], [one("a")], DAY)).toEqual([one("a")]);
  });

  it("outlives a restart, and a file that is damaged", async () => {
    const file = join(folder, "sub", "seen.json");
    expect(await remember(file, [one("a"), one("b")], 0)).toEqual([]);
    expect(await remember(file, [one("b")], DAY)).toEqual([{ ...one("a"), since: DAY }]);
    writeFileSync(file, "{");
    expect(await remember(file, [one("b")], DAY)).toEqual([]);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual([one("b")]);
  });
});
