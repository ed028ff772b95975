import type { Inventory, People } from "../../../association/index.ts";
import { accounts } from "../../accounts.ts";
import type { DeployedService } from "../../context.ts";
import type { NasSettings } from "./kind.ts";

/** Purpose of the token that the lookout shows. */
export const STATUS_TOKEN = "nas/status";

const GIGABYTE = 1e9;
const DAY = 86_400;

/** Numbers of users and groups start here, clear of the image's own. */
const FIRST_GID = 20_000;
const FIRST_UID = 30_000;
/** So many that two names of an association hardly ever fall on one number: who comes later would move with who leaves. */
const RANGE = 100_000_000;

/** What the image turns into `smb.conf`, users and groups. */
export function nasConfig(service: DeployedService, inventory: Inventory, people: People) {
  const { workgroup, auditFor, versionsMinFree } = service.delivery.settings as NasSettings;
  return {
    workgroup,
    auditRetentionDays: Math.floor(auditFor / DAY),
    versionsMinFree: versionsMinFree / 100,
    shares: Object.entries(inventory.shares)
      .filter(([, share]) => share.service === service.id)
      .map(([name, share]) => ({
        name,
        comment: share.name[inventory.association.languages[0]!],
        team: share.team,
        readOnlyTeams: share.readers,
        recycle: true,
        recycleSeconds: share.recycleFor,
        ...(share.quotaGb === undefined ? {} : { quotaBytes: Math.round(share.quotaGb * GIGABYTE) }),
        ...("none" in share.versions ? {} : { versions: versionsConfig(share.versions) }),
      })),
    teams: numbered(Object.keys(inventory.teams), FIRST_GID).map(([name, gid]) => ({ name, gid })),
    accounts: numbered(
      accounts(people).map(({ login }) => login),
      FIRST_UID,
    ).map(([login, uid]) => {
      const person = accounts(people).find((other) => other.login === login)!;
      return { login, uid, name: person.name, teams: person.teams };
    }),
  };
}

const versionsConfig = ({
  every,
  keep,
  mostGb,
}: Exclude<Inventory["shares"][string]["versions"], { none: string }>) => ({
  everySeconds: every,
  keep,
  ...(mostGb === undefined ? {} : { mostBytes: Math.round(mostGb * GIGABYTE) }),
});

/**
 * A number for each name that depends on the name alone, so that files keep their owner when others come and go;
 * two names that fall on one number are told apart in the order of the alphabet.
 */
export function numbered(names: readonly string[], first: number): [string, number][] {
  const taken = new Set<number>();
  return [...names].sort().map((name) => {
    let number = hash(name) % RANGE;
    while (taken.has(number)) number = (number + 1) % RANGE;
    taken.add(number);
    return [name, first + number];
  });
}

/** FNV-1a, 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/). */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}
