import { type Inventory, internationalPhone, type People, shownPhone } from "../association/index.ts";
import { safeUrl } from "./clean.ts";
import type { Lang } from "./words/index.ts";

/** Somebody, and how to reach them: for internal pages only. Links are empty where there is nothing to call. */
export interface Contact {
  readonly name: string;
  readonly phone: string;
  readonly phoneHref: string;
  readonly email: string;
  readonly emailHref: string;
}

/** A role and who holds it now. */
export interface RoleContact {
  readonly id: string;
  readonly title: string;
  readonly address: string;
  readonly addressHref: string;
  readonly holders: readonly Contact[];
}

/** A role with its holders; `undefined` where there is no such role. */
export function roleContact(
  inventory: Inventory,
  people: People,
  id: string | undefined,
  lang: Lang,
): RoleContact | undefined {
  const role = id === undefined ? undefined : inventory.roles[id];
  if (id === undefined || role === undefined) return undefined;
  return {
    id,
    title: role.title[lang],
    address: role.address ?? "",
    addressHref: mailto(role.address),
    holders: (people.roles[id] ?? []).flatMap((holder) => {
      const person = people.holders[holder];
      return person === undefined ? [] : contact(person);
    }),
  };
}

/** Names and ways to reach somebody, a person or a supplier. */
export function contact({ name, phone, email }: { name: string; phone?: string; email?: string }): Contact {
  return {
    name,
    phone: phone === undefined ? "" : shownPhone(phone),
    phoneHref: tel(phone),
    email: email ?? "",
    emailHref: mailto(email),
  };
}

/** RFC 3966: digits and the leading plus are all that a number needs. */
function tel(phone: string | undefined): string {
  const digits = internationalPhone(phone ?? "") ?? (phone ?? "").replace(/[^\d+]/g, "");
  return digits === "" ? "" : safeUrl(`tel:${digits}`);
}

/** RFC 6068: whatever could add a header or a body is percent-encoded. */
function mailto(email: string | undefined): string {
  return email ? safeUrl(`mailto:${encodeURIComponent(email).replace("%40", "@")}`) : "";
}
