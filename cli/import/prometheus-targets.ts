import { duration, type Fields, goSeconds, ImportError, isFields, type Losses, listOf, textOf } from "./draft.ts";
import { type Labels, relabelled } from "./relabel.ts";

/** A target, and by which module and how often it is probed. */
export interface Target {
  readonly address: string;
  readonly module: string;
  readonly every?: string;
  readonly where: string;
}

/** A job of `scrape_configs`, as far as it says what to probe. */
interface Job {
  readonly where: string;
  /** Parameters of the request, as labels that relabelling may change. */
  readonly params: Labels;
  readonly every: number | undefined;
  readonly rules: unknown;
  readonly losses: Losses;
}

const USUAL_MODULE = "http_2xx";

/** What a `prometheus.yml`, or a file of targets as `file_sd_configs` reads them, has blackbox_exporter probe. @throws ImportError */
export function targetsOf(config: unknown, name: string, losses: Losses): Target[] {
  if (Array.isArray(config))
    return groupsOf(config, { where: name, params: {}, every: undefined, rules: undefined, losses });
  if (!isFields(config)) throw new ImportError(`${name}: expected a prometheus.yml or a list of targets`);
  const interval = isFields(config.global) ? goSeconds(config.global.scrape_interval) : undefined;
  return listOf(config.scrape_configs, `${name}: scrape_configs`).flatMap((job, index) => {
    const where = `scrape_configs[${index}]`;
    if (!isFields(job)) return [];
    const tell = losses.about(`${where} ${JSON.stringify(job.job_name ?? "")}`);
    if (textOf(job.metrics_path) !== "/probe") {
      tell("the job", "it does not probe: Prometheus goes on scraping it");
      return [];
    }
    for (const key of Object.keys(job))
      if (/_sd_configs$/.test(key)) tell(key, "its targets are elsewhere: give that file as --targets");
    return groupsOf(listOf(job.static_configs, `${where}.static_configs`), {
      where,
      params: paramsOf(job.params, where),
      every: goSeconds(job.scrape_interval) ?? interval,
      rules: job.relabel_configs,
      losses,
    });
  });
}

/** `params`, as Prometheus hands them to relabelling: `__param_module`. */
const paramsOf = (params: unknown, where: string): Labels =>
  Object.fromEntries(
    Object.entries(isFields(params) ? params : {}).flatMap(([name, values]) => {
      const first = textOf(listOf(values, `${where}.params.${name}`)[0]);
      return first === undefined ? [] : [[`__param_${name}`, first]];
    }),
  );

/** Whether relabelling looks at it. */
const isRead = (label: string, rules: unknown): boolean =>
  Array.isArray(rules) &&
  rules.some((rule) => isFields(rule) && Array.isArray(rule.source_labels) && rule.source_labels.includes(label));

/** Groups of targets, as `static_configs` and files of targets have them. */
function groupsOf(groups: readonly unknown[], job: Job): Target[] {
  return groups.flatMap((group, index) => {
    const where = `${job.where}[${index}]`;
    if (!isFields(group)) {
      job.losses.about(where)("the group", "it is no set of fields");
      return [];
    }
    const own = textLabels(group.labels);
    const others = Object.keys(own).filter(
      (label) => label !== "module" && !label.startsWith("__") && !isRead(label, job.rules),
    );
    if (others.length > 0)
      job.losses.about(where)(
        `labels ${others.join(", ")}`,
        "labels come from the declaration: services belong to teams",
      );
    return listOf(group.targets, `${where}.targets`).flatMap((target): Target[] => {
      if (typeof target !== "string") return [];
      const tell = job.losses.about(`${where} ${JSON.stringify(target)}`);
      const labels = relabelled({ __address__: target, ...job.params, ...own }, job.rules, where, tell);
      if (labels === undefined) {
        tell("the target", "its relabelling drops it");
        return [];
      }
      return [
        {
          // Without relabelling, what is listed is what to look at: that it is the exporter shows only there.
          address: labels.__param_target ?? target,
          module: moduleOf(labels, job.rules === undefined),
          where,
          ...(job.every === undefined ? {} : { every: duration(job.every).text }),
        },
      ];
    });
  });
}

/** Where nothing is relabelled, a label of that name is the module, as whoever wrote it meant it. */
const moduleOf = ({ __param_module, module }: Labels, plain: boolean): string =>
  (plain ? (module ?? __param_module) : (__param_module ?? module)) ?? USUAL_MODULE;

const textLabels = (labels: unknown): Labels =>
  Object.fromEntries(
    Object.entries(isFields(labels) ? (labels as Fields) : {}).flatMap(([name, value]) =>
      typeof value === "string" || typeof value === "number" ? [[name, String(value)]] : [],
    ),
  );
