import type { Inventory } from "../association/index.ts";
import { defaultEndpoint } from "./engine.ts";
import { Refusal } from "./refusal.ts";
import { run } from "./run.ts";
import { say } from "./say.ts";
import type { OpenStack } from "./stack.ts";
import { nameOf } from "./things.ts";

/** What of Pulumi's state (deployment schema, version 3) tells where things should be. */
export interface Made {
  urn: string;
  type: string;
  id?: string;
  inputs?: Record<string, unknown>;
  /** URN and id of its provider, joined by `::`. */
  provider?: string;
  /** Replaced, and still to be removed. */
  delete?: boolean;
  dependencies?: string[];
  propertyDependencies?: Record<string, string[] | null>;
}

/** Something that Pulumi counts as made. */
export interface Thing {
  urn: string;
  noun: string;
  name: string;
  /** What the engine calls it. */
  id: string;
}

/** How an engine lists what it has of a type, by what Pulumi keeps as its id. An image's is followed by its name. */
const LISTS: Record<string, readonly string[]> = {
  "docker:index/container:Container": ["ps", "--all", "--no-trunc", "--format", "{{.ID}}"],
  "docker:index/network:Network": ["network", "ls", "--no-trunc", "--format", "{{.ID}}"],
  "docker:index/volume:Volume": ["volume", "ls", "--format", "{{.Name}}"],
  "docker:index/remoteImage:RemoteImage": ["image", "ls", "--all", "--no-trunc", "--format", "{{.ID}}"],
};
const IMAGE_ID = /^sha256:[0-9a-f]{64}/;

/** What should be on each engine, by how it is listed there. Pure. */
export function expected(resources: readonly Made[], fallback: string): Map<string, Map<string, Thing[]>> {
  const engines = new Map<string, Map<string, Thing[]>>();
  for (const { urn, type, id, inputs, provider, delete: replaced } of resources) {
    if (!Object.hasOwn(LISTS, type) || id === undefined || replaced) continue;
    const host = resources.find((one) => `${one.urn}::${one.id}` === provider)?.inputs?.host;
    const engine = typeof host === "string" && host !== "" ? host : fallback;
    const { noun, name } = nameOf(type, urn);
    const thing = {
      urn,
      noun,
      name: typeof inputs?.name === "string" ? inputs.name : name,
      id: IMAGE_ID.exec(id)?.[0] ?? id,
    };
    const types = engines.get(engine) ?? new Map<string, Thing[]>();
    engines.set(engine, types.set(type, [...(types.get(type) ?? []), thing]));
  }
  return engines;
}

/** What was made and is gone from its engine, whoever removed it. @throws {Refusal} where an engine does not answer */
export async function findLost({ stack }: Pick<OpenStack, "stack">): Promise<Thing[]> {
  const { resources = [] } = ((await stack.exportStack()).deployment ?? {}) as { resources?: Made[] };
  const lost: Thing[] = [];
  for (const [engine, types] of expected(resources, defaultEndpoint())) {
    for (const [type, things] of types) {
      const { code, stdout, stderr } = await run("docker", ["--host", engine, ...LISTS[type]!]);
      if (code !== 0)
        throw new Refusal({ what: `${engine} does not answer: ${stderr.trim()}`, fix: "npm run engine   tells more" });
      const there = new Set(stdout.split("\n"));
      lost.push(...things.filter(({ id }) => !there.has(id)));
    }
  }
  return lost;
}

/** Resources without some of them, and without a word of these in what the others depend on: Pulumi takes no state that has one. Pure. */
export function without<T extends Made>(resources: readonly T[], urns: ReadonlySet<string>): T[] {
  const kept = (list: readonly string[]) => list.filter((urn) => !urns.has(urn));
  return resources
    .filter(({ urn, delete: replaced }) => replaced || !urns.has(urn))
    .map(({ dependencies, propertyDependencies, ...rest }) => ({
      ...(rest as T),
      ...(dependencies === undefined ? {} : { dependencies: kept(dependencies) }),
      ...(propertyDependencies === undefined
        ? {}
        : {
            propertyDependencies: Object.fromEntries(
              Object.entries(propertyDependencies).map(([property, list]) => [property, kept(list ?? [])]),
            ),
          }),
    }));
}

/**
 * Tells what is gone, and has Pulumi forget it, so that it is made again. A refresh would do, but that the provider takes a missing
 * volume for an error.
 */
export async function forgetLost({ stack }: Pick<OpenStack, "stack">, lost: readonly Thing[]): Promise<void> {
  if (lost.length === 0) return;
  say.warn(`Gone from the engine since the last command: ${describeLost(lost)}`);
  const exported = await stack.exportStack();
  const deployment = exported.deployment as { resources?: Made[] };
  const resources = without(deployment.resources ?? [], new Set(lost.map(({ urn }) => urn)));
  await stack.importStack({ ...exported, deployment: { ...deployment, resources } });
}

export const describeLost = (lost: readonly Thing[]): string => {
  const shown = lost.slice(0, 8).map(({ noun, name }) => `${noun} ${name}`);
  return `${shown.join(", ")}${lost.length > shown.length ? ` and ${lost.length - shown.length} more` : ""}`;
};

/** Services whose saved data is among what is lost, and whether the snapshots themselves are. Pure. */
export function lostData(
  lost: readonly Pick<Thing, "noun" | "name">[],
  { services }: Pick<Inventory, "services">,
): { services: string[]; snapshots: boolean } {
  const gone = new Set(lost.filter(({ noun }) => noun === "volume").map(({ name }) => name));
  const hit = Object.values(services).filter(({ volumes }) =>
    Object.values(volumes).some(({ name }) => gone.has(name)),
  );
  return {
    services: hit.filter(({ backup }) => !("none" in backup)).map(({ id }) => id),
    snapshots: hit.some(({ provides }) => provides.includes("backup-repository")),
  };
}

/** @throws {Refusal} where data and its snapshots are both gone: empty services would take their place in silence */
export function refuseEmptied(lost: readonly Thing[], inventory: Inventory, stack: string): string[] {
  const { services, snapshots } = lostData(lost, inventory);
  if (services.length > 0 && snapshots)
    throw new Refusal({
      what: `The engine has lost the data of ${services.join(", ")}, and its snapshots. Nothing was touched`,
      fix: [
        "npm run rebuild -- --repository COPY --key KEYFILE   brings everything back from a copy of the snapshots: docs/recovery.md",
        `npm run down -- --stack ${stack} --delete-data   forgets it for good; \`up\` then begins with nothing`,
      ].join("\n"),
    });
  return services;
}
