import { type Inventory, provider, SECRETS_DIR, type SecretRef, secretFile } from "../association/index.ts";
import type { Settings } from "./services/alertmanager/kind.ts";

/** Purpose of the token that Alertmanager shows the lookout. */
export const ALERTS_TOKEN = "alertmanager/lookout";
export const ALERTS_TOKEN_FILE = `${SECRETS_DIR}/alerts-token`;

/** How alerts leave, as the service that routes them declares it; undefined where there is none of ours. */
export function alertSettings({ services }: Pick<Inventory, "services">): Settings | undefined {
  const router = provider("alerts", services);
  return router?.delivery.by === "us" ? (router.delivery.settings as Settings) : undefined;
}

/** The mail server as programs are told of it: the password is in a file. */
export function smtpOf(settings: Settings | undefined) {
  if (settings?.smtp === undefined) return undefined;
  const { password, username, ...server } = settings.smtp;
  return {
    ...server,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { passwordFile: secretFile(password) }),
  };
}

/** The secrets that these settings name. */
export const settingsSecrets = (settings: Settings | undefined, ...of: ("smtp" | "deadman")[]): SecretRef[] =>
  [
    of.includes("smtp") ? settings?.smtp?.password : undefined,
    of.includes("deadman") ? settings?.deadman : undefined,
  ].filter((ref) => ref !== undefined);
