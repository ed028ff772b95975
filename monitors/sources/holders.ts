import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import type { People } from "../../association/index.ts";

/** What is remembered of each role: who held it, as a digest, and when that was first seen (ms); `null` from the very start. */
const memory = z.record(z.string(), z.object({ holders: z.string(), since: z.number().nullable() }));
export type RoleMemory = z.output<typeof memory>;

/** Who holds a role, so that nobody's name is kept in one more place. */
const digestOf = (role: string, holders: readonly string[]): string =>
  createHash("sha256")
    .update(JSON.stringify([role, ...[...holders].sort()]))
    .digest("hex");

/** What to remember from now on. A role that was not known before has not changed hands. */
export function remember(before: RoleMemory | undefined, { roles }: Pick<People, "roles">, now: number): RoleMemory {
  return Object.fromEntries(
    Object.entries(roles).map(([role, ids]) => {
      const holders = digestOf(role, ids);
      const known = before !== undefined && Object.hasOwn(before, role) ? before[role]! : undefined;
      if (known?.holders === holders) return [role, known];
      return [role, { holders, since: known === undefined ? null : now }];
    }),
  );
}

/**
 * When each role last changed hands, as Unix milliseconds, for those that have since the lookout first saw them.
 * Kept in a file; without one that can be read, all begins anew and nothing is taken for a change.
 */
export function roleChanges(
  file: string,
  people: Pick<People, "roles">,
  now = Date.now(),
): { changed: Record<string, number>; problem?: string } {
  const after = remember(read(file), people, now);
  const changed = Object.fromEntries(
    Object.entries(after).flatMap(([role, { since }]) => (since === null ? [] : [[role, since]])),
  );
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.part`, JSON.stringify(after), { mode: 0o600 });
    renameSync(`${file}.part`, file);
    return { changed };
  } catch (error) {
    return { changed, problem: `who holds which role cannot be remembered: ${(error as Error).message}` };
  }
}

function read(file: string): RoleMemory | undefined {
  try {
    return memory.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}
