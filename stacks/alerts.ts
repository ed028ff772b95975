import {
  ALERTS_LOGIN,
  endpointFrom,
  ownAlertMail,
  provider,
  SECRETS_DIR,
  type SecretRef,
  secretFile,
} from "../association/index.ts";
import type { DeployedService, StackContext } from "./context.ts";
import type { Settings } from "./services/alertmanager/kind.ts";
import { programPassword } from "./services/mail/config.ts";
import { STATUS_PORT } from "./services/proxy/caddyfile.ts";

/** Purpose of the token that Alertmanager shows the lookout. */
export const ALERTS_TOKEN = "alertmanager/lookout";
export const ALERTS_TOKEN_FILE = `${SECRETS_DIR}/alerts-token`;

type Context = Pick<StackContext, "inventory" | "certificates">;

/** How alerts leave, as the service that routes them declares it; undefined where there is none of ours. */
export function alertSettings({ inventory: { services } }: Pick<Context, "inventory">): Settings | undefined {
  const router = provider("alerts", services);
  return router?.delivery.by === "us" ? (router.delivery.settings as Settings) : undefined;
}

/** A mail server that takes alerts from one of our services: the one that is declared, else the association's own. */
type Server = NonNullable<Settings["smtp"]> & {
  /** The name in its certificate, where it is reached by another. */
  serverName?: string;
};

function serverFor(here: string, context: Context): Server | undefined {
  const declared = alertSettings(context)?.smtp;
  if (declared !== undefined) return declared;
  const own = ownAlertMail(context.inventory);
  const address = own && endpointFrom(here, own.server, "submission", context.inventory.hosts);
  return (
    address && {
      ...address,
      from: own.from,
      serverName: own.name,
      username: ALERTS_LOGIN,
      password: { derived: programPassword(ALERTS_LOGIN) },
    }
  );
}

/** The mail server as a program of ours on a host is told of it: the password is in a file. */
export function smtpOf({ delivery }: DeployedService, context: Context) {
  const found = serverFor(delivery.host, context);
  if (found === undefined) return undefined;
  const { password, username, ...server } = found;
  return {
    ...server,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { passwordFile: secretFile(password) }),
  };
}

/** The secrets with which a program on a host passes alerts on. */
export function alertSecrets(
  { delivery }: DeployedService,
  context: Context,
  ...of: ("smtp" | "deadman")[]
): SecretRef[] {
  return [
    of.includes("smtp") ? serverFor(delivery.host, context)?.password : undefined,
    of.includes("deadman") ? alertSettings(context)?.deadman : undefined,
  ].filter((ref) => ref !== undefined);
}

/** Where a host's own proxy gives the certificate of our own authority, for those who have to trust it; nowhere where every browser knows it. */
export function authorityAt(host: string, { inventory, certificates }: Context): string | undefined {
  const proxy = certificates === "internal" ? provider("proxy", inventory.services, host) : undefined;
  return proxy && `http://${proxy.id}:${STATUS_PORT}/root.crt`;
}
