import * as pulumi from "@pulumi/pulumi";
import { buildInventory, DeclarationError, holdersOf, loadVocabulary } from "../association/index.ts";
import { certificatesFor } from "./certificates.ts";
import type { ServiceComponent } from "./component.ts";
import { ConfigError, loadDeclaration, readConfig } from "./config.ts";
import { deployedServices } from "./context.ts";
import { createHosts, createVolumes, engineOf } from "./hosts.ts";
import { limitProcesses } from "./limits.ts";
import { startOrder } from "./order.ts";
import { Secrets } from "./secrets.ts";
import { loadComponents } from "./services.ts";

// The CLI's runner maps every stack trace through source maps, and the SDK takes a trace of every promise. Types are stripped in
// place here, so that there is no map to read: traces say the same without it, and a no-op `up` takes a quarter less processor time.
Reflect.deleteProperty(Error, "prepareStackTrace");

/** The whole of a deployment: read the declaration, derive its inventory, create what it says. */
async function deploy(): Promise<Record<string, unknown>> {
  const config = readConfig();
  const [declaration, vocabulary, components] = await Promise.all([
    loadDeclaration(config.declaration),
    loadVocabulary(),
    loadComponents(),
  ]);
  const { inventory, people } = buildInventory(declaration, vocabulary, {
    prefix: `${(declaration as { association?: { id?: string } }).association?.id}-${pulumi.getStack()}`,
    portOffset: config.portOffset,
  });
  const secrets = new Secrets(config.rootSecret);
  const hosts = createHosts(inventory);
  const volumes = createVolumes(inventory, hosts, config.protectData);
  const made = new Map<string, ServiceComponent>();
  const context = {
    inventory,
    people,
    secrets,
    hosts,
    volumes,
    certificates: certificatesFor(config.certificates, inventory),
    images: config.images,
    ordered: config.ordered,
    made,
  };
  const deployed = startOrder(deployedServices(inventory)).map((service) => {
    const Component = components[service.delivery.kind];
    if (Component === undefined) {
      throw new ConfigError(
        `services.${service.id}: stacks/services/${service.delivery.kind}/index.ts is missing: nothing says how to deploy it`,
      );
    }
    const component = new Component(service, context);
    made.set(service.id, component);
    return component;
  });
  for (const host of Object.values(hosts)) {
    const made = deployed.filter((component) => component.host === host).flatMap(({ containers }) => containers);
    limitProcesses(
      engineOf(host.host),
      made.map(({ limit }) => limit),
      made.map(({ container }) => container.id),
    );
  }
  return {
    urls: Object.fromEntries(
      deployedServices(inventory).flatMap(({ id, url }) => (url === undefined ? [] : [[id, url]])),
    ),
    // For `preview` to tell roles that change hands.
    holders: pulumi.secret(holdersOf(people)),
    passwords: pulumi.secret(
      pulumi.all(
        Object.fromEntries(Object.values(people.holders).map(({ login }) => [login, secrets.password(login)])),
      ),
    ),
  };
}

/** A declaration's mistakes are shown as they are: a stack trace would hide them. */
async function main(): Promise<Record<string, unknown>> {
  try {
    return await deploy();
  } catch (error) {
    if (error instanceof DeclarationError || error instanceof ConfigError) throw new pulumi.RunError(error.message);
    throw error;
  }
}

const outputs = await main();
export const urls = outputs.urls;
export const passwords = outputs.passwords;
export const holders = outputs.holders;
