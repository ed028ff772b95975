import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import type { Inventory, InventoryService } from "../association/index.ts";
import { loadVocabulary } from "../association/index.ts";
import { wantedBaseImages } from "./base-images.ts";
import { type Command, stackFlags, suggestion } from "./command.ts";
import { readInventory, readSettings } from "./declared.ts";
import { LOCAL } from "./places.ts";
import { publish } from "./publish.ts";
import { engineOf } from "./recovery/agent.ts";
import { Refusal } from "./refusal.ts";
import { run } from "./run.ts";
import { say } from "./say.ts";
import { stackName } from "./stack.ts";
import { updatesFor } from "./upgrade/candidates.ts";
import { describeDecision } from "./upgrade/decide.ts";
import { editionsOf } from "./upgrade/editions.ts";
import { parseStatus, statusOf } from "./upgrade/installed.ts";
import { npmUpdates } from "./upgrade/npm.ts";
import { digestOf, newerTags, parseReference, tagsOf } from "./upgrade/registry.ts";
import {
  type BaseVersion,
  previousReport,
  reportFile,
  type ServiceVersions,
  seen,
  type VersionsReport,
} from "./upgrade/report.ts";

const command: Command = {
  flags: {
    stack: stackFlags.stack,
    service: { type: "string", value: "NAME", help: "this service alone, with each package that has a newer version" },
    json: { type: "boolean", help: "the whole report as JSON" },
  },
  notes: [
    "What each service runs, what Debian, npm and registries have newer, and what the declaration decides about it",
    "(services.NAME.upgrades). The report goes to the lookout too, which shows it and tells its owner of what waits too long:",
    "run it every day, for instance  17 6 * * *  npm --prefix FOLDER run --silent versions -- --stack NAME",
  ].join("\n"),
  async run({ flags }) {
    const stack = stackName(flags.stack);
    const inventory = await readInventory(stack, readSettings(stack));
    const only = typeof flags.service === "string" ? flags.service : undefined;
    if (only !== undefined) known(only, inventory);
    const report = await look(stack, inventory);
    mkdirSync(LOCAL, { recursive: true, mode: 0o700 });
    writeFileSync(`${reportFile(stack)}.new`, `${JSON.stringify(report, null, 1)}\n`);
    renameSync(`${reportFile(stack)}.new`, reportFile(stack));
    const unpublished = await publish(inventory, "versions", report);
    for (const words of report.unreached) say.warn(words);
    if (unpublished) say.warn(`The lookout does not show this report: ${unpublished}`);
    if (flags.json === true) say.result(JSON.stringify(report, null, 1));
    else for (const line of only === undefined ? table(report) : details(only, report.services[only])) say.result(line);
  },
};

function known(name: string, { services }: Inventory): void {
  if (Object.hasOwn(services, name) && services[name]?.delivery.by === "us") return;
  const ours = Object.values(services).flatMap(({ id, delivery }) => (delivery.by === "us" ? [id] : []));
  throw new Refusal({
    what: Object.hasOwn(services, name)
      ? `We do not run ${name}`
      : `There is no service "${name}"${suggestion(name, ours)}`,
    fix: `Services that we run: ${ours.join(", ")}`,
  });
}

type Deployed = InventoryService & { delivery: { by: "us"; kind: string; host: string } };

async function look(stack: string, inventory: Inventory): Promise<VersionsReport> {
  const [before, editions, { kinds }] = [previousReport(stack), editionsOf(stack), await loadVocabulary()];
  const unreached: string[] = [];
  const attempt = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> =>
    work().catch((error: unknown) => {
      unreached.push(error instanceof Refusal ? error.problems[0]!.what : (error as Error).message);
      return otherwise;
    });
  const made = new Date().toISOString();
  const services: Record<string, ServiceVersions> = {};
  const ours = Object.values(inventory.services).filter((one): one is Deployed => one.delivery.by === "us");
  const engines = Map.groupBy(ours, ({ delivery }) => engineOf(inventory.hosts[delivery.host]!.engine));
  for (const [engine, own] of engines) {
    const images = await imagesOf(engine, own);
    const statuses = Object.fromEntries(
      await Promise.all(Object.entries(images).map(async ([id, image]) => [id, await statusOf(engine, image.id)])),
    ) as Record<string, string>;
    const updates = await attempt(() => updatesFor(engine, statuses), undefined);
    for (const { id, delivery, upgrades } of own) {
      const image = images[id];
      if (image === undefined) {
        unreached.push(`${id} does not run: npm run up -- --stack ${stack}`);
        continue;
      }
      const packages = parseStatus(statuses[id] ?? "");
      const old = before?.services[id]?.updates;
      services[id] = {
        image: image.name,
        id: image.id,
        edition: editions[id] ?? {},
        software: (kinds[delivery.kind]?.software ?? []).flatMap((name) => {
          const version = packages.get(name);
          return version === undefined ? [] : [{ package: name, version }];
        }),
        packages: packages.size,
        updates: updates
          ? seen(updates[id] ?? [], old, made)
          : (old ?? []).filter(({ package: name, from }) => packages.get(name) === from),
        decision: upgrades.decision,
      };
    }
  }
  const [engine] = engines.keys();
  const bases =
    engine === undefined ? [] : await Promise.all(wantedBaseImages().map((image) => baseOf(engine, image, attempt)));
  return { version: 1, made, stack, services, bases, npm: await attempt(npmUpdates, before?.npm ?? []), unreached };
}

/** The images that services' containers really run, by service. */
async function imagesOf(
  engine: string,
  services: readonly Deployed[],
): Promise<Record<string, { name: string; id: string }>> {
  const found = await Promise.all(
    services.map(async ({ id, container }) => {
      const words = ["--host", engine, "container", "inspect", "--format", "{{.Config.Image}} {{.Image}}", container!];
      const { code, stdout } = await run("docker", words);
      if (code !== 0) return [];
      const [config = "", image = ""] = stdout.trim().split(" ");
      // Containers are made by the image's id: its name is the tag that ours carries.
      const tags = await run("docker", [
        "--host",
        engine,
        "image",
        "inspect",
        "--format",
        '{{join .RepoTags " "}}',
        image,
      ]);
      const name =
        tags.stdout
          .trim()
          .split(" ")
          .find((tag) => tag.startsWith("vigie/")) ?? config;
      return [[id, { name, id: image }] as const];
    }),
  );
  return Object.fromEntries(found.flat());
}

async function baseOf(
  engine: string,
  image: string,
  attempt: <T>(work: () => Promise<T>, otherwise: T) => Promise<T>,
): Promise<BaseVersion> {
  const reference = parseReference(image);
  const { stdout } = await run("docker", [
    "--host",
    engine,
    "image",
    "inspect",
    "--format",
    '{{join .RepoDigests " "}}',
    image,
  ]);
  const digest = reference.digest ?? stdout.trim().split(" ")[0]?.split("@")[1];
  const latest = await attempt(() => digestOf(reference), undefined);
  const tags = latest === undefined ? [] : await attempt(() => tagsOf(reference), []);
  return {
    image,
    ...(digest ? { digest } : {}),
    ...(latest ? { latest } : {}),
    newerTags: newerTags(reference.tag, tags).slice(0, 5),
  };
}

/** One line a service, one a base image, one an npm package that is behind. Pure. */
export function table({ services, bases, npm }: VersionsReport): string[] {
  const rows = Object.entries(services).map(([id, { software, packages, updates, edition, decision }]) => [
    id,
    software.map(({ package: name, version }) => `${name} ${version}`).join(", ") || `${packages} packages`,
    state(updates),
    edition.hold ? `held: ${edition.because ?? "went back"}` : describeDecision(decision),
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => row[column]!.length)));
  return [
    ...rows.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    ),
    ...bases.flatMap(({ image, digest, latest, newerTags: newer }) => [
      ...(latest && digest && latest !== digest
        ? [`${image}: its registry has a newer one (${latest.slice(0, 19)})`]
        : []),
      ...(newer.length > 0 ? [`${image}: newer tags ${newer.join(", ")}`] : []),
    ]),
    ...npm.map(
      ({ package: name, from, wanted, latest }) =>
        `npm ${name} ${from}: ${wanted === from ? "" : `${wanted} fits, `}${latest} is the newest`,
    ),
  ];
}

function state(updates: ServiceVersions["updates"]): string {
  if (updates.length === 0) return "up to date";
  const security = updates.filter((one) => one.security).length;
  return `${updates.length} newer${security > 0 ? `, ${security} of them for security` : ""}`;
}

function details(name: string, service: ServiceVersions | undefined): string[] {
  if (service === undefined) return [`${name} does not run`];
  const { image, edition, packages, updates, decision } = service;
  return [
    `${name}: ${image}, ${packages} Debian packages${edition.packages ? ` as of ${edition.packages}` : ""}`,
    ...(edition.hold ? [`held there: ${edition.because ?? "a newer version went back"}`] : []),
    `decision: ${describeDecision(decision)}`,
    ...updates.map(
      ({ package: one, from, to, security, since }) =>
        `  ${one} ${from} → ${to}${security ? ", security" : ""}, seen ${since.slice(0, 10)}`,
    ),
    ...(updates.length > 0 ? [`npm run upgrade -- ${name}`] : ["nothing newer"]),
  ];
}

export default command;
