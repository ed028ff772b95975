import type { z } from "zod";
import type { Inventory, People } from "../../../association/index.ts";
import { accounts } from "../../accounts.ts";
import type { DeployedService } from "../../context.ts";
import type kind from "./kind.ts";

type Settings = z.output<(typeof kind)["settings"]>;

/** DokuWiki's permission levels (https://www.dokuwiki.org/acl): each includes those below it. */
const NONE = 0;
const READ = 1;
const DELETE = 16;

/** What the image turns into DokuWiki's `local.php`, `users.auth.php` and `acl.auth.php`. */
export function wikiConfig(service: DeployedService, inventory: Inventory, people: People) {
  const { title, administrators, namespaces } = service.delivery.settings as Settings;
  return {
    title,
    lang: inventory.association.languages[0]!,
    baseUrl: service.url,
    superuserGroups: administrators,
    accounts: accounts(people).map(({ login, name, email, teams }) => ({
      login,
      name,
      email,
      groups: ["user", ...teams],
    })),
    acl: [
      { namespace: "*", group: "ALL", level: NONE },
      { namespace: "*", group: "user", level: READ },
      ...administrators.map((group) => ({ namespace: "*", group, level: DELETE })),
      ...Object.entries(namespaces).flatMap(([namespace, { editors, readers }]) => [
        ...(readers === "members" ? [] : [{ namespace: `${namespace}:*`, group: "user", level: NONE }]),
        ...(readers === "everyone" ? [{ namespace: `${namespace}:*`, group: "ALL", level: READ }] : []),
        ...(Array.isArray(readers) ? readers : []).map((group) => ({
          namespace: `${namespace}:*`,
          group,
          level: READ,
        })),
        ...editors.map((group) => ({ namespace: `${namespace}:*`, group, level: DELETE })),
      ]),
    ],
  };
}
