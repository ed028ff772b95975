import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { EVERY, freePort, type Program, type Setting, TIMEOUT, Watcher } from "./program.ts";
import type { Stage, Target } from "./target.ts";

/** As many failures in a row make an outage. */
const threshold = ({ forgives }: Target): number => (forgives ? 2 : 1);

/** What it is told, JSON being YAML. Targets never wait for each other: one that hangs would delay what comes after it. */
export const gatusConfig = ({ targets }: Stage, folder: string, port: number): string =>
  JSON.stringify({
    web: { address: "127.0.0.1", port },
    storage: { type: "sqlite", path: join(folder, "gatus.db") },
    concurrency: 0,
    endpoints: targets.map((target) => ({
      name: target.name,
      interval: `${EVERY}s`,
      ...target.gatus,
      client: { timeout: `${TIMEOUT}s`, ...(target.gatus.client as object | undefined) },
      alerts: [{ type: "custom", "failure-threshold": threshold(target), "success-threshold": 1 }],
    })),
  });

export async function prepareGatus(program: string, setting: Setting): Promise<() => Program> {
  const { stage, folder, env } = setting;
  const file = join(folder, "gatus.yaml");
  writeFileSync(file, gatusConfig(stage, folder, await freePort()));
  return () => {
    const child = spawn(program, {
      env: { ...env, GATUS_CONFIG_PATH: file, GATUS_LOG_LEVEL: "ERROR" },
      stdio: "ignore",
    });
    return { title: "Gatus", child, seen: watch(join(folder, "gatus.db"), stage) };
  };
}

/** It keeps single results: how many in a row make an outage is counted here, as its alerts do. */
function watch(database: string, stage: Stage): Program["seen"] {
  const watcher = new Watcher(stage);
  const numbers = new Map(stage.targets.map(({ name }, index) => [name, index]));
  const inARow = new Map<number, number>();
  let next: (() => Result[]) | undefined;
  let last = 0;
  setInterval(() => {
    next ??= existsSync(database) ? reader(database, () => last) : undefined;
    for (const { id, name, success } of next?.() ?? []) {
      last = id;
      const target = numbers.get(name)!;
      const failures = success ? 0 : (inARow.get(target) ?? 0) + 1;
      inARow.set(target, failures);
      if (success || failures >= threshold(stage.targets[target]!)) watcher.note(target, success === 1);
    }
  }, 200);
  return watcher.seen;
}

interface Result {
  id: number;
  name: string;
  success: number;
}

/** Reads what came since; undefined while it has not made its tables. */
function reader(database: string, last: () => number): (() => Result[]) | undefined {
  const db = new DatabaseSync(database, { readOnly: true });
  try {
    const results = db.prepare(
      "SELECT endpoint_result_id AS id, endpoint_name AS name, success FROM endpoint_results JOIN endpoints USING (endpoint_id) WHERE endpoint_result_id > ? ORDER BY endpoint_result_id",
    );
    return () => results.all(last()) as unknown as Result[];
  } catch {
    db.close();
    return undefined;
  }
}
