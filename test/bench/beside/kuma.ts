import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { EVERY, freePort, type Program, type Setting, TIMEOUT, Watcher } from "./program.ts";
import type { Stage } from "./target.ts";

/** Uptime Kuma, ready to watch: it is given its targets by its database, as its pages would. */
export async function prepareKuma(installed: string, setting: Setting): Promise<() => Program> {
  const port = await freePort();
  const database = join(setting.folder, "kuma.db");
  const start = () =>
    spawn(
      process.execPath,
      ["server/server.js", `--data-dir=${setting.folder}/`, `--port=${port}`, "--host=127.0.0.1"],
      {
        cwd: installed,
        env: { ...setting.env, UPTIME_KUMA_DB_TYPE: "sqlite" },
        stdio: "ignore",
      },
    );
  await makeDatabase(start(), installed, port);
  fill(database, setting.stage);
  return () => ({ title: "Uptime Kuma", child: start(), seen: watch(database, setting.stage) });
}

async function makeDatabase(first: ChildProcess, installed: string, port: number): Promise<void> {
  while (!(await answers(port))) {
    if (first.exitCode !== null) throw new Error(`Uptime Kuma does not start in ${installed}: docs/bench.md`);
    await sleep(200);
  }
  await sleep(2000);
  const ended = new Promise((resolve) => first.once("exit", resolve));
  first.kill("SIGKILL");
  await ended;
}

const answers = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/`, { redirect: "manual" }).then(
    () => true,
    () => false,
  );

function fill(database: string, { targets }: Stage): void {
  const db = new DatabaseSync(database);
  db.exec("INSERT INTO user (id, username, password, active) VALUES (1, 'bench', '-', 1)");
  targets.forEach(({ name, kuma, forgives }, index) => {
    const fields: Record<string, string | number> = {
      id: index + 1,
      name,
      user_id: 1,
      active: 1,
      interval: EVERY,
      retry_interval: EVERY,
      timeout: TIMEOUT,
      maxretries: forgives ? 1 : 0,
      method: "GET",
      maxredirects: 10,
      accepted_statuscodes_json: '["200-299"]',
      expiry_notification: 0,
      ...kuma,
    };
    const names = Object.keys(fields);
    db.prepare(`INSERT INTO monitor (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`).run(
      ...Object.values(fields),
    );
  });
  db.close();
}

/** A look that is made again before it counts. */
const PENDING = 2;

function watch(database: string, stage: Stage): Program["seen"] {
  const watcher = new Watcher(stage);
  const db = new DatabaseSync(database, { readOnly: true });
  const next = db.prepare("SELECT id, monitor_id, status FROM heartbeat WHERE id > ? ORDER BY id");
  let last = 0;
  setInterval(() => {
    for (const row of next.all(last) as { id: number; monitor_id: number; status: number }[]) {
      last = row.id;
      if (row.status !== PENDING) watcher.note(row.monitor_id - 1, row.status === 1);
    }
  }, 200);
  return watcher.seen;
}
