import { type Inventory, secretFile } from "../../../association/index.ts";
import { repositoryUrl } from "../../backups.ts";
import { type DeployedService, deployedServices } from "../../context.ts";
import type { Destination } from "./destinations.ts";
import type { BackupSettings } from "./kind.ts";

/** What the agent's image is built with, as paths from the project's root. */
export const AGENT_IMAGE = { include: ["association/cron.ts"], packages: ["croner", "node-cron"] };

/** Every volume of a host that some policy covers, by volume name, with where the backup service sees it. */
export function coveredVolumes(host: string, inventory: Inventory) {
  return deployedServices(inventory)
    .filter(({ delivery }) => delivery.host === host)
    .flatMap(({ id, backup, volumes }) =>
      "none" in backup
        ? []
        : Object.entries(volumes)
            .filter(([, volume]) => volume.backup)
            .map(([key, volume]) => ({
              id: `${id}-${key}`,
              service: id,
              volume: key,
              name: volume.name,
              path: `/data/${volume.name}`,
              excludes: (volume.excludes ?? []).map((pattern) => `/data/${volume.name}/${pattern}`),
              backup,
            })),
    );
}

/** The volume of a service that it and the agent talk through before a snapshot; see `stacks/hooks/vigie-hooks`. */
const HOOKS = "hooks";

/** Volumes in which services of a host listen for snapshots, by service: name → where the agent sees it. */
export const hookVolumes = (host: string, inventory: Inventory): Record<string, { name: string; path: string }> =>
  Object.fromEntries(
    deployedServices(inventory)
      .filter(({ delivery, backup, volumes }) => delivery.host === host && !("none" in backup) && volumes[HOOKS])
      .map(({ id, volumes }) => [id, { name: volumes[HOOKS]!.name, path: `/hooks/${id}` }]),
  );

/** What the image's agent reads. */
export function backupConfig(service: DeployedService, inventory: Inventory) {
  const { host } = service.delivery;
  const { verify, limit, bandwidth, quietHours, copies } = service.delivery.settings as BackupSettings;
  const { timeZone } = inventory.association;
  const hooks = hookVolumes(host, inventory);
  const asked = new Set<string>();
  const withUser = (url: string): string => url.replace("rest:http://", `rest:http://${service.id}@`);
  return {
    host,
    repository: withUser(repositoryUrl(service, host, { inventory })),
    copies: Object.entries(copies).map(([id, copy]) => ({
      id,
      everySeconds: copy.every,
      ...destinationConfig(copy, (repository) => withUser(repositoryUrl(service, host, { inventory }, repository))),
    })),
    limitSeconds: limit,
    verify: { everySeconds: verify.every, readAllWithinSeconds: verify.readAllWithin },
    bandwidth,
    ...(quietHours ? { quietHours: { ...quietHours, timeZone } } : {}),
    report: { port: service.ports.report!.container, keyFile: "/etc/vigie/secrets/report-key" },
    jobs: coveredVolumes(host, inventory).map(({ id, service: owner, volume, path, excludes, backup }) => ({
      id,
      service: owner,
      volume,
      path,
      ...(hooks[owner] && isFirst(asked, owner) ? { prepare: { folder: hooks[owner].path, limitSeconds: 1800 } } : {}),
      schedule: backup.schedule,
      timeZone,
      excludes,
    })),
  };
}

/** Where a copy goes, as restic writes it, and the files that open it. Pure. */
export function destinationConfig({ repository, sftp, s3 }: Destination, urlOf: (service: string) => string) {
  if (sftp) {
    const { user, host, port, path, hostKey, key } = sftp;
    // Two slashes: the folder is absolute (restic's manual, "SFTP").
    return { repository: `sftp://${user}@${host}:${port}/${path}`, sftp: { keyFile: secretFile(key), hostKey } };
  }
  if (s3) {
    const { endpoint, bucket, path, region, keyId, secretKey } = s3;
    return {
      repository: `s3:${endpoint}/${bucket}/${path}`,
      s3: {
        keyIdFile: secretFile(keyId),
        secretKeyFile: secretFile(secretKey),
        ...(region === undefined ? {} : { region }),
      },
    };
  }
  return { repository: urlOf(repository!) };
}

/** A service is asked once: before the first of its volumes, which holds the copies. */
function isFirst(asked: Set<string>, service: string): boolean {
  if (asked.has(service)) return false;
  asked.add(service);
  return true;
}
