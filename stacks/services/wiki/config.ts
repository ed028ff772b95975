import type { z } from "zod";
import type { Inventory, People } from "../../../association/index.ts";
import { accounts } from "../../accounts.ts";
import type { DeployedService } from "../../context.ts";
import type kind from "./kind.ts";

type Settings = z.output<(typeof kind)["settings"]>;

/** What the image turns into DokuWiki's `local.php`, `users.auth.php` and `acl.auth.php`. */
export function wikiConfig(service: DeployedService, inventory: Inventory, people: People) {
  const { title, administrators, namespaces } = service.delivery.settings as Settings;
  return {
    title,
    lang: inventory.association.languages[0]!,
    baseUrl: service.url,
    superuserGroups: administrators,
    accounts: accounts(people).map(({ login, name, email, teams }) => ({ login, name, email, groups: teams })),
    acl: [
      { namespace: "", group: "everyone", level: "none" },
      { namespace: "", group: "members", level: "read" },
      ...administrators.map((group) => ({ namespace: "", group, level: "delete" })),
      ...Object.entries(namespaces).flatMap(([namespace, { editors, readers }]) => [
        ...(readers === "members" ? [] : [{ namespace, group: "members", level: "none" }]),
        ...(readers === "everyone" ? [{ namespace, group: "everyone", level: "read" }] : []),
        ...(Array.isArray(readers) ? readers : []).map((group) => ({ namespace, group, level: "read" })),
        ...editors.map((group) => ({ namespace, group, level: "delete" })),
      ]),
    ],
  };
}
