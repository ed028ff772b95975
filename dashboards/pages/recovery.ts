import { createHash } from "node:crypto";
import type { Inventory } from "../../association/index.ts";
import { plainText } from "../clean.ts";
import { type Format, formats } from "../format.ts";
import { type Frame, frame, type NavEntry } from "../frame.ts";
import { type DrillReport, lastGoodDrill, type Reports, type VersionsReport } from "../reports.ts";
import type { Lang } from "../words/index.ts";
import { recoveryWords } from "../words/recovery.ts";
import { type Moment, moment } from "./material.ts";

type Words = (typeof recoveryWords)[Lang];

export interface RecoveryModel {
  readonly frame: Frame;
  readonly w: Words;
  readonly headline: string;
  readonly mood: "operational" | "partial" | "unknown";
  /** Nothing has proven for longer than declared that everything can be rebuilt. */
  readonly overdue: boolean;
  readonly drill: DrillModel | null;
  readonly earlier: readonly { readonly when: Moment; readonly result: string }[];
  readonly versions: VersionsModel | null;
}

interface DrillModel {
  readonly when: Moment;
  readonly services: readonly Record<"name" | "back" | "promised" | "failing" | "canary" | "status", string>[];
  readonly volumes: readonly (Record<
    "name" | "volume" | "snapshot" | "lost" | "promised" | "files" | "size" | "status",
    string
  > & { readonly taken: Moment })[];
  readonly signed: string;
}

interface VersionsModel {
  readonly when: Moment;
  readonly rows: readonly Record<"name" | "runs" | "newer" | "detail" | "decision" | "why" | "status", string>[];
  readonly others: readonly string[];
  readonly unreached: readonly string[];
}

interface Context {
  readonly inventory: Inventory;
  readonly lang: Lang;
  readonly now: number;
  readonly format: Format;
  readonly w: Words;
}

const SHOWN_PACKAGES = 6;
const SHOWN_DRILLS = 12;

/** The internal page of recovery drills and versions. */
export function recoveryModel(
  inventory: Inventory,
  reports: Reports,
  now: number,
  lang: Lang,
  nav: readonly NavEntry[] = [],
): RecoveryModel {
  const w = recoveryWords[lang];
  const format = formats(lang, inventory.association.timeZone);
  const context: Context = { inventory, lang, now, format, w };
  const [last, ...others] = reports.drills?.drills ?? [];
  const good = lastGoodDrill(reports);
  const maxAge = inventory.association.drill?.maxAge;
  const overdue = maxAge !== undefined && (good === undefined || now - Date.parse(good.ended) > maxAge * 1000);
  return {
    frame: frame(inventory, lang, { title: w.title, here: "/recovery", internal: true, nav }),
    w,
    headline: last === undefined ? w.noDrill : result(last.report, context),
    mood: last === undefined ? "unknown" : last.report.passed && !overdue ? "operational" : "partial",
    overdue: overdue && good !== undefined,
    drill: last === undefined ? null : drillModel(last.report, last.publicKey, context),
    earlier: others.slice(0, SHOWN_DRILLS).map(({ report }) => ({
      when: moment(Date.parse(report.ended), now, format),
      result: result(report, context),
    })),
    versions: reports.versions === undefined ? null : versionsModel(reports.versions, context),
  };
}

const result = ({ passed, rtoSeconds, problem }: DrillReport, { w, format }: Context): string => {
  if (passed && rtoSeconds !== null) return w.passed(format.length(rtoSeconds));
  return problem === undefined ? w.failed : `${w.failed}: ${plainText(problem)}`;
};

const nameOf = (id: string, { inventory, lang }: Context): string =>
  (Object.hasOwn(inventory.services, id) ? inventory.services[id]?.name[lang] : undefined) ?? plainText(id);

const late = (value: number | null, goal: number | null): string =>
  value === null || (goal !== null && value > goal) ? "down" : "operational";

function drillModel(report: DrillReport, publicKey: string, context: Context): DrillModel {
  const { format, now, w } = context;
  return {
    when: moment(Date.parse(report.ended), now, format),
    services: report.services.map(({ service, rtoSeconds, rtoGoalSeconds, failing, canary }) => ({
      name: nameOf(service, context),
      back: rtoSeconds === null ? w.never : format.length(rtoSeconds),
      promised: rtoGoalSeconds === null ? "" : format.length(rtoGoalSeconds),
      failing: plainText(failing.join(", ")),
      canary: canary === undefined ? "" : w.canary[canary],
      status: failing.length > 0 || canary === "missing" ? "down" : late(rtoSeconds, rtoGoalSeconds),
    })),
    volumes: report.volumes.map((one) => ({
      name: nameOf(one.service, context),
      volume: plainText(one.volume),
      snapshot: plainText(one.snapshot),
      taken: moment(Date.parse(one.taken), now, format),
      lost: format.length(one.rpoSeconds),
      promised: format.length(one.rpoGoalSeconds),
      files: String(one.files),
      size: format.bytes(one.bytes),
      status: late(one.rpoSeconds, one.rpoGoalSeconds),
    })),
    signed: w.signed(fingerprint(publicKey)),
  };
}

/** What people compare: the first half of a digest of the key, as the report's own text has it. */
export const fingerprint = (publicKey: string): string =>
  createHash("sha256").update(publicKey).digest("hex").slice(0, 16);

function versionsModel({ made, services, bases, npm, unreached }: VersionsReport, context: Context): VersionsModel {
  const { w, format, now } = context;
  return {
    when: moment(Date.parse(made), now, format),
    rows: Object.entries(services).map(([id, service]) => {
      const { software, packages, updates, edition, decision } = service;
      const security = updates.filter((one) => one.security).length;
      const oldest = updates.length > 0 ? Math.min(...updates.map(({ since }) => Date.parse(since))) : undefined;
      const overdue = decision.do === "adopt" && oldest !== undefined && now - oldest > decision.within * 1000;
      const names = updates.slice(0, SHOWN_PACKAGES).map((one) => `${one.package} ${one.to}`);
      return {
        name: nameOf(id, context),
        runs: plainText(software.map((one) => `${one.package} ${one.version}`).join(", ") || w.packages(packages)),
        newer:
          oldest === undefined ? w.upToDate : `${w.updates(updates.length, security)}, ${w.since(format.date(oldest))}`,
        detail: plainText(names.join(", ") + (updates.length > SHOWN_PACKAGES ? ", …" : "")),
        decision: edition.hold === undefined ? decisionWords(decision, context) : w.held,
        why: plainText(edition.hold === undefined ? ("why" in decision ? decision.why : "") : (edition.because ?? "")),
        status: overdue || edition.hold !== undefined ? "down" : "operational",
      };
    }),
    others: [
      ...bases.flatMap(({ image, digest, latest, newerTags }) => [
        ...(digest && latest && digest !== latest ? [`${image}: ${w.newerImage}`] : []),
        ...(newerTags.length > 0 ? [`${image}: ${newerTags.join(", ")}`] : []),
      ]),
      ...npm.map(({ package: name, from, latest }) => `${name} ${from} → ${latest}`),
    ].map((text) => plainText(text)),
    unreached: unreached.map((text) => plainText(text)),
  };
}

type Decision = VersionsReport["services"][string]["decision"];

function decisionWords(decision: Decision, { w, format }: Context): string {
  if (decision.do === "wait") return w.wait(format.date(decision.until));
  return decision.do === "test" ? w.test(decision.on) : w.adopt(format.length(decision.within));
}
