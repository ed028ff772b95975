import type { Inventory } from "../../association/index.ts";
import { run } from "../run.ts";

/** Whether each check of our own services holds, by `service/check`; undefined until it has run. */
export type Standing = Readonly<Record<string, boolean | undefined>>;

/** Reads `vigie_check_up` in the exporter's metrics (Prometheus text format 0.0.4). Pure. */
export function readStanding(metrics: string, wanted: readonly string[]): Standing {
  const seen = new Map<string, boolean>();
  for (const line of metrics.split("\n")) {
    const [, labels, value] = /^vigie_check_up\{(.*)\} (\S+)/.exec(line) ?? [];
    if (labels === undefined) continue;
    const label = (name: string): string => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? "";
    const id = `${label("service")}/${label("check")}`;
    seen.set(id, (seen.get(id) ?? true) && value === "1");
  }
  return Object.fromEntries(wanted.map((id) => [id, seen.get(id)]));
}

/** The checks of services that we run: a supplier's say nothing about a rebuild. */
export const ownChecks = ({ services }: Inventory): string[] =>
  Object.values(services).flatMap(({ delivery, checks }) => (delivery.by === "us" ? checks : []));

/** Asks the rebuilt exporter from inside its container: nothing of the drill need be reachable from outside. */
export async function askLookout(engine: string, container: string, port: number): Promise<string | undefined> {
  const script = `const g=async p=>{const r=await fetch('http://127.0.0.1:${port}'+p);if(!r.ok)throw new Error(p);return r.text()};await g('/healthz');process.stdout.write(await g('/metrics'))`;
  const { code, stdout } = await run(
    "docker",
    ["--host", engine, "exec", container, "node", "--input-type=module", "--eval", script],
    { timeout: 30_000 },
  );
  return code === 0 ? stdout : undefined;
}
