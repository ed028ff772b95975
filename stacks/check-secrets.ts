import * as pulumi from "@pulumi/pulumi";
import { type DeliveredSecret, type Inventory, SECRETS_DIR, secretFile } from "../association/index.ts";
import { ConfigError } from "./config.ts";
import type { Secrets } from "./secrets.ts";

/** Passwords of outside systems: an object of the stack's configuration, each value encrypted. */
const KEY = "secrets";

/** Each secret that the checks name, with the checks that need it. */
export function neededSecrets({
  checks,
}: Pick<Inventory, "checks">): Map<string, { ref: DeliveredSecret; by: string[] }> {
  const needed = new Map<string, { ref: DeliveredSecret; by: string[] }>();
  for (const { id, secrets = [] } of Object.values(checks)) {
    for (const ref of secrets) {
      const path = secretFile(ref).slice(SECRETS_DIR.length + 1);
      const known = needed.get(path);
      needed.set(path, { ref, by: [...(known?.by ?? []), id] });
    }
  }
  return needed;
}

/**
 * The files with the secrets of the checks, by path under the folder of secrets.
 *
 * @throws ConfigError naming each one that the stack's configuration lacks, the checks that need it, and the command that sets it.
 */
export function checkSecrets(
  inventory: Pick<Inventory, "checks">,
  secrets: Secrets,
  config = new pulumi.Config("vigie"),
): Record<string, pulumi.Output<string>> {
  const needed = neededSecrets(inventory);
  const given = new Set(givenNames(config));
  const missing = [...needed.values()].filter(({ ref }) => "secret" in ref && !given.has(ref.secret));
  if (missing.length > 0) throw new ConfigError(missing.map(describe).join("\n"));
  const values = config.getSecretObject<Record<string, string>>(KEY) ?? pulumi.output({} as Record<string, string>);
  return Object.fromEntries(
    [...needed].map(([path, { ref }]) => [
      path,
      "secret" in ref ? pulumi.secret(values.apply((all) => String(all[ref.secret]))) : secrets.token(ref.derived),
    ]),
  );
}

/** Names of the secrets that are set; not their values. */
function givenNames(config: pulumi.Config): string[] {
  const text = pulumi.runtime.allConfig()[`${config.name}:${KEY}`];
  if (text === undefined) return [];
  try {
    return Object.entries(JSON.parse(text) as Record<string, unknown>).flatMap(([name, value]) =>
      value === "" ? [] : [name],
    );
  } catch {
    throw new ConfigError(
      `vigie:${KEY} is not a set of names and values; each is set by: npm run pulumi -- config set --secret --path vigie:${KEY}.NAME`,
    );
  }
}

const describe = ({ ref, by }: { ref: DeliveredSecret; by: readonly string[] }): string =>
  "secret" in ref
    ? `checks ${by.join(", ")}: the secret "${ref.secret}" is not set; set it, typing it when asked: ` +
      `npm run pulumi -- config set --secret --path vigie:${KEY}.${ref.secret}`
    : "";
