import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import { type Edition, readEditions } from "./edition.ts";
import { ROOT } from "./root.ts";

/** Where the proxy's certificates come from. */
export type Certificates = "acme" | "internal";

/** The stack's configuration, as `Pulumi.yaml` types it. */
export interface StackConfig {
  /** The declaration's module, as a path from the project's root. */
  declaration: string;
  /** All other secrets are derived from it. */
  rootSecret: pulumi.Output<string>;
  protectData: boolean;
  portOffset: number;
  /** `auto` goes by the declared names. */
  certificates: Certificates | "auto";
  /** Start each service after those that it depends on, one wave after the other: slower, and what a recovery wants. */
  ordered: boolean;
  /** Which edition of its image each service runs, by service. */
  images: Readonly<Record<string, Edition>>;
}

/** A setting that somebody has to change: its message is shown without a stack trace. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/** @throws ConfigError where a value is missing or not one of those allowed, naming the command that sets it. */
export function readConfig(config = new pulumi.Config("vigie")): StackConfig {
  const certificates = config.get("certificates") ?? "auto";
  if (certificates !== "acme" && certificates !== "internal" && certificates !== "auto") {
    throw new ConfigError(
      `vigie:certificates is "${certificates}"; it is set by: pulumi config set vigie:certificates acme (or internal, or auto)`,
    );
  }
  const rootSecret = config.getSecret("rootSecret");
  if (rootSecret === undefined) {
    throw new ConfigError(
      "vigie:rootSecret is not set. `npm run up` sets it; by hand: " +
        'openssl rand -base64 32 | tr "+/" "-_" | tr -d "=" | pulumi config set --secret vigie:rootSecret',
    );
  }
  return {
    declaration: config.get("declaration") ?? "associations/tilleuls/index.ts",
    rootSecret,
    protectData: config.getBoolean("protectData") ?? true,
    portOffset: config.getNumber("portOffset") ?? 0,
    certificates,
    ordered: config.getBoolean("ordered") ?? false,
    images: editions(config),
  };
}

function editions(config: pulumi.Config): Record<string, Edition> {
  try {
    return readEditions(config.getObject("images"));
  } catch (error) {
    throw new ConfigError(`vigie:images: ${(error as Error).message}; \`npm run upgrade\` writes it`, { cause: error });
  }
}

/** The declaration in a module's default export. */
export async function loadDeclaration(path: string, root: string = ROOT): Promise<unknown> {
  const file = resolve(root, path);
  const module = await import(pathToFileURL(file).href).catch((error: unknown) => {
    throw new ConfigError(`${path}: the declaration cannot be read (vigie:declaration): ${error}`, { cause: error });
  });
  if (module.default === undefined)
    throw new ConfigError(`${path}: has no default export; write \`export default defineAssociation({...})\``);
  return module.default;
}
