import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { describeShape, type Host, LABELS } from "../association/index.ts";
import type { DeployedService, StackContext } from "./context.ts";
import { CONFIG_DIR } from "./courier.ts";
import type { Files } from "./delivered-files.ts";
import type { NetworkPlan } from "./networks.ts";

/** What differs from one service's container to another's; the rest is the same for all. */
export interface ContainerSpec {
  /** Megabytes of memory it may use; no swap beyond. */
  memoryMb: number;
  /** How many processors' worth of time it may use. */
  cpus?: number;
  /** Processes and threads it may have. */
  pids?: number;
  /** Files under /etc/vigie, its configuration and secrets. */
  files?: Files;
  /** Folders held in memory: path → size in megabytes. */
  tmpfs?: Readonly<Record<string, number>>;
  /** Linux capabilities it cannot do without, such as `CAP_CHOWN`. */
  capabilities?: readonly string[];
  /** Groups, by number, that it belongs to besides its own. */
  groups?: readonly string[];
  /** User it runs as, where not the image's. */
  user?: string;
  command?: readonly string[];
  /** Volumes of other services, read-only: volume name → path. */
  reads?: Readonly<Record<string, string>>;
  /** Volumes of other services that it writes to: volume name → path. */
  writes?: Readonly<Record<string, string>>;
  /** Files of the host: host path → container path. */
  hostFiles?: Readonly<Record<string, string>>;
  /** How long it may take to answer its first health check, in seconds. */
  startSeconds?: number;
}

/**
 * Properties whose change must make a new container: the provider reports a changed health check or tmpfs as updated
 * and leaves the running container as it was.
 */
export const REPLACE_ON = ["healthcheck", "tmpfs"];

/** Half a processor and two hundred processes are plenty for most; the specification says where they are not. */
export const DEFAULT_CPUS = 0.5;
export const DEFAULT_PIDS = 200;

/** What every log keeps: three files of ten megabytes. */
const LOGS = { logDriver: "json-file", logOpts: { "max-size": "10m", "max-file": "3" } };

const DEFAULT_TMPFS = { "/tmp": 16, "/run": 8 };

type Networks = readonly { plan: NetworkPlan; network: { name: pulumi.Output<string> } }[];

/**
 * The arguments of a hardened container: read-only, no capability, no new privilege, bounded, in its networks only.
 *
 * @param config name of the volume that holds its files
 */
export function containerArgs(
  service: DeployedService,
  host: Host,
  image: pulumi.Input<string>,
  networks: Networks,
  context: Pick<StackContext, "volumes" | "inventory">,
  spec: ContainerSpec,
  config?: pulumi.Input<string>,
): docker.ContainerArgs {
  return {
    name: service.container!,
    image,
    hostname: service.id,
    restart: "unless-stopped",
    readOnly: true,
    init: false,
    ...(spec.user === undefined ? {} : { user: spec.user }),
    ...(spec.command === undefined ? {} : { command: [...spec.command] }),
    ...(spec.groups === undefined ? {} : { groupAdds: [...spec.groups] }),
    capabilities: { drops: ["ALL"], adds: [...(spec.capabilities ?? [])] },
    securityOpts: ["no-new-privileges:true"],
    memory: spec.memoryMb,
    memorySwap: spec.memoryMb,
    cpus: String(spec.cpus ?? DEFAULT_CPUS),
    ...LOGS,
    labels: [
      { label: LABELS.stack, value: context.inventory.deployment.prefix },
      { label: LABELS.service, value: service.id },
      { label: LABELS.image, value: image },
      { label: LABELS.shape, value: shapeLabel(service, host, networks, context, spec, config) },
    ],
    networksAdvanced: networks.map(({ plan, network }) => ({
      name: network.name,
      aliases: plan.server === service.id ? plan.aliases : [service.id],
    })),
    ports: Object.values(service.ports).flatMap(({ container, published, protocol }) =>
      published === undefined ? [] : [{ internal: container, external: published, ip: host.publishOn, protocol }],
    ),
    tmpfs: tmpfsOptions({ ...DEFAULT_TMPFS, ...spec.tmpfs }),
    volumes: [
      ...Object.values(service.volumes).map(({ name, path }) => ({
        volumeName: volume(context, name),
        containerPath: path,
      })),
      ...Object.entries(spec.reads ?? {}).map(([name, path]) => ({
        volumeName: volume(context, name),
        containerPath: path,
        readOnly: true,
      })),
      ...Object.entries(spec.writes ?? {}).map(([name, path]) => ({
        volumeName: volume(context, name),
        containerPath: path,
      })),
      ...Object.entries(spec.hostFiles ?? {}).map(([hostPath, path]) => ({
        hostPath,
        containerPath: path,
        readOnly: true,
      })),
      ...(config === undefined ? [] : [{ volumeName: config, containerPath: CONFIG_DIR, readOnly: true }]),
    ],
    healthcheck: {
      tests: ["CMD", "/usr/local/bin/healthy"],
      interval: "10s",
      timeout: "5s",
      startPeriod: engineDuration(spec.startSeconds ?? 30),
      retries: 3,
    },
    wait: true,
    waitTimeout: (spec.startSeconds ?? 30) + 60,
  };
}

/** What the container is joined to, written on it: the lookout compares it with what the engine says. */
function shapeLabel(
  service: DeployedService,
  host: Host,
  networks: Networks,
  context: Pick<StackContext, "volumes">,
  spec: ContainerSpec,
  config?: pulumi.Input<string>,
): pulumi.Output<string> {
  const reads = Object.entries(spec.reads ?? {});
  const writes = Object.entries(spec.writes ?? {});
  return pulumi
    .all([
      pulumi.all(networks.map(({ network }) => network.name)),
      pulumi.all(Object.values(service.volumes).map(({ name }) => volume(context, name))),
      pulumi.all(reads.map(([name]) => volume(context, name))),
      pulumi.all(writes.map(([name]) => volume(context, name))),
      pulumi.output(config),
    ])
    .apply(([names, volumes, read, written, configVolume]) =>
      describeShape({
        networks: names,
        mounts: [
          ...Object.values(service.volumes).map(({ path }, at) => ({ source: volumes[at]!, path, writable: true })),
          ...reads.map(([, path], at) => ({ source: read[at]!, path, writable: false })),
          ...writes.map(([, path], at) => ({ source: written[at]!, path, writable: true })),
          ...Object.values(spec.hostFiles ?? {}).map((path) => ({ path, writable: false })),
          ...(configVolume === undefined ? [] : [{ source: configVolume, path: CONFIG_DIR, writable: false }]),
        ],
        ports: Object.values(service.ports).flatMap(({ container, published, protocol }) =>
          published === undefined ? [] : [`${host.publishOn}:${published}->${container}/${protocol ?? "tcp"}`],
        ),
      }),
    );
}

/** Seconds as the engine gives them back, `1m0s` and not `60s`: written otherwise, every `up` would see a change. */
export const engineDuration = (seconds: number): string =>
  seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;

const volume = ({ volumes }: Pick<StackContext, "volumes">, name: string): pulumi.Output<string> => volumes[name]!.name;

const tmpfsOptions = (sizes: Readonly<Record<string, number>>): Record<string, string> =>
  Object.fromEntries(Object.entries(sizes).map(([path, mb]) => [path, `rw,nosuid,nodev,noexec,size=${mb}m,mode=1777`]));
