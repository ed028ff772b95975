import { nearestName } from "../problems.ts";
import { problem, type Rule } from "./rule.ts";

type Place = { path: PropertyKey[]; value: string };

/** Every mail address means one thing only: a box, an alias or a list. */
export const distinctAddresses: Rule = ({ declared }) => {
  const places: Place[] = [
    ...Object.entries(declared.mailboxes).flatMap(([key, box]) => [
      { path: ["mailboxes", key, "address"], value: box.address },
      ...box.aliases.map((value, index) => ({ path: ["mailboxes", key, "aliases", index], value })),
    ]),
    ...Object.entries(declared.lists).map(([key, list]) => ({ path: ["lists", key, "address"], value: list.address })),
  ];
  return clashes(places, "an address of its own");
};

/** Every host name belongs to one service. */
export const distinctHostnames: Rule = ({ declared }) =>
  clashes(
    Object.entries(declared.services).flatMap(([key, { hostname }]) =>
      hostname ? [{ path: ["services", key, "hostname"], value: hostname }] : [],
    ),
    "a host name of its own",
  );

/** Two people never sign in with one name. */
export const distinctLogins: Rule = ({ declared }) =>
  clashes(
    Object.entries(declared.holders).map(([key, { login }]) => ({
      path: login ? ["holders", key, "login"] : ["holders", key],
      value: login ?? key,
    })),
    "a login of its own",
  );

function clashes(places: readonly Place[], expected: string) {
  const first = new Map<string, Place>();
  return places.flatMap((place) => {
    const earlier = first.get(place.value);
    if (earlier === undefined) {
      first.set(place.value, place);
      return [];
    }
    return [problem(place.path, place.value, `${expected}: ${earlier.path.join(".")} has this one`)];
  });
}

/** Addresses and host names are in a domain that the association owns. */
export const ownedDomains: Rule = ({ declared, names }) => {
  const domains = names.domains;
  const owned = (name: string): boolean => domains.some((domain) => name === domain || name.endsWith(`.${domain}`));
  const mail = (path: PropertyKey[], address: string) => {
    const domain = address.slice(address.lastIndexOf("@") + 1);
    return domains.includes(domain) ? [] : [foreign(path, address, domain)];
  };
  const foreign = (path: PropertyKey[], value: string, domain: string) => {
    const nearest = nearestName(domain, domains);
    return {
      ...problem(path, value, `a name in a domain of the association (${domains.join(", ")})`),
      ...(nearest && { nearest }),
    };
  };
  return [
    ...Object.entries(declared.mailboxes).flatMap(([key, box]) => [
      ...mail(["mailboxes", key, "address"], box.address),
      ...box.aliases.flatMap((alias, index) => mail(["mailboxes", key, "aliases", index], alias)),
    ]),
    ...Object.entries(declared.lists)
      .filter(([, list]) => declared.services[list.service]?.delivery.by !== "supplier")
      .flatMap(([key, list]) => mail(["lists", key, "address"], list.address)),
    ...Object.entries(declared.services).flatMap(([key, { hostname }]) =>
      hostname && !owned(hostname) ? [foreign(["services", key, "hostname"], hostname, hostname)] : [],
    ),
  ];
};
