import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

export interface Rival {
  /** Checks per CPU second, alone and with the Prometheus that drives it. */
  alone: number;
  withPrometheus: number;
  /** Resident memory of both, in bytes. */
  rss: number;
}

/** Ticks of a CPU second in /proc (USER_HZ, proc(5)); 100 on every Linux that Node runs on. */
const TICKS = 100;

/**
 * Debian's blackbox_exporter on the same target with the same three conditions, each check at its own address and driven by Prometheus at the same
 * pace; undefined where they are not installed.
 */
export async function blackbox(
  folder: string,
  url: string,
  checks: number,
  every: number,
  seconds: number,
): Promise<Rival | undefined> {
  const [own, scraped] = [await freePort(), await freePort()];
  writeFileSync(
    join(folder, "blackbox.yml"),
    JSON.stringify({
      modules: {
        page: {
          prober: "http",
          timeout: "5s",
          http: {
            valid_status_codes: [200],
            fail_if_body_not_matches_regexp: ["Tilleuls"],
            fail_if_header_not_matches: [{ header: "Content-Type", regexp: "text/html" }],
          },
        },
      },
    }),
  );
  writeFileSync(
    join(folder, "prometheus.yml"),
    JSON.stringify({
      global: { scrape_interval: `${every}s`, scrape_timeout: "6s" },
      scrape_configs: [
        {
          job_name: "checks",
          metrics_path: "/probe",
          params: { module: ["page"] },
          static_configs: [{ targets: Array.from({ length: checks }, (_, index) => `${url}?check=${index}`) }],
          relabel_configs: [
            { source_labels: ["__address__"], target_label: "__param_target" },
            { source_labels: ["__param_target"], target_label: "instance" },
            { target_label: "__address__", replacement: `127.0.0.1:${own}` },
          ],
        },
      ],
    }),
  );
  const started = await Promise.all([
    start(
      "prometheus-blackbox-exporter",
      `--config.file=${join(folder, "blackbox.yml")}`,
      `--web.listen-address=127.0.0.1:${own}`,
    ),
    start(
      "prometheus",
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "prometheus")}`,
      `--web.listen-address=127.0.0.1:${scraped}`,
    ),
  ]);
  try {
    const running = started.filter((child) => child !== undefined);
    if (running.length < 2) return undefined;
    const [exporter, prometheus] = running as [ChildProcess, ChildProcess];
    await new Promise((resolve) => setTimeout(resolve, (every + 5) * 1000));
    const before = [cpu(exporter), cpu(prometheus), await probes(url)];
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const [a, b, c] = [cpu(exporter), cpu(prometheus), await probes(url)];
    const done = c - before[2]!;
    return {
      alone: done / (a - before[0]!),
      withPrometheus: done / (a - before[0]! + b - before[1]!),
      rss: rss(exporter) + rss(prometheus),
    };
  } finally {
    for (const child of started) {
      if (child === undefined || child.exitCode !== null) continue;
      child.kill();
      await once(child, "exit");
    }
  }
}

async function start(program: string, ...args: string[]): Promise<ChildProcess | undefined> {
  const child = spawn(program, args, { stdio: "ignore" });
  return new Promise((resolve) => {
    child.once("spawn", () => resolve(child));
    child.once("error", () => resolve(undefined));
  });
}

/** User and system time of a process, in seconds (proc(5), fields 14 and 15). */
function cpu({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

const rss = ({ pid }: ChildProcess): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;

/** Requests of ours that the target has answered. */
const probes = async (url: string): Promise<number> => Number(await (await fetch(`${url}count`)).text());

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
