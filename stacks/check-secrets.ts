import * as pulumi from "@pulumi/pulumi";
import {
  channelSecrets,
  type DeliveredSecret,
  deliveredSecrets,
  type Inventory,
  SECRETS_DIR,
  type SecretRef,
  secretFile,
} from "../association/index.ts";
import { ConfigError } from "./config.ts";
import type { Secrets } from "./secrets.ts";

/** Passwords of outside systems: an object of the stack's configuration, each value encrypted. */
const KEY = "secrets";

const ALERTS = "the alerts of ";

/** Each secret that checks and alerts name, with those that need it. */
export function neededSecrets({
  checks,
  roles = {},
}: Pick<Inventory, "checks"> & Partial<Pick<Inventory, "roles">>): Map<string, { ref: DeliveredSecret; by: string[] }> {
  const needed = new Map<string, { ref: DeliveredSecret; by: string[] }>();
  const note = (by: string, refs: readonly SecretRef[]) => {
    for (const ref of deliveredSecrets(refs)) {
      const path = secretFile(ref).slice(SECRETS_DIR.length + 1);
      const known = needed.get(path);
      needed.set(path, { ref, by: [...(known?.by ?? []), by] });
    }
  };
  for (const { id, secrets = [] } of Object.values(checks)) note(id, secrets);
  for (const [id, { alerts = [] }] of Object.entries(roles)) note(`${ALERTS}${id}`, alerts.flatMap(channelSecrets));
  return needed;
}

/**
 * The files with the secrets of the checks, by path under the folder of secrets.
 *
 * @throws ConfigError naming each one that the stack's configuration lacks, the checks that need it, and the command that sets it.
 */
export const checkSecrets = (
  inventory: Parameters<typeof neededSecrets>[0],
  secrets: Secrets,
  config = new pulumi.Config("vigie"),
): Record<string, pulumi.Output<string>> => secretFiles(neededSecrets(inventory), secrets, config);

/** The files with the secrets that somebody needs, by path under the folder of secrets. @throws ConfigError as above. */
export const secretsFor = (
  by: string,
  refs: readonly SecretRef[],
  secrets: Secrets,
  config = new pulumi.Config("vigie"),
): Record<string, pulumi.Output<string>> =>
  secretFiles(
    new Map(deliveredSecrets(refs).map((ref) => [secretFile(ref).slice(SECRETS_DIR.length + 1), { ref, by: [by] }])),
    secrets,
    config,
  );

function secretFiles(needed: ReturnType<typeof neededSecrets>, secrets: Secrets, config: pulumi.Config) {
  const given = new Set(givenNames(config));
  const missing = [...needed.values()].filter(({ ref }) => "secret" in ref && !given.has(ref.secret));
  if (missing.length > 0) throw new ConfigError(missing.map(describe).join("\n"));
  const values = config.getSecretObject<Record<string, string>>(KEY) ?? pulumi.output({} as Record<string, string>);
  return Object.fromEntries(
    [...needed].map(([path, { ref }]): [string, pulumi.Output<string>] => [
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
    ? `${users(by)}: the secret "${ref.secret}" is not set; set it, typing it when asked: ` +
      `npm run pulumi -- config set --secret --path vigie:${KEY}.${ref.secret}`
    : "";

function users(by: readonly string[]): string {
  const checks = by.filter((one) => !one.startsWith(ALERTS));
  return [
    ...(checks.length === 0 ? [] : [`checks ${checks.join(", ")}`]),
    ...by.filter((one) => one.startsWith(ALERTS)),
  ].join(", ");
}
