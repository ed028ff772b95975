import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buildInventory, type Check, loadVocabulary } from "../../../association/index.ts";
import demo from "../../../associations/tilleuls/index.ts";
import { importGatus } from "../../../cli/import/gatus.ts";
import { writeServices } from "../../../cli/import/write.ts";
import { ROOT } from "../../../cli/places.ts";
import { loadChecks } from "../../../monitors/checks.ts";
import { writeConfig } from "../lookout.ts";
import { gatusConfig } from "./gatus.ts";
import { EVERY, type Program, type Setting, TIMEOUT, Watcher } from "./program.ts";

/** What is watched of a target; undefined where it is not. */
type Given = Partial<Check> | undefined;

/** The exporter with checks of its own for each target. */
export async function prepareExporter(setting: Setting): Promise<() => Program> {
  const kinds = await loadChecks();
  const given = setting.stage.targets.map(
    ({ kind, params, forgives }): Given => ({
      kind,
      params: kinds[kind]!.params.parse(params) as Record<string, unknown>,
      failAfter: 1,
      retries: forgives ? 1 : 0,
      timeoutSeconds: TIMEOUT,
    }),
  );
  return exporter("the exporter", given, setting);
}

/** The exporter with what our importer makes of the configuration that Gatus is given. */
export async function prepareImported(setting: Setting): Promise<() => Program> {
  const { stage, folder } = setting;
  const vocabulary = await loadVocabulary();
  const read = importGatus(gatusConfig(stage, folder, 8080), "gatus.yaml");
  const written = writeServices(read, "Gatus", { owner: "it-on-call", supplier: "webhost" }, vocabulary);
  for (const { where, what, why } of written.losses)
    if (!what.startsWith("alerts")) console.log(`not imported: ${where}: ${what} – ${why}`);
  const file = join(folder, "imported.mts");
  writeFileSync(file, written.source);
  const { imported } = (await import(file)) as { imported: Record<string, { name: { fr: string } }> };
  const services = { ...demo.services, ...imported } as typeof demo.services;
  const { inventory } = buildInventory({ ...demo, services }, vocabulary);
  const ids = new Map(Object.entries(imported).map(([id, { name }]) => [name.fr, id]));
  const given = stage.targets.map(({ name }): Given => {
    const check = Object.values(inventory.checks).find(({ service }) => service === ids.get(name));
    if (check === undefined) return undefined;
    const { kind, params, failAfter, retries, timeoutSeconds, schedule, target } = check;
    return { kind, params, failAfter, retries, timeoutSeconds, schedule, target };
  });
  return exporter("the exporter, imported", given, setting);
}

function exporter(title: string, given: readonly Given[], { stage, folder, env }: Setting): () => Program {
  const numbers = given.flatMap((check, target) => (check === undefined ? [] : [target]));
  const without = stage.targets.filter((_, target) => given[target] === undefined);
  writeConfig(folder, {
    checks: numbers.length,
    everySeconds: EVERY,
    urlOf: (index) => stage.targets[numbers[index]!]!.name,
    differently: (index) => given[numbers[index]!]!,
  });
  return () => {
    const child = spawn(process.execPath, [join(ROOT, "monitors", "main.ts"), "--config", folder], {
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const watcher = new Watcher(stage);
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const { msg, check, status, message } = JSON.parse(line) as Record<string, string>;
      if (msg !== "status") return;
      const [, service, index] = /^service-(\d+)\/http-(\d+)$/.exec(check!)!;
      const target = numbers[Number(service) * 10 + Number(index)]!;
      watcher.note(target, status === "up");
      if (process.env.VIGIE_BENCH_TELL)
        console.log(title, Math.round(stage.since()), stage.targets[target]!.name, status, message);
    });
    return { title, child, seen: watcher.seen, without };
  };
}
