import type { DeployedService } from "../../context.ts";

/** A site that answers every name, and ports that accept a connection and say nothing of interest. */
export function standInCaddyfile(service: DeployedService): string {
  const { tcpPorts } = service.delivery.settings as { tcpPorts: number[] };
  const hello = (port: number): string => `http://:${port} {\n\trespond "This plays {host} in a demonstration." 200\n}`;
  return ["{\n\tadmin off\n}", "http://:2020 {\n\trespond /healthy 200\n}", ...[80, ...tcpPorts].map(hello)].join(
    "\n\n",
  );
}
