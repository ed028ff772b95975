import type { Inventory, InventoryService } from "../../association/index.ts";
import { run } from "../run.ts";

/** What is wrong at one moment, by what it is about; nothing where all is well. */
export type Sample = Readonly<Record<string, string>>;

/** The checks that a new version answers for: the service's own, and those of services that cannot work without it. Pure. */
export function checksOf({ services }: Inventory, service: string): string[] {
  const found = new Set<string>();
  const add = (id: string): void => {
    if (found.has(id)) return;
    found.add(id);
    for (const other of Object.values(services)) if (other.dependsOn.includes(id)) add(other.id);
  };
  add(service);
  return [...found].flatMap((id) =>
    services[id]?.delivery.by === "us" ? services[id].checks.filter((check) => !SLOW.test(check)) : [],
  );
}

/** How old a snapshot or a report is says nothing about a version. */
const SLOW = /\/(backup|version)(-|$)/;

/** Where a service runs, in words for the docker program. */
export interface Runs {
  readonly engine: string;
  readonly container: string;
}

/** Asks the lookout to run checks now, from inside its container; what it says of each that fails. */
export async function probe(lookout: Runs & { port: number }, checks: readonly string[]): Promise<Sample> {
  const script = `
const all = ${JSON.stringify(checks)};
const one = async (id) => {
  const [target, ...rest] = id.split("/");
  const query = new URLSearchParams({ target, check: rest.join("/"), debug: "true" });
  const answer = await fetch("http://127.0.0.1:${lookout.port}/probe?" + query, { signal: AbortSignal.timeout(25000) });
  const text = await answer.text();
  if (answer.ok && /^probe_success 1$/m.test(text)) return [];
  const why = text.split("\\n").find((line) => /^[0-9.]+  failed/.test(line)) ?? text.slice(0, 200);
  return [[id, why.replace(/^[0-9.]+  /, "")]];
};
const wrong = [];
for (let i = 0; i < all.length; i += 8)
  wrong.push(...(await Promise.all(all.slice(i, i + 8).map((id) => one(id).catch((error) => [[id, String(error.message)]])))).flat());
process.stdout.write(JSON.stringify(Object.fromEntries(wrong)));`;
  const words = ["--host", lookout.engine, "exec", lookout.container, "node", "--input-type=module", "--eval", script];
  const { code, stdout, stderr } = await run("docker", words, { timeout: 120_000 });
  if (code === 0) return JSON.parse(stdout) as Sample;
  return { lookout: `the lookout cannot be asked: ${stderr.trim().split("\n").at(-1) ?? `exit code ${code}`}` };
}

/** What the engine says of a container: nothing where it runs, is healthy and was not restarted. */
export async function containerTrouble({ engine, container }: Runs): Promise<string | undefined> {
  const format = "{{.State.Status}} {{.RestartCount}} {{if .State.Health}}{{.State.Health.Status}}{{end}}";
  const { code, stdout, stderr } = await run("docker", ["--host", engine, "inspect", "--format", format, container]);
  if (code !== 0) return stderr.trim();
  const [status, restarts, health = ""] = stdout.trim().split(" ");
  if (status !== "running") return `the container is ${status}`;
  if (Number(restarts) > 0) return `the container was restarted ${restarts} times`;
  return health === "" || health === "healthy" ? undefined : `the container is ${health}`;
}

/** Times of a soak, in milliseconds. */
export interface Patience {
  /** How long until all is well for the first time. */
  readonly start: number;
  /** How long it has to stay so. */
  readonly soak: number;
}

/** What to make of the samples so far: `undefined` means look again. */
export type Verdict = { ok: true } | { ok: false; because: string };

/**
 * Judges a new version: it has to be well within its patience, then stay well all through its soak. One bad moment is forgiven,
 * two in a row are not: a check that meets a restart of something else says nothing about this version.
 */
export class Soak {
  readonly #patience: Patience;
  readonly #began: number;
  #wellSince: number | undefined;
  #badInARow = 0;

  constructor(patience: Patience, began: number) {
    this.#patience = patience;
    this.#began = began;
  }

  /** Milliseconds of good health so far. */
  lasted(now: number): number {
    return this.#wellSince === undefined ? 0 : now - this.#wellSince;
  }

  take(sample: Sample, now: number): Verdict | undefined {
    const wrong = Object.entries(sample);
    if (wrong.length === 0) {
      this.#badInARow = 0;
      this.#wellSince ??= now;
      return now - this.#wellSince >= this.#patience.soak ? { ok: true } : undefined;
    }
    this.#badInARow++;
    const because = wrong.map(([what, why]) => `${what}: ${why}`).join("; ");
    if (this.#wellSince === undefined)
      return now - this.#began >= this.#patience.start ? { ok: false, because } : undefined;
    return this.#badInARow >= 2 ? { ok: false, because } : undefined;
  }
}

/** The lookout of an inventory as it can be asked; undefined where there is none. */
export function lookoutOf(
  { services, hosts }: Inventory,
  engineOf: (engine: string) => string,
): (Runs & { port: number; service: InventoryService }) | undefined {
  const service = Object.values(services).find(({ provides }) => provides.includes("lookout"));
  if (service?.delivery.by !== "us" || service.container === undefined || service.ports.http === undefined) return;
  return {
    engine: engineOf(hosts[service.delivery.host]!.engine),
    container: service.container,
    port: service.ports.http.container,
    service,
  };
}
