import { buildInventory, loadVocabulary } from "../../../../association/index.ts";
import { type DeployedService, deployedServices } from "../../../../stacks/context.ts";

const vocabulary = await loadVocabulary();
const text = (both: string) => ({ fr: both, en: both });
const nothing = { none: "An invented association keeps nothing" };

/** A small association with a mail server, a proxy and a name server, as a declaration would be written. */
export const declaration = {
  association: { id: "asso", name: "L'Asso & Cie", mainDomain: "asso.example", contact: "secretary" },
  domains: { "asso.example": {}, "ecole.example": {} },
  teams: { office: { name: text("Office") } },
  holders: {
    jeanne: { name: "Jeanne", email: "j@home.example", login: "jeanne-roux" },
    tom: { name: "Tom", email: "t@home.example" },
    zoe: { name: "Zoé", email: "z@home.example" },
  },
  roles: {
    secretary: { title: text("Secretary"), team: "office", holders: ["jeanne"] },
    treasurer: { title: text("Treasurer"), team: "office", holders: ["tom", "jeanne"] },
  },
  hosts: { main: { name: text("Main"), address: "192.0.2.10" } },
  services: {
    proxy: service({ kind: "proxy" }, "proxy"),
    mail: service(
      {
        kind: "mail",
        settings: { hostname: "mail.asso.example", probe: "vigie@asso.example" } as Record<string, unknown>,
      },
      "mail",
    ),
    dns: service({ kind: "dns", settings: { nameServers: ["ns1.asso.example", "ns2.friends.example"] } }, "dns"),
  },
  mailboxes: {
    secretary: { address: "secretariat@asso.example", role: "secretary", aliases: ["contact@asso.example"] },
    treasurer: { address: "tresor@asso.example", role: "treasurer", quotaMb: 500 },
    jeanne: { address: "jeanne@asso.example", holder: "jeanne" },
  },
};

function service(delivery: Record<string, unknown>, runbook: string) {
  return {
    name: text(runbook),
    purpose: text(runbook),
    owner: "secretary",
    delivery: { by: "us", host: "main", settings: {}, ...delivery },
    checks: [{ check: "container" }],
    backup: nothing,
    runbook,
    privacy: nothing,
  };
}

type Declaration = typeof declaration;

/** The inventory and people of the association, with something changed. */
export function association(change: (copy: Declaration) => void = () => {}) {
  const copy = structuredClone(declaration);
  change(copy);
  return buildInventory(copy, vocabulary, { prefix: "asso-test" });
}

/** Changes the mail server's settings. */
export const withSettings = (settings: Record<string, unknown>) => (copy: Declaration) =>
  void Object.assign(copy.services.mail.delivery.settings as object, settings);

export const deployed = (id: string, { inventory }: ReturnType<typeof association>): DeployedService =>
  deployedServices(inventory).find((found) => found.id === id)!;
