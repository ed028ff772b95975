import type { Inventory, People } from "./inventory.ts";

/** Who held each role when the stack was last brought up: login and name of each holder. Kept as a secret output. */
export type Holders = Readonly<Record<string, readonly { login: string; name: string }[]>>;

/** The same of a declaration. */
export const holdersOf = (people: Pick<People, "roles" | "holders">): Holders =>
  Object.fromEntries(
    Object.entries(people.roles).map(([role, ids]) => [
      role,
      ids
        .map((id) => people.holders[id]!)
        .map(({ login, name }) => ({ login, name }))
        .sort((a, b) => (a.login < b.login ? -1 : 1)),
    ]),
  );

/** A stack's output, verified as far as it is read: it may be from an older version, or absent. */
export function readHolders(output: unknown): Holders | undefined {
  if (typeof output !== "object" || output === null) return undefined;
  const all = Object.entries(output as Record<string, unknown>);
  const sound = all.every(
    ([, people]) =>
      Array.isArray(people) && people.every((one) => typeof one?.login === "string" && typeof one?.name === "string"),
  );
  return sound ? (output as Holders) : undefined;
}

/**
 * Every role that changes hands, in words: who leaves, who comes, and what goes with it.
 * `role treasurer: Léa Martin → Paul Faure; mailbox tresor@… keeps its history, Léa Martin no longer gets in`
 */
export function describeHandOvers(before: Holders | undefined, inventory: Inventory, people: People): string[] {
  if (before === undefined) return [];
  const after = holdersOf(people);
  return Object.entries(after).flatMap(([role, now]) => {
    const then = before[role];
    if (then === undefined) return [];
    const gone = then.filter(({ login }) => !now.some((one) => one.login === login));
    const come = now.filter(({ login }) => !then.some((one) => one.login === login));
    if (gone.length + come.length === 0) return [];
    const boxes = Object.values(inventory.roleMailboxes)
      .filter((box) => box.role === role)
      .map(({ address }) => address)
      .sort();
    const box = boxes.length === 0 ? "" : `; mailbox ${boxes.join(", ")} keeps its history${leaving(gone)}`;
    return [`role ${role}: ${names(then)} → ${names(now)}${box}`];
  });
}

const names = (people: readonly { name: string }[]): string =>
  people.length === 0 ? "nobody" : people.map(({ name }) => name).join(", ");

const leaving = (gone: readonly { name: string }[]): string =>
  gone.length === 0 ? "" : `, ${names(gone)} no longer get${gone.length === 1 ? "s" : ""} in`;
