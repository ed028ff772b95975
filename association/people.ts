import type { Declared } from "./declaration.ts";
import { INVENTORY_VERSION, type People } from "./inventory.ts";

/** Who holds which role and belongs to which team: the personal half of a declaration. */
export function buildPeople({ holders, roles, teams, mailboxes }: Declared): People {
  const members = Object.fromEntries(
    Object.keys(teams).map((team) => {
      const byRole = Object.values(roles)
        .filter((role) => role.team === team)
        .flatMap((role) => role.holders);
      const direct = Object.entries(holders).flatMap(([id, person]) => (person.teams.includes(team) ? [id] : []));
      return [team, [...new Set([...byRole, ...direct])].sort()];
    }),
  );
  return {
    version: INVENTORY_VERSION,
    holders: Object.fromEntries(
      Object.entries(holders).map(([id, { login, teams: _, ...person }]) => [
        id,
        {
          ...person,
          login: login ?? id,
          teams: Object.keys(members).filter((team) => members[team]!.includes(id)),
        },
      ]),
    ),
    roles: Object.fromEntries(Object.entries(roles).map(([id, role]) => [id, [...new Set(role.holders)]])),
    teams: members,
    mailboxes: Object.fromEntries(
      Object.entries(mailboxes).flatMap(([id, { role: _, holder, ...box }]) =>
        holder ? [[id, { ...box, holder }]] : [],
      ),
    ),
  };
}
