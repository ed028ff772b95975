import type { Inventory, People } from "../../association/index.ts";
import { formats } from "../format.ts";
import { type Frame, frame, type NavEntry } from "../frame.ts";
import { byUrgency } from "../incident.ts";
import { type LookoutView, lastRunAt, serviceStatus } from "../view.ts";
import { type Finding, findingWords } from "../words/findings/index.ts";
import { type Lang, words } from "../words/index.ts";
import { type BrokenModel, brokenModels } from "./broken.ts";
import { type IncidentModel, incidentModel } from "./incidents.ts";
import { type Material, type Moment, moment } from "./material.ts";
import {
  backupRows,
  certificateRows,
  checkRows,
  containerRows,
  projectRows,
  repositoryRows,
  roleRows,
  supplierRows,
  uncoveredRows,
} from "./tables.ts";

export interface OncallModel {
  readonly frame: Frame;
  readonly headline: string;
  readonly watched: string;
  readonly mood: "operational" | "partial" | "unknown";
  readonly calm: string;
  readonly updated: Moment | null;
  readonly problems: readonly Finding[];
  readonly broken: readonly BrokenModel[];
  /** Those still open; each leads to where somebody says that they take care of it. */
  readonly incidents: readonly IncidentModel[];
  readonly checks: ReturnType<typeof checkRows>;
  /** Where checks that work are left out of the table: how many. */
  readonly unlisted: string;
  readonly containers: ReturnType<typeof containerRows>;
  readonly backups: ReturnType<typeof backupRows>;
  readonly repositories: ReturnType<typeof repositoryRows>;
  readonly uncovered: ReturnType<typeof uncoveredRows>;
  readonly certificates: ReturnType<typeof certificateRows>;
  readonly roles: ReturnType<typeof roleRows>;
  readonly suppliers: ReturnType<typeof supplierRows>;
  readonly projects: ReturnType<typeof projectRows>;
}

/** Everything that somebody on call needs, names and telephone numbers included: never to be shown to the public. */
export function oncallModel(
  inventory: Inventory,
  people: People,
  view: LookoutView,
  lang: Lang,
  nav: readonly NavEntry[] = [],
): OncallModel {
  const w = words[lang];
  const format = formats(lang, inventory.association.timeZone);
  const material: Material = { inventory, people, view, lang, w, format };
  const active = Object.values(inventory.services).filter((service) => service.active);
  const broken = brokenModels(material);
  const open = byUrgency((view.incidents ?? []).filter(({ resolved }) => resolved === undefined));
  const last = lastRunAt(view);
  const blind = active.every((service) => serviceStatus(inventory, service, view) === "unknown");
  const checks = checkRows(material);
  const unlisted = Object.keys(inventory.checks).length - checks.length;
  return {
    frame: frame(inventory, lang, { title: w.oncall.title, here: "/oncall", internal: true, nav }),
    headline: blind
      ? w.status.overall.unknown
      : broken.length === 0 && open.length > 0
        ? w.oncall.noneFailing
        : w.oncall.broken(broken.length),
    watched: w.oncall.watched(active.length, Object.keys(inventory.checks).length),
    mood: blind ? "unknown" : broken.length + open.length > 0 ? "partial" : "operational",
    calm: blind ? w.oncall.waiting : w.oncall.allWell,
    updated: last === undefined ? null : moment(last, view.now, format),
    problems: view.problems.map((problem) => findingWords(problem, lang)),
    broken,
    incidents: open.map((incident) => incidentModel(incident, material, true)),
    checks,
    unlisted: unlisted > 0 ? w.oncall.unlisted(unlisted) : "",
    containers: containerRows(material),
    backups: backupRows(material),
    repositories: repositoryRows(material),
    uncovered: uncoveredRows(material),
    certificates: certificateRows(material),
    roles: roleRows(material),
    suppliers: supplierRows(material),
    projects: projectRows(material),
  };
}
