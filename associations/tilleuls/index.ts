import { join } from "node:path";
import { defineAssociation, incidentsIn } from "../../association/index.ts";
import { maintenance } from "./maintenance.ts";
import { needs } from "./needs.ts";
import { holders, roles, teams } from "./people.ts";
import { domains, hosts, suppliers } from "./places.ts";
import { core } from "./services/core.ts";
import { outside } from "./services/outside.ts";
import { projects } from "./services/projects.ts";
import { tools } from "./services/tools.ts";
import { lists, mailboxes, shares } from "./storage.ts";

/** Les Tilleuls: an invented school and co-operative shop, with every system that the four associations asked for. */
export default defineAssociation({
  association: {
    id: "tilleuls",
    name: "Les Tilleuls, école et épicerie coopératives",
    languages: ["fr", "en"],
    timeZone: "Europe/Paris",
    mainDomain: "tilleuls.localhost",
    contact: "secretary",
    drill: { schedule: "0 4 1 * *", maxAge: "45d" },
    needs,
  },
  domains,
  teams,
  holders,
  roles,
  suppliers,
  hosts,
  services: { ...core, ...tools, ...outside, ...projects },
  mailboxes,
  lists,
  shares,
  maintenance,
  incidents: incidentsIn(join(import.meta.dirname, "incidents")),
});
