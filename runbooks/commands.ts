import { type Host, type Inventory, type InventoryService, provider, SECRETS_DIR } from "../association/index.ts";

/** A word as a POSIX shell takes it for itself, whatever it holds (IEEE 1003.1, Shell Command Language, 2.2.2). */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

const LOCAL = "unix:///var/run/docker.sock";

/** How to speak to a host's engine from an administrator's shell: `docker`, or `docker -H ssh://…`. */
export const dockerOn = (host: Host | undefined): string =>
  host === undefined || host.engine === LOCAL ? "docker" : `docker -H ${shellWord(host.engine)}`;

/** The container to work in, and the command that reaches its engine. */
export interface Place {
  readonly docker: string;
  readonly container: string;
}

/** Where a service runs; the placeholder stands for the container of one that does not run with us. */
export function placeOf(inventory: Inventory, service: InventoryService | undefined, placeholder: string): Place {
  const host = service?.delivery.by === "us" ? inventory.hosts[service.delivery.host] : undefined;
  return { docker: dockerOn(host), container: service?.container ? shellWord(service.container) : placeholder };
}

/** Where the service that has an ability runs: on the same host if there is one, else anywhere. */
export function placeWith(
  inventory: Inventory,
  ability: InventoryService["provides"][number],
  near: InventoryService | undefined,
  placeholder: string,
): Place {
  const host = near?.delivery.by === "us" ? near.delivery.host : undefined;
  const service =
    (host === undefined ? undefined : provider(ability, inventory.services, host)) ??
    provider(ability, inventory.services);
  return placeOf(inventory, service, placeholder);
}

const LOOKOUT_PORT = 9464;

/** Has the lookout run one check and explain it; its image has node and no other way to fetch a page. */
export function probeCommand(inventory: Inventory, target: string, check: string, placeholder: string): string {
  const lookout = provider("lookout", inventory.services);
  const { docker, container } = placeOf(inventory, lookout, placeholder);
  const query = new URLSearchParams({ target, check, debug: "true" });
  const url = `http://127.0.0.1:${lookout?.ports.http?.container ?? LOOKOUT_PORT}/probe?${query}`;
  return `${docker} exec ${container} node -e ${shellWord(`fetch(${JSON.stringify(url)}).then(r => r.text()).then(console.log)`)}`;
}

/** A job somewhere that reports to the lookout. */
export interface Push {
  readonly job: string;
  /** What the job runs when it has succeeded. */
  readonly command: string;
  /** Shows the token that belongs into the file which the command reads. */
  readonly token: string;
}

/** The jobs of a service that report by themselves, by what they are declared as (see docs/checks.md). */
export function pushesOf(inventory: Inventory, service: InventoryService, placeholder: string): Push[] {
  const lookout = provider("lookout", inventory.services);
  const { docker, container } = placeOf(inventory, lookout, placeholder);
  return service.checks.flatMap((id) => {
    const { kind, params } = inventory.checks[id]!;
    const { job } = params as { job?: unknown };
    if (kind !== "heartbeat" || typeof job !== "string") return [];
    const path = `push/${service.id}/${job}`;
    return [
      {
        job,
        command: `curl -fsS -m 10 --retry 3 -X POST -H "Authorization: Bearer $(cat /etc/vigie-${job}.token)" ${shellWord(`${lookout?.url ?? ""}/${path}`)}`,
        token: `${docker} exec ${container} cat ${SECRETS_DIR}/derived/${path}`,
      },
    ];
  });
}
