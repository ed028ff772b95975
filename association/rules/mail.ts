import { lookup } from "../lookup.ts";
import type { Problem } from "../problems.ts";
import { entriesOf, itemsOf, problem, type Rule, type RuleContext } from "./rule.ts";

/** What these rules read of a mail server's settings, whose own schema is the kind's. */
interface MailSettings {
  hostname?: unknown;
  probe?: unknown;
  sendOnly?: Record<string, unknown>;
}

interface MailServer {
  service: string;
  path: PropertyKey[];
  settings: MailSettings;
}

function mailServers({ found, vocabulary }: RuleContext): MailServer[] {
  return entriesOf(found.services).flatMap(([service, { delivery }]) => {
    if (delivery?.by !== "us" || !lookup(vocabulary.kinds, delivery.kind)?.provides?.includes("mail")) return [];
    const settings = delivery.settings;
    if (typeof settings !== "object" || settings === null) return [];
    return [{ service, path: ["services", service, "delivery", "settings"], settings: settings as MailSettings }];
  });
}

/** One mail server: an address is delivered to one place, and the DNS names one. */
export const oneMailServer: Rule = (context) =>
  mailServers(context)
    .slice(1)
    .map(({ service }) =>
      problem(
        ["services", service, "delivery", "kind"],
        "mail",
        `one mail server: ${mailServers(context)[0]!.service} is one already`,
      ),
    );

const domainOf = (address: string): string => address.slice(address.lastIndexOf("@") + 1);
const text = (value: unknown): string | undefined => (typeof value === "string" ? value.toLowerCase() : undefined);

/** The server's name, and the addresses that are its own, are in domains of the association. */
export const mailNamesOwned: Rule = (context) => {
  const { domains } = context.names;
  if (domains === undefined) return [];
  const expected = `in a domain of the association (${domains.join(", ")})`;
  return mailServers(context).flatMap(({ path, settings }) => {
    const hostname = text(settings.hostname);
    const foreignName =
      hostname !== undefined && !domains.some((domain) => hostname.endsWith(`.${domain}`))
        ? [problem([...path, "hostname"], settings.hostname, `a name ${expected}`)]
        : [];
    return [
      ...foreignName,
      ...ownAddresses({ path, settings })
        .filter(({ address }) => !domains.includes(domainOf(address)))
        .map((one) => problem(one.path, one.address, `an address ${expected}`)),
    ];
  });
};

function ownAddresses({ path, settings }: Pick<MailServer, "path" | "settings">) {
  const probe = text(settings.probe);
  const sending = Object.entries(settings.sendOnly ?? {}).flatMap(([login, addresses]) =>
    (Array.isArray(addresses) ? addresses : []).flatMap((value, index) => {
      const address = text(value);
      return address === undefined ? [] : [{ path: [...path, "sendOnly", login, index] as PropertyKey[], address }];
    }),
  );
  return [...(probe === undefined ? [] : [{ path: [...path, "probe"] as PropertyKey[], address: probe }]), ...sending];
}

/** The lookout deletes what is in its own box: it shares it with nobody. */
export const probeAlone: Rule = (context) => {
  const { found } = context;
  const taken = new Map<string, string>([
    ...entriesOf(found.mailboxes).flatMap(([key, box]) =>
      [box.address, ...itemsOf(box.aliases).map(([, alias]) => alias)].flatMap((address): [string, string][] =>
        address === undefined ? [] : [[address, `mailboxes.${key}`]],
      ),
    ),
    ...entriesOf(found.lists).flatMap(([key, { address }]): [string, string][] =>
      address === undefined ? [] : [[address, `lists.${key}`]],
    ),
  ]);
  return mailServers(context).flatMap(({ path, settings }) => {
    const probe = text(settings.probe);
    const owner = probe === undefined ? undefined : taken.get(probe);
    return owner === undefined
      ? []
      : [problem([...path, "probe"], settings.probe, `an address of the lookout's own: ${owner} has this one`)];
  });
};

/** Names at which the proxy serves what mail programs and other servers look for (RFC 8461 and custom). */
const RESERVED = ["mta-sts", "autoconfig", "autodiscover"];

/** The mail's own names are no other service's. */
export const mailNamesFree: Rule = (context) => {
  const [server] = mailServers(context);
  if (server === undefined) return [];
  const own = text(server.settings.hostname);
  const reserved = new Set(
    (context.names.domains ?? []).flatMap((domain) => RESERVED.map((name) => `${name}.${domain}`)),
  );
  return entriesOf(context.found.services).flatMap(([key, { hostname }]): Problem[] => {
    if (hostname === undefined || (hostname !== own && !reserved.has(hostname))) return [];
    const whose =
      hostname === own ? `services.${server.service} is at this one` : "mail programs and servers look for it";
    return [problem(["services", key, "hostname"], hostname, `another name: ${whose}`)];
  });
};
