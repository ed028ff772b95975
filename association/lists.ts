import type { Inventory, InventoryService, People } from "./inventory.ts";
import { mapEntries } from "./services.ts";

/** Addresses that a list has besides its own, as `bureau-request@…`: to its owners, to subscribe, to leave … */
export const LIST_SUFFIXES = ["request", "owner", "editor", "subscribe", "unsubscribe"] as const;

/** Names of a list server's own in the domain of its lists. */
export const LIST_SERVER_NAMES = ["sympa", "sympa-owner", "bounce", "abuse-feedback-report"] as const;
/** And those that reach the people who run it. */
export const LIST_MASTER_NAMES = ["listmaster", "sympa-request"] as const;

/** Name of the list that only the lookout writes to and reads. */
export const PROBE_LIST = "vigie-probe";

export const listName = (address: string): string => address.slice(0, address.lastIndexOf("@"));
export const domainOf = (address: string): string => address.slice(address.lastIndexOf("@") + 1);

/** A list's address and those that come with it. */
export const listAddresses = (address: string): string[] => [
  address,
  ...LIST_SUFFIXES.map((suffix) => `${listName(address)}-${suffix}@${domainOf(address)}`),
];

/** The lists of one service, by key. */
export const listsOf = (
  service: Pick<InventoryService, "id">,
  { lists }: Pick<Inventory, "lists">,
): Inventory["lists"] => Object.fromEntries(Object.entries(lists).filter(([, list]) => list.service === service.id));

/** Where a person's mail goes: their own box at the association, else the address they gave. */
export function addressesOf(people: People): Record<string, string> {
  const own = new Map(Object.values(people.mailboxes).map(({ holder, address }) => [holder, address]));
  return mapEntries(people.holders, ({ email }, id) => own.get(id) ?? email);
}
