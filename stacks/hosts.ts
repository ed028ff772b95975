import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Host, Inventory } from "../association/index.ts";
import { deployedServices } from "./deployed.ts";
import { type NetworkPlan, planNetworks } from "./networks.ts";

/** A Docker engine and the networks on it. */
export class HostResources extends pulumi.ComponentResource {
  readonly host: Host;
  readonly provider: docker.Provider;
  /** By the id of the service that each network belongs to. */
  readonly networks: Readonly<Record<string, { plan: NetworkPlan; network: docker.Network }>>;

  constructor(host: Host, plans: readonly NetworkPlan[], opts?: pulumi.ComponentResourceOptions) {
    super("vigie:host:Host", host.id, {}, opts);
    this.host = host;
    this.provider = new docker.Provider(host.id, { host: engineOf(host) }, { parent: this });
    this.networks = Object.fromEntries(
      plans.map((plan) => [
        plan.server,
        {
          plan,
          network: new docker.Network(
            plan.name,
            { name: plan.name, internal: plan.internal, driver: "bridge" },
            { parent: this, provider: this.provider, deleteBeforeReplace: true },
          ),
        },
      ]),
    );
    this.registerOutputs({});
  }
}

/** On the machine itself `DOCKER_HOST` wins over the default socket: a rootless or test engine lives elsewhere. */
export const engineOf = ({ engine }: Host): string =>
  engine === DEFAULT_SOCKET && process.env.DOCKER_HOST ? process.env.DOCKER_HOST : engine;

const DEFAULT_SOCKET = "unix:///var/run/docker.sock";

/** The hosts that services run on. */
export function createHosts(inventory: Inventory): Record<string, HostResources> {
  const used = new Set(deployedServices(inventory).map(({ delivery }) => delivery.host));
  const plans = planNetworks(inventory);
  return Object.fromEntries(
    [...used].sort().map((id) => [
      id,
      new HostResources(
        inventory.hosts[id]!,
        plans.filter(({ host }) => host === id),
      ),
    ]),
  );
}

/** Every volume of every service. Protected: their deletion has to be asked for by name. */
export function createVolumes(
  inventory: Inventory,
  hosts: Readonly<Record<string, HostResources>>,
  protect: boolean,
): Record<string, docker.Volume> {
  return Object.fromEntries(
    deployedServices(inventory).flatMap(({ delivery, volumes }) =>
      Object.values(volumes).map(({ name }) => {
        const host = hosts[delivery.host]!;
        // No labels: a changed label replaces a volume, which deletes its data.
        return [name, new docker.Volume(name, { name }, { parent: host, provider: host.provider, protect })];
      }),
    ),
  );
}
