import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import type { Inventory } from "../association/index.ts";
import type { ContainerSummary } from "./docker.ts";
import type { Problem } from "./refusal.ts";

/** A port that a stack will open on a host. */
export interface PlannedPort {
  service: string;
  /** Name of the container that will hold it. */
  container: string;
  port: number;
  protocol: "tcp" | "udp";
  /** The host's address on which it will be opened. */
  address: string;
}

/** The ports that services open on the hosts whose engine is `endpoint`. Pure. */
export function plannedPorts(
  { services, hosts }: Pick<Inventory, "services" | "hosts">,
  isHere: (host: string) => boolean,
): PlannedPort[] {
  return Object.values(services).flatMap(({ id, container, delivery, ports }) =>
    delivery.by === "us" && container && isHere(delivery.host)
      ? Object.values(ports).flatMap(({ published, protocol }) =>
          published === undefined
            ? []
            : [
                {
                  service: id,
                  container,
                  port: published,
                  protocol,
                  address: hosts[delivery.host]?.publishOn ?? "0.0.0.0",
                },
              ],
        )
      : [],
  );
}

/** What holds a port that is not free. */
export type Taken = { planned: PlannedPort; by: ContainerSummary | undefined };

/** Planned ports that something else holds: another container, or a program of this machine. */
export async function takenPorts(
  planned: readonly PlannedPort[],
  containers: readonly ContainerSummary[],
  free: (port: PlannedPort) => Promise<boolean>,
): Promise<Taken[]> {
  const taken = await Promise.all(
    planned.map(async (port): Promise<Taken[]> => {
      const by = containers.find((container) => publishes(container, port));
      if (by) return by.Names.includes(`/${port.container}`) ? [] : [{ planned: port, by }];
      return (await free(port)) ? [] : [{ planned: port, by: undefined }];
    }),
  );
  return taken.flat();
}

const publishes = ({ Ports }: ContainerSummary, { port, protocol, address }: PlannedPort): boolean =>
  Ports.some((open) => open.PublicPort === port && open.Type === protocol && overlap(open.IP ?? "0.0.0.0", address));

const ANY = new Set(["0.0.0.0", "::"]);
const overlap = (one: string, other: string): boolean => one === other || ANY.has(one) || ANY.has(other);

/** Errors that tell nothing of who holds the port: below 1024 and not root, or an address that only the engine has. */
const UNKNOWABLE = new Set(["EACCES", "EADDRNOTAVAIL"]);

/** Whether we could open it ourselves. */
export function isFree({ port, protocol, address }: PlannedPort): Promise<boolean> {
  return new Promise((resolve) => {
    const verdict = (error: NodeJS.ErrnoException) => resolve(UNKNOWABLE.has(error.code ?? ""));
    if (protocol === "udp") {
      const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
      socket.once("error", verdict).bind({ port, address, exclusive: true }, () => socket.close(() => resolve(true)));
    } else {
      const server = createServer();
      server
        .once("error", verdict)
        .listen({ port, host: address, exclusive: true }, () => server.close(() => resolve(true)));
    }
  });
}

/** The words for a port that is not free. Pure. */
export function describeTaken({ planned: { service, port, protocol }, by }: Taken): Problem {
  const name = by?.Names[0]?.slice(1);
  return {
    what: `Port ${port}/${protocol}, which ${service} needs, is taken by ${name ? `the container ${name}` : "another program"}`,
    fix: [
      name
        ? `docker stop ${name}`
        : `sudo ss -${protocol === "udp" ? "u" : "t"}lnp 'sport = :${port}'   shows which program`,
      `or move every port of this stack: npm run pulumi -- config set vigie:portOffset 10000`,
    ].join("\n"),
  };
}
