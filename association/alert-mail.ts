import type { Inventory, InventoryService } from "./inventory.ts";
import { channelsOf } from "./schema/channel.ts";
import type { SecretRef } from "./secrets.ts";
import { hostOf, provider } from "./services.ts";

/** The account of the association's own mail server by which alerts and tickets leave; it reads nothing. */
export const ALERTS_LOGIN = "vigie-alerts";

/** A mail server as the declaration names it. */
interface AlertSmtp {
  host: string;
  port: number;
  from: string;
  username?: string;
  password?: SecretRef;
}

/** Another server that alerts leave by, where the service that routes them names one. */
const otherServer = ({ services }: Pick<Inventory, "services">): AlertSmtp | undefined => {
  const router = provider("alerts", services);
  return router?.delivery.by === "us" ? (router.delivery.settings as { smtp?: AlertSmtp }).smtp : undefined;
};

/** The association's own mail server, where alerts leave by it: unless another is declared, it takes them. */
export function ownAlertMail(
  inventory: Pick<Inventory, "services" | "association">,
): { server: InventoryService; from: string; name: string } | undefined {
  const { services, association } = inventory;
  const server = provider("mail", services);
  const sends = provider("alerts", services) ?? provider("lookout", services);
  if (server?.delivery.by !== "us" || sends === undefined || otherServer(inventory)) return undefined;
  const { hostname } = server.delivery.settings as { hostname: string };
  return { server, from: `alerts@${association.mainDomain}`, name: hostname };
}

/** The box that is written to for a role: one without is reached through the role it escalates to, else the association's contact. */
export function mailboxFor(
  role: string,
  { roles, association }: Pick<Inventory, "roles" | "association">,
): string | undefined {
  const above = roles[role]?.escalatesTo;
  return [role, above, association.contact].flatMap((id) => (id && roles[id]?.address) || [])[0];
}

const HOW = `another channel, such as { by: "ntfy", topic: { secret: "…" } } (docs/operate.md, "Alerts that reach people")`;

/** That mail is down cannot be told by mail. */
export function untoldMail(inventory: Inventory): string[] {
  const { services, roles } = inventory;
  const server = provider("mail", services);
  if (server === undefined || provider("lookout", services) === undefined) return [];
  const { owner } = server;
  const level2 = roles[owner]?.escalatesTo;
  const told = [owner, ...(level2 === undefined ? [] : [level2])];
  if (!told.every((role) => needsOurMail(role, inventory))) return [];
  return [
    `services.${server.id}: that mail is down would be told to ${told.join(" and ")} by mail alone, which they could not read then. ` +
      `Give roles.${owner}.alerts ${HOW}`,
  ];
}

/** That a whole host is down cannot be told by the mail server on it. */
export function untoldSilence(inventory: Inventory): string[] {
  const { services } = inventory;
  const [lookout, vantage, mail] = [
    provider("lookout", services),
    provider("vantage", services),
    provider("mail", services),
  ];
  if (lookout === undefined || vantage === undefined || mail === undefined) return [];
  if (hostOf(mail) !== hostOf(lookout) || !needsOurMail(lookout.owner, inventory)) return [];
  return [
    `services.${vantage.id}: that the host of ${lookout.id} is down would be told to ${lookout.owner} by the mail server on that very host. ` +
      `Give roles.${lookout.owner}.alerts ${HOW}`,
  ];
}

/** Whether nothing reaches a role but what our own mail server sends or keeps. */
function needsOurMail(role: string, inventory: Inventory): boolean {
  const outside = otherServer(inventory) !== undefined;
  return channelsOf(inventory.roles[role] ?? {}).every((channel) => {
    if (channel.by !== "mail") return false;
    const domain = channel.to?.split("@")[1];
    return !outside || domain === undefined || Object.hasOwn(inventory.domains, domain);
  });
}
