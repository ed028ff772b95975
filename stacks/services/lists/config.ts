import {
  addressesOf,
  endpointFrom,
  type Inventory,
  LIST_SERVER_NAMES,
  listAddresses,
  listName,
  listsOf,
  type People,
  PROBE_LIST,
  provider,
} from "../../../association/index.ts";
import { type DeployedService, deployedServices } from "../../deployed.ts";
import type { ListsSettings } from "./kind.ts";

type DeclaredList = Inventory["lists"][string];

/** Somebody as the image reads it; see the head of `image/lib/Vigie/Config.pm`. */
interface Subscriber {
  email: string;
  name: string;
}

export const RELAY_PASSWORD_FILE = "/etc/vigie/secrets/relay";

/** The login by which a list server sends, and the purpose of its password. */
export const relayLogin = ({ id }: Pick<DeployedService, "id">): string => `lists-${id}`;

/** Sympa's scenario for those who write, of which each list has its own. */
const SEND: Record<DeclaredList["posting"], (list: DeclaredList) => string> = {
  anyone: () => "public",
  members: ({ strangers }) => (strangers === "refused" ? "private" : "privateoreditorkey"),
  owners: () => "declared_owners",
  moderated: () => "editorkey",
};
const SUBSCRIBE = { confirmed: "auth", approved: "auth_owner", closed: "closed" } as const;
const ARCHIVE = { members: "private", public: "public", none: "none" } as const;
const DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

const listsSettings = (service: DeployedService): ListsSettings => service.delivery.settings as ListsSettings;

/**
 * Megabytes of memory. At rest it takes some 180, a command such as `vigie-lists readmit` 100 more for a while. Three programs hold a message
 * whole, several times over: 9.8 MB took it to 610 MB, 20 MB to 920. A server that dies of a message finds it again when it starts.
 */
export const memoryFor = (service: DeployedService): number => 350 + 35 * listsSettings(service).messageMb;

/** What the image turns into Sympa's lists, and the files of Sympa and Postfix. */
export function listsConfig(service: DeployedService, inventory: Inventory, people: People) {
  const settings = listsSettings(service);
  const [lang] = inventory.association.languages;
  const known = addressesOf(people);
  const subscribers = (holders: Iterable<string>): Subscriber[] =>
    [...new Set(holders)]
      .map((holder) => ({ email: known[holder]!.toLowerCase(), name: people.holders[holder]!.name }))
      .sort((a, b) => (a.email < b.email ? -1 : 1));
  const holdersOf = (roles: readonly string[]): string[] => roles.flatMap((role) => people.roles[role] ?? []);
  const lists = Object.values(listsOf(service, inventory)).map((list) => ({
    name: listName(list.address),
    subject: list.purpose[lang!],
    lang,
    owners: subscribers(holdersOf(list.owners)),
    editors: subscribers(holdersOf(list.editors.length > 0 ? list.editors : list.owners)),
    // Owners too: who answers for a list reads it.
    members: subscribers([...list.teams.flatMap((team) => people.teams[team] ?? []), ...holdersOf(list.owners)]),
    send: SEND[list.posting](list),
    subscribe: SUBSCRIBE[list.subscription],
    archive: ARCHIVE[list.archive],
    visible: list.listed,
    digest: list.digest.map((day) => DAYS.indexOf(day)).sort(),
    replyTo: list.replyTo === "list" ? "list" : "sender",
  }));
  const relay = relayFor(service, inventory);
  return {
    domain: settings.domain,
    url: service.url ?? `https://${service.hostname ?? settings.domain}`,
    title: settings.title ?? inventory.association.name,
    lang,
    timeZone: inventory.association.timeZone,
    listmasters: subscribers(holdersOf(settings.masters)).map(({ email }) => email),
    messageMb: settings.messageMb,
    ...(relay === undefined ? {} : { relay }),
    lists: [...lists, ...probeList(settings)].sort((a, b) => (a.name < b.name ? -1 : 1)),
    ...(settings.probe === undefined ? {} : { probeList: PROBE_LIST }),
  };
}

/** The list that only the lookout writes to and reads. Its archive is open, since there is nobody to keep it from. */
const probeList = ({ probe }: ListsSettings) =>
  probe === undefined
    ? []
    : [
        {
          name: PROBE_LIST,
          subject: "Vigie",
          owners: [],
          editors: [],
          members: [{ email: probe.toLowerCase(), name: "Vigie" }],
          send: "private",
          subscribe: "closed",
          archive: "public",
          visible: false,
          digest: [],
          replyTo: "sender",
        },
      ];

/** Port of the mail service where list servers send: see the mail image's `master.cf`. */
const RELAY_PORT = "lists";

function relayFor(service: DeployedService, { services, hosts }: Inventory) {
  const mail = provider("mail", services);
  const address = mail && endpointFrom(service.delivery.host, mail, RELAY_PORT, hosts);
  return address && { ...address, login: relayLogin(service), passwordFile: RELAY_PASSWORD_FILE };
}

/** What the mail service has to know of the list servers whose mail it carries; see the head of its `vigie_mail/config.py`. */
export function listServersFor(mail: DeployedService, inventory: Inventory, people: People) {
  return deployedServices(inventory)
    .filter(({ provides }) => provides.includes("lists"))
    .flatMap((server) => {
      const address = endpointFrom(mail.delivery.host, server, "smtp", inventory.hosts);
      if (address === undefined || provider("mail", inventory.services)?.id !== mail.id) return [];
      const { domain, lists, listmasters } = listsConfig(server, inventory, people);
      return [
        {
          login: relayLogin(server),
          ...address,
          domain,
          addresses: [
            ...LIST_SERVER_NAMES.map((name) => `${name}@${domain}`),
            ...lists.flatMap(({ name }) => listAddresses(`${name}@${domain}`)),
          ].sort(),
          masters: listmasters,
        },
      ];
    });
}
