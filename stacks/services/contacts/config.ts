import { addressesOf, type Inventory, type People } from "../../../association/index.ts";
import { accounts } from "../../accounts.ts";
import type { DeployedService } from "../../deployed.ts";
import { type ContactsSettings, PROBE_LOGIN } from "./kind.ts";

/** An entry of the directory, as the image turns it into a vCard (RFC 6350). */
interface Card {
  /** Stays the same for as long as the role or the person is declared. */
  uid: string;
  kind: "individual" | "group";
  name: string;
  email?: string;
  phone?: string;
  /** What the person does, or who does it. */
  title?: string;
  teams: string[];
  note?: string;
}

/** What the image turns into Radicale's accounts, rights and directory; see the head of `image/configure.py`. */
export function contactsConfig(service: DeployedService, inventory: Inventory, people: People) {
  const { phones, books } = service.delivery.settings as ContactsSettings;
  const [lang] = inventory.association.languages;
  const everybody = accounts(people).map(({ login }) => login);
  const membersOf = (teams: readonly string[]): string[] =>
    [...new Set(teams.flatMap((team) => people.teams[team] ?? []))]
      .map((holder) => people.holders[holder]!.login)
      .sort();
  return {
    association: inventory.association.name,
    lang,
    logins: [...everybody, PROBE_LOGIN],
    directory: [...roleCards(inventory, people), ...personCards(inventory, people, phones)],
    books: Object.entries(books).map(([id, { name, editors, readers }]) => {
      const writers = membersOf(editors);
      const others = readers === "members" ? everybody : membersOf(readers);
      return { id, name: name[lang!], writers, readers: others.filter((login) => !writers.includes(login)) };
    }),
  };
}

/** Roles by their address: whoever holds one is reached by the same card (N1, N2). */
const roleCards = ({ roles, teams, association }: Inventory, people: People): Card[] =>
  Object.entries(roles).map(([id, role]) => {
    const lang = association.languages[0]!;
    const holders = (people.roles[id] ?? []).map((holder) => people.holders[holder]!.name);
    return {
      uid: `role-${id}@${association.mainDomain}`,
      kind: "group",
      name: role.title[lang],
      ...(role.address === undefined ? {} : { email: role.address }),
      teams: [teams[role.team]!.name[lang]],
      ...(holders.length === 0 ? {} : { note: holders.join(", ") }),
    };
  });

const personCards = ({ roles, teams, association }: Inventory, people: People, phones: boolean): Card[] => {
  const lang = association.languages[0]!;
  const addresses = addressesOf(people);
  return Object.entries(people.holders).map(([id, person]) => {
    const titles = Object.entries(people.roles).flatMap(([role, holders]) =>
      holders.includes(id) ? [roles[role]!.title[lang]] : [],
    );
    return {
      uid: `person-${person.login}@${association.mainDomain}`,
      kind: "individual",
      name: person.name,
      email: addresses[id]!,
      ...(phones && person.phone !== undefined ? { phone: person.phone } : {}),
      ...(titles.length === 0 ? {} : { title: titles.join(", ") }),
      teams: person.teams.map((team) => teams[team]!.name[lang]),
    };
  });
};
