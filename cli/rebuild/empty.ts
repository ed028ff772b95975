import type { Inventory } from "../../association/index.ts";
import { Refusal } from "../refusal.ts";
import { run } from "../run.ts";

/** What of a stack an engine has. Pure. */
export function leftOf(
  { services }: Pick<Inventory, "services">,
  containers: readonly string[],
  volumes: readonly string[],
): string[] {
  const own = Object.values(services);
  const wanted = new Set(own.flatMap(({ container }) => (container === undefined ? [] : [container])));
  const named = new Set(own.flatMap((service) => Object.values(service.volumes).map(({ name }) => name)));
  return [...containers.filter((name) => wanted.has(name)), ...volumes.filter((name) => named.has(name))];
}

/** @throws {Refusal} where the engine has containers or data of the stack: a rebuild would go over them */
export async function refuseKeptData(engine: string, inventory: Inventory): Promise<void> {
  const [containers = [], volumes = []] = await Promise.all(
    [
      ["ps", "--all", "--format", "{{.Names}}"],
      ["volume", "ls", "--quiet"],
    ].map(async (words) => {
      const { code, stdout, stderr } = await run("docker", ["--host", engine, ...words]);
      if (code !== 0)
        throw new Refusal({ what: `The engine does not answer: ${stderr.trim()}`, fix: "npm run engine" });
      return stdout.split("\n");
    }),
  );
  const left = leftOf(inventory, containers, volumes);
  if (left.length === 0) return;
  const shown = `${left.slice(0, 5).join(", ")}${left.length > 5 ? ` and ${left.length - 5} more` : ""}`;
  throw new Refusal({
    what: `The engine still has ${shown}. Nothing was touched`,
    fix: [
      "What is lost of a stack that is there comes back by `npm run up`, then `npm run restore`.",
      "To rebuild it whole all the same, remove those containers and volumes by `docker rm` and `docker volume rm` first",
    ].join("\n"),
  });
}

/** Networks of the stack that an engine has, by id: a second one of the same name would leave neither usable. Pure. */
export function networksOf(
  { services, deployment }: Pick<Inventory, "services" | "deployment">,
  listed: string,
): string[] {
  const own = new Set(Object.keys(services).map((id) => `${deployment.prefix}-${id}`));
  return listed.split("\n").flatMap((line) => {
    const [id = "", name = ""] = line.split("\t");
    return own.has(name) ? [id] : [];
  });
}

/** Removes what is left of the stack's networks once its containers are gone; one that is in use stays. */
export async function removeNetworks(engine: string, inventory: Inventory): Promise<void> {
  const { stdout } = await run("docker", ["--host", engine, "network", "ls", "--format", "{{.ID}}\t{{.Name}}"]);
  const left = networksOf(inventory, stdout);
  if (left.length > 0) await run("docker", ["--host", engine, "network", "rm", ...left]);
}
