import { LIST_MASTER_NAMES, LIST_SERVER_NAMES, LIST_SUFFIXES, listAddresses, listName, PROBE_LIST } from "../lists.ts";
import { lookup } from "../lookup.ts";
import { formatPath, nearestName, type Problem } from "../problems.ts";
import { entriesOf, itemsOf, problem, type Rule, type RuleContext } from "./rule.ts";

type Place = { path: PropertyKey[]; value: string };

const place = (path: PropertyKey[], value: string | undefined): Place[] =>
  value === undefined ? [] : [{ path, value }];

const mailboxAddresses = ({ found }: RuleContext): Place[] =>
  entriesOf(found.mailboxes).flatMap(([key, box]) => [
    ...place(["mailboxes", key, "address"], box.address),
    ...itemsOf(box.aliases).map(([index, value]) => ({ path: ["mailboxes", key, "aliases", index], value })),
  ]);

const hostnames = ({ found }: RuleContext): Place[] =>
  entriesOf(found.services).flatMap(([key, { hostname }]) => place(["services", key, "hostname"], hostname));

/** Every mail address means one thing only: a box, an alias or a list. */
export const distinctAddresses: Rule = (context) =>
  clashes(
    [
      ...mailboxAddresses(context),
      ...entriesOf(context.found.lists).flatMap(([key, list]) =>
        (list.address !== undefined && runByUs(context, list.service)
          ? listAddresses(list.address)
          : [list.address]
        ).flatMap((address) => place(["lists", key, "address"], address)),
      ),
      ...ownListServers(context).flatMap(({ key, domain }) =>
        [...LIST_SERVER_NAMES, ...LIST_MASTER_NAMES, PROBE_LIST].flatMap((name) =>
          place(["services", key, "delivery", "settings", "domain"], `${name}@${domain}`),
        ),
      ),
    ],
    "an address of its own",
  );

const runByUs = ({ found }: RuleContext, service: string | undefined): boolean =>
  lookup(found.services, service)?.delivery?.by === "us";

/** Our list servers and the domains of their lists. */
const ownListServers = ({ found, vocabulary }: RuleContext): { key: string; domain: string }[] =>
  entriesOf(found.services).flatMap(([key, { delivery }]) => {
    if (delivery?.by !== "us" || !lookup(vocabulary.kinds, delivery.kind)?.provides?.includes("lists")) return [];
    const { domain } = (delivery.settings ?? {}) as { domain?: unknown };
    return typeof domain === "string" ? [{ key, domain }] : [];
  });

/** What Sympa takes for a list's name; others end like the addresses that come with one. */
const LIST_NAME = /^[a-z0-9](?:[a-z0-9._-]{0,48}[a-z0-9])?$/;
const RESERVED_END = new RegExp(`-(?:${LIST_SUFFIXES.join("|")})$`);

/** A list of ours is in the domain of the server that runs it, under a name that the server takes. */
export const listsOnServers: Rule = (context) => {
  const domains = new Map(ownListServers(context).map(({ key, domain }) => [key, domain]));
  return entriesOf(context.found.lists).flatMap(([key, { address, service }]) => {
    const domain = service === undefined ? undefined : domains.get(service);
    if (address === undefined || domain === undefined) return [];
    const path = ["lists", key, "address"];
    const name = listName(address);
    return [
      ...(address === `${name}@${domain}`
        ? []
        : [problem(path, address, `an address in ${domain}, the domain of ${service}`)]),
      ...(LIST_NAME.test(name) && !RESERVED_END.test(name)
        ? []
        : [
            problem(
              path,
              address,
              `up to 50 lower-case letters, digits, dots, hyphens and underscores before the @, not ending in ${LIST_SUFFIXES.map((suffix) => `-${suffix}`).join(", ")}`,
            ),
          ]),
    ];
  });
};

/** Every host name belongs to one service. */
export const distinctHostnames: Rule = (context) => clashes(hostnames(context), "a host name of its own");

/** Two people never sign in with one name. */
export const distinctLogins: Rule = ({ found }) =>
  clashes(
    entriesOf(found.holders).map(([key, { login }]) => ({
      path: login ? ["holders", key, "login"] : ["holders", key],
      value: login ?? key,
    })),
    "a login of its own",
  );

/**
 * Accounts that Debian and the programs of our images bring with them: somebody who signed in under such a name
 * would be taken for the machine.
 */
const SYSTEM_LOGINS: ReadonlySet<string> = new Set(
  [
    "root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc nobody messagebus sshd admin administrator guest",
    "postfix dovecot dovenull vmail rspamd sympa opendkim caddy prometheus alertmanager nsd radicale mysql postgres redis restic",
  ].flatMap((names) => names.split(" ")),
);

/** Nobody signs in under a name that a system has for itself. */
export const personalLogins: Rule = ({ found }) =>
  entriesOf(found.holders).flatMap(([key, { login }]) =>
    SYSTEM_LOGINS.has(login ?? key)
      ? [
          problem(
            ["holders", key, ...(login ? ["login"] : [])],
            login ?? key,
            "a login that no system has for itself, such as ada-martin",
          ),
        ]
      : [],
  );

function clashes(places: readonly Place[], expected: string): Problem[] {
  const first = new Map<string, Place>();
  return places.flatMap((here) => {
    const earlier = first.get(here.value);
    if (earlier === undefined) {
      first.set(here.value, here);
      return [];
    }
    return [problem(here.path, here.value, `${expected}: ${formatPath(earlier.path)} has this one`)];
  });
}

/** Addresses and host names are in a domain that the association owns. */
export const ownedDomains: Rule = (context) => {
  const { found, names } = context;
  const { domains } = names;
  if (domains === undefined) return [];
  const owned = (name: string): boolean => domains.some((domain) => name === domain || name.endsWith(`.${domain}`));
  const domainOf = (address: string): string => address.slice(address.lastIndexOf("@") + 1);
  const foreign = ({ path, value }: Place, domain: string): Problem => {
    const nearest = nearestName(domain, domains);
    return {
      ...problem(path, value, `a name in a domain of the association (${domains.join(", ")})`),
      ...(nearest && { nearest }),
    };
  };
  // A supplier's list has an address at the supplier's; of a list whose service is unknown, nobody can tell.
  const ownLists = entriesOf(found.lists).flatMap(([key, list]) => {
    const delivery = lookup(found.services, list.service)?.delivery;
    return delivery === undefined || delivery.by === "supplier" ? [] : place(["lists", key, "address"], list.address);
  });
  return [
    ...[...mailboxAddresses(context), ...ownLists]
      .filter(({ value }) => !domains.includes(domainOf(value)))
      .map((here) => foreign(here, domainOf(here.value))),
    ...hostnames(context)
      .filter(({ value }) => !owned(value))
      .map((here) => foreign(here, here.value)),
  ];
};
