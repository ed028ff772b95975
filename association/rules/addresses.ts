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
      ...entriesOf(context.found.lists).flatMap(([key, list]) => place(["lists", key, "address"], list.address)),
    ],
    "an address of its own",
  );

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
