import { docker } from "../stacks/services/mail/server.ts";

/** Megabytes of the units that `docker stats` writes. */
const MEGABYTES: Readonly<Record<string, number>> = { B: 1e-6, KiB: 0.001024, MiB: 1.048576, GiB: 1073.741824 };

/** Memory of a container as `docker stats` tells it, in megabytes (10⁶ bytes): what can be given back at once is left out. */
export async function memoryOf(container: string): Promise<number> {
  const text = await docker("stats", "--no-stream", "--format", "{{.MemUsage}}", container);
  const [, amount = "0", unit = ""] = /^([\d.]+)(\w+)/.exec(text) ?? [];
  return Number(amount) * (MEGABYTES[unit] ?? Number.NaN);
}
