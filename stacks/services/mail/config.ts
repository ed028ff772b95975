import {
  ALERTS_LOGIN,
  endpointFrom,
  type Inventory,
  ownAlertMail,
  type People,
  provider,
  proxyFor,
} from "../../../association/index.ts";
import { type DeployedService, deployedServices } from "../../deployed.ts";
import { listServersFor, relayLogin } from "../lists/config.ts";
import type { MailSettings } from "./kind.ts";

/** A box as the image reads it; see the head of `image/vigie_mail/config.py`. */
export interface BoxConfig {
  address: string;
  kind: "person" | "role";
  /** Login of the person whose INBOX it is. */
  owner?: string;
  /** Logins that see it as a shared folder and write in its name. */
  delegates: string[];
  aliases: string[];
  quotaMb: number;
}

/** Where the certificate that the proxy gets for the mail server is seen in its container. */
export const CERTIFICATES = "/srv/certificates";

/** Login of the lookout's own box. */
export const PROBE_LOGIN = "vigie-probe";
const PROBE_QUOTA_MB = 100;

export const mailSettings = (service: DeployedService): MailSettings => service.delivery.settings as MailSettings;

/**
 * Megabytes of memory. Rspamd holds each message whole and decoded: four of 95 MB at once took all of mail to 680, four of 24 to 260. Where
 * it dies of them their senders are told to come again, which people's mail programs do not.
 */
export const memoryFor = (service: DeployedService): number =>
  768 + 4 * Math.max(0, mailSettings(service).messageMb - 25);

/** What the image turns into the files of Postfix, Dovecot and Rspamd. */
export function mailConfig(service: DeployedService, inventory: Inventory, people: People) {
  const settings = mailSettings(service);
  const domains = Object.keys(inventory.domains);
  const boxes = withReservedNames(
    [...roleBoxes(inventory, people), ...personalBoxes(people), ...probeBox(settings)],
    [...reservedNames(domains, inventory), ...sendersOfAlerts(service, inventory)],
    settings.postmaster ?? inventory.association.contact,
    inventory,
    people,
  );
  const lists = listServersFor(service, inventory, people);
  return {
    hostname: settings.hostname,
    domains,
    boxes,
    accounts: [
      ...accountsFor(boxes, settings),
      ...lists.map(({ login }) => ({ login, sendAs: [] })),
      ...sendersOfAlerts(service, inventory).map((address) => ({ login: ALERTS_LOGIN, sendAs: [address] })),
    ],
    ...(lists.length === 0 ? {} : { lists }),
    catchAll: Object.fromEntries(
      Object.entries(settings.catchAll).map(([domain, mailbox]) => [domain, addressOf(mailbox, inventory, people)]),
    ),
    dkim: {
      selectors: settings.dns.selectors,
      overlapDays: settings.keyOverlapDays,
      lifeDays: settings.keyLifeDays ?? 0,
    },
    tls: certificateFiles(settings.hostname),
    ...(settings.relay === undefined ? {} : { relay: relayConfig(settings.relay) }),
    limits: {
      messageMb: settings.messageMb,
      perAccountPerHour: settings.perAccountPerHour,
      perSourcePerMinute: settings.perSourcePerMinute,
    },
    ...nameServer(service, inventory),
    spam: { askOthers: settings.askOthers },
    // Others who send in our name prove it by SPF or DKIM; where there are none, nobody may.
    ownDomain: Object.keys(settings.dns.otherSenders).length === 0 ? "refuse" : "authenticated",
  };
}

/** The name server of our domains beside it, which its resolver asks about them. */
function nameServer(service: DeployedService, { services, hosts }: Inventory) {
  const { host } = service.delivery;
  const names = provider("names", services, host);
  const dns = names && endpointFrom(host, names, "dns", hosts);
  return dns === undefined ? {} : { dns };
}

export const RELAY_PASSWORD_FILE = "/etc/vigie/secrets/relay";

const relayConfig = ({ host, port, login }: NonNullable<MailSettings["relay"]>) => ({
  host,
  port,
  ...(login === undefined ? {} : { login, passwordFile: RELAY_PASSWORD_FILE }),
});

/** A role's box and those who hold the role now: a hand-over changes `delegates`, and nothing else. */
const roleBoxes = (inventory: Inventory, people: People): BoxConfig[] =>
  Object.values(inventory.roleMailboxes).map(({ address, role, aliases, quotaMb }) => ({
    address,
    kind: "role",
    delegates: holdersOf(role, people),
    aliases: [...aliases].sort(),
    quotaMb,
  }));

const holdersOf = (role: string, people: People): string[] =>
  [...new Set((people.roles[role] ?? []).map((holder) => people.holders[holder]!.login))].sort();

/** A person's first box is their INBOX; the image shows further ones as shared folders. */
const personalBoxes = (people: People): BoxConfig[] =>
  Object.values(people.mailboxes).map(({ address, holder, aliases, quotaMb }) => ({
    address,
    kind: "person",
    owner: people.holders[holder]!.login,
    delegates: [],
    aliases: [...aliases].sort(),
    quotaMb,
  }));

const probeBox = ({ probe }: MailSettings): BoxConfig[] =>
  probe === undefined
    ? []
    : [{ address: probe, kind: "person", owner: PROBE_LOGIN, delegates: [], aliases: [], quotaMb: PROBE_QUOTA_MB }];

/** The address that alerts come from. What is answered to it, and what comes back, goes where postmaster@ goes. */
function sendersOfAlerts({ id }: DeployedService, inventory: Inventory): string[] {
  const own = ownAlertMail(inventory);
  return own?.server.id === id ? [own.from] : [];
}

const RESERVED = ["postmaster", "abuse"];

/** The addresses that every domain has to have (RFC 5321 section 4.5.1, RFC 2142 section 4), without those that are lists. */
const reservedNames = (domains: readonly string[], { lists }: Inventory): string[] => {
  const taken = new Set(Object.values(lists).map(({ address }) => address));
  return domains.flatMap((domain) => RESERVED.map((name) => `${name}@${domain}`)).filter((name) => !taken.has(name));
};

/** Adds the reserved names that no box has to the role's box, or to one of their own where the role has none. */
function withReservedNames(
  boxes: BoxConfig[],
  reserved: readonly string[],
  role: string,
  inventory: Inventory,
  people: People,
): BoxConfig[] {
  const taken = new Set(boxes.flatMap(({ address, aliases }) => [address, ...aliases]));
  const missing = reserved.filter((name) => !taken.has(name));
  if (missing.length === 0) return boxes;
  const theirs = Object.values(inventory.roleMailboxes).find((box) => box.role === role)?.address;
  if (theirs !== undefined) {
    return boxes.map((box) =>
      box.address === theirs ? { ...box, aliases: [...box.aliases, ...missing].sort() } : box,
    );
  }
  const [address, ...aliases] = missing;
  return [
    ...boxes,
    { address: address!, kind: "role", delegates: holdersOf(role, people), aliases, quotaMb: PROBE_QUOTA_MB },
  ];
}

/** Everybody who reads a box, and the programs that only send. */
function accountsFor(boxes: readonly BoxConfig[], { sendOnly }: MailSettings) {
  const readers = new Set(boxes.flatMap(({ owner, delegates }) => [...(owner ? [owner] : []), ...delegates]));
  return [
    ...[...readers].map((login) => ({ login, sendAs: [] as string[] })),
    ...Object.entries(sendOnly).map(([login, sendAs]) => ({ login, sendAs: [...sendAs].sort() })),
  ].sort((a, b) => (a.login < b.login ? -1 : 1));
}

const addressOf = (mailbox: string, inventory: Inventory, people: People): string =>
  (inventory.roleMailboxes[mailbox] ?? people.mailboxes[mailbox])!.address;

const certificateFiles = (hostname: string) => ({
  cert: `${CERTIFICATES}/${hostname}.crt`,
  key: `${CERTIFICATES}/${hostname}.key`,
});

/** The volume where the proxy puts that certificate, where it is on the same host; the server signs its own otherwise. */
export function certificateVolume(service: DeployedService, { services }: Inventory): Record<string, string> {
  const proxy = proxyFor(service.delivery.host, services);
  if (proxy?.delivery.by !== "us" || proxy.delivery.host !== service.delivery.host) return {};
  return { [proxy.volumes.certificates!.name]: CERTIFICATES };
}

/** Logins whose passwords are programs', not people's. */
export const programLogins = (service: DeployedService, inventory: Inventory): string[] => {
  const { sendOnly, probe } = mailSettings(service);
  const lists = deployedServices(inventory).filter(({ provides }) => provides.includes("lists"));
  return [
    ...Object.keys(sendOnly),
    ...(probe === undefined ? [] : [PROBE_LOGIN]),
    ...lists.map(relayLogin),
    ...sendersOfAlerts(service, inventory).map(() => ALERTS_LOGIN),
  ].sort();
};

/** Purpose of what opens the server's state to the lookout. */
export const STATUS_TOKEN = "mail/status";

/** Purpose of a program's password: see `Secrets`. */
export const programPassword = (login: string): string => `mail/${login}`;
