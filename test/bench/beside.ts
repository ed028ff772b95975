/**
 * The exporter beside Uptime Kuma and Gatus on the same targets, which break and mend at known moments: what each finds, how soon, what it
 * takes for broken that is not, and what it costs. `node test/bench/beside.ts [--kuma FOLDER] [--gatus PROGRAM] [--seconds 600]`
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { prepareExporter, prepareImported } from "./beside/exporter.ts";
import { prepareGatus } from "./beside/gatus.ts";
import { judge } from "./beside/judge.ts";
import { prepareKuma } from "./beside/kuma.ts";
import { addNames } from "./beside/names.ts";
import { addPages } from "./beside/pages.ts";
import { addPorts } from "./beside/ports.ts";
import { cpu, EVERY, rss, type Setting } from "./beside/program.ts";
import { Stage } from "./beside/target.ts";

const { values: asked } = parseArgs({
  options: {
    /** The folder that Uptime Kuma is installed in. */
    kuma: { type: "string" },
    /** Gatus itself. */
    gatus: { type: "string" },
    seconds: { type: "string", default: "600" },
  },
});
const LASTS = Number(asked.seconds);
/** First runs are over, and what they cost. */
const WARM_UP = 40;

const folder = mkdtempSync(join(tmpdir(), "vigie-beside-"));
const stage = new Stage();
await addPages(stage);
const authority = await addPorts(stage);
await addNames(stage);
const { targets } = stage;
const trusted = join(folder, "ca.pem");
writeFileSync(trusted, authority);
const env = { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: trusted, SSL_CERT_FILE: trusted };

const own = (name: string): Setting => {
  mkdirSync(join(folder, name));
  return { stage, folder: join(folder, name), env };
};
const starts = [
  await prepareExporter(own("exporter")),
  await prepareImported(own("imported")),
  ...(asked.kuma === undefined ? [] : [await prepareKuma(asked.kuma, own("kuma"))]),
  ...(asked.gatus === undefined ? [] : [await prepareGatus(asked.gatus, own("gatus"))]),
];
stage.startedAt = Date.now();
const programs = starts.map((start) => start());
// Also where this ends by an error, one of the programs having ended by itself for instance.
process.on("exit", () => {
  for (const { child } of programs) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});
await sleep(WARM_UP * 1000);
const before = programs.map(({ child }) => cpu(child));
const peak = programs.map(() => 0);
while (stage.since() < LASTS) {
  for (const [index, { child }] of programs.entries()) peak[index] = Math.max(peak[index]!, rss(child));
  await sleep(1000);
}
const report = programs.map((program, index) => ({
  program: program.title,
  ...judge(program, targets, LASTS),
  "processor seconds a minute": Number(
    (((cpu(program.child) - before[index]!) / (stage.since() - WARM_UP)) * 60).toFixed(2),
  ),
  "memory at most, MB": Math.round(peak[index]! / 1e6),
}));
console.log(
  `${targets.length} targets, ${targets.flatMap(({ broken }) => broken).length} outages, ${LASTS} s, every ${EVERY} s`,
);
console.table(report.map(({ missed: _, wrongly: __, ...figures }) => figures));
for (const { program, missed, wrongly } of report)
  console.log(`${program}: missed ${missed.join("; ") || "nothing"}; wrongly ${wrongly.join("; ") || "nothing"}`);
process.exit(0);
