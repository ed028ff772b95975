import { internationalPhone } from "../../association/index.ts";
import type { Contact } from "./contact.ts";

/** Outlook's exports hold some people twice, each row with a part of what is known: one card each, with all of it. */
export function mergeRepeated(contacts: readonly Contact[]): Contact[] {
  const groups = Map.groupBy(contacts, (contact) => contact.uid ?? Symbol("alone"));
  return [...groups.values()].map((group) => group.reduce(merged));
}

/** Two about one person: what is written first comes first, nothing is dropped but repetitions. */
function merged(first: Contact, second: Contact): Contact {
  const note = unlike([first.note, second.note].filter((text) => text !== undefined)).join("\n");
  return {
    ...second,
    ...first,
    emails: unlike([...first.emails, ...second.emails], ({ value }) => value.toLowerCase()),
    phones: unlike(
      [...first.phones, ...second.phones],
      ({ value }) => internationalPhone(value) ?? value.replaceAll(/[^+\d]/g, ""),
    ),
    addresses: unlike([...first.addresses, ...second.addresses]),
    categories: unlike([...first.categories, ...second.categories]),
    ...(note === "" ? {} : { note }),
  };
}

/** Without what is there already. */
const unlike = <T>(all: readonly T[], key: (one: T) => string = (one) => JSON.stringify(one)): T[] =>
  all.filter((one, index) => all.findIndex((other) => key(other) === key(one)) === index);
