import { endpointFrom, provider } from "../../../association/index.ts";
import { backupServices, repositoryUrl } from "../../backups.ts";
import { type DeployedService, deployedServices, type StackContext } from "../../context.ts";
import { STATUS_PORT } from "../proxy/caddyfile.ts";

const SECRETS = "/etc/vigie/secrets";

/** Where the exporter finds the rest of the stack. */
export function exporterConfig(service: DeployedService, context: Pick<StackContext, "inventory" | "certificates">) {
  const { inventory, certificates } = context;
  const here = service.delivery.host;
  const proxy = provider("proxy", inventory.services, here);
  return {
    listen: service.ports.http!.container,
    address: "0.0.0.0",
    data: service.volumes.data!.path,
    host: here,
    gates: Object.fromEntries(
      deployedServices(inventory)
        .filter(({ provides }) => provides.includes("engine-state"))
        .flatMap((gate) => {
          const address = endpointFrom(here, gate, "http", inventory.hosts);
          return address === undefined
            ? []
            : [
                [
                  gate.delivery.host,
                  { url: `http://${address.host}:${address.port}`, tokenFile: `${SECRETS}/gate-${gate.delivery.host}` },
                ],
              ];
        }),
    ),
    repositories: backupServices(context).map((backup) => ({
      id: backup.id,
      url: repositoryUrl(backup, here, context),
      restUser: backup.id,
      restPasswordFile: `${SECRETS}/rest-${backup.id}`,
      passwordFile: `${SECRETS}/repository-password`,
    })),
    ...(certificates === "internal" && proxy ? { trust: { url: `http://${proxy.id}:${STATUS_PORT}/root.crt` } } : {}),
    publicUrl: service.url,
  };
}
