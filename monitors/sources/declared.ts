import type { Inventory } from "../../association/index.ts";
import type { Declared } from "../checks/_drift.ts";

/** What ought to run on each host, by the inventory. */
export function declaredContainers({ services, hosts, deployment }: Inventory): ReadonlyMap<string, Declared> {
  return new Map(
    Object.keys(hosts).map((host) => [
      host,
      {
        stack: deployment.prefix,
        containers: new Map(
          Object.values(services).flatMap(({ id, active, delivery, container }) =>
            active && delivery.by === "us" && delivery.host === host && container !== undefined
              ? [[container, id] as const]
              : [],
          ),
        ),
      },
    ]),
  );
}
