import { duration, type Fields, goSeconds, ImportError, isFields, type Losses, listOf, textOf } from "./draft.ts";
import { type ConfigFile, readYaml } from "./read.ts";
import { type Labels, relabelled } from "./relabel.ts";
import { shownUrl } from "./secrets.ts";

/** A `prometheus.yml` or a file of targets; `beside` finds the files that it names. */
export interface TargetsFile extends ConfigFile {
  readonly beside?: (pattern: string) => readonly ConfigFile[];
}

/** A target, and by which module and how often it is probed. */
export interface Target {
  readonly address: string;
  readonly module: string;
  readonly every?: string;
  /** How long Prometheus waits, in seconds; infinite where the file does not say. */
  readonly timeout: number;
  readonly where: string;
}

/** A job of `scrape_configs`, as far as it says what to probe. */
interface Job {
  readonly where: string;
  /** Parameters of the request and what else a job says, as labels that relabelling may change. */
  readonly params: Labels;
  readonly every: number | undefined;
  readonly timeout: number;
  readonly rules: unknown;
  readonly losses: Losses;
}

const USUAL_MODULE = "http_2xx";

/** What a `prometheus.yml`, or a file of targets as `file_sd_configs` reads them, has blackbox_exporter probe. @throws ImportError */
export function targetsOf(config: unknown, { name, beside }: TargetsFile, losses: Losses): Target[] {
  const plain = { params: {}, every: undefined, timeout: Number.POSITIVE_INFINITY, rules: undefined, losses };
  if (Array.isArray(config)) return groupsOf(config, { where: name, ...plain });
  if (!isFields(config) || config.scrape_configs === undefined)
    throw new ImportError(`${name}: expected a prometheus.yml, with \`scrape_configs\`, or a list of targets`);
  const usual = isFields(config.global) ? config.global : {};
  return listOf(config.scrape_configs, `${name}: scrape_configs`).flatMap((job, index) => {
    const where = `scrape_configs[${index}]`;
    if (!isFields(job)) return [];
    const tell = losses.about(`${where} ${JSON.stringify(job.job_name ?? "")}`);
    const path = textOf(job.metrics_path) ?? "/metrics";
    if (!PROBE.test(path) && !mayChoosePath(job.relabel_configs)) {
      tell("the job", "it does not probe: Prometheus goes on scraping it");
      return [];
    }
    for (const key of Object.keys(job))
      if (/_sd_configs$/.test(key) && key !== "file_sd_configs")
        tell(key, "its targets are found as it runs: list them in a file, and give that as --targets");
    const timeout = goSeconds(job.scrape_timeout) ?? goSeconds(usual.scrape_timeout);
    const own = {
      params: {
        ...paramsOf(job.params, where),
        __scheme__: textOf(job.scheme) ?? "http",
        __metrics_path__: path,
        ...(textOf(job.job_name) === undefined ? {} : { job: textOf(job.job_name)! }),
      },
      every: goSeconds(job.scrape_interval) ?? goSeconds(usual.scrape_interval),
      // The exporter leaves half a second for its answer.
      timeout: timeout === undefined ? Number.POSITIVE_INFINITY : timeout - 0.5,
      rules: job.relabel_configs,
      losses,
    };
    return [
      ...groupsOf(listOf(job.static_configs, `${where}.static_configs`), { where, ...own }),
      ...listOf(job.file_sd_configs, `${where}.file_sd_configs`)
        .flatMap((one) => (isFields(one) ? listOf(one.files, `${where}.file_sd_configs.files`) : []))
        .flatMap((pattern) => {
          const files = beside?.(String(pattern)) ?? [];
          if (files.length === 0)
            tell(`file_sd_configs ${String(pattern)}`, `no such file beside ${name}: give it as --targets`);
          return files.flatMap((file) =>
            groupsOf(listOf(readYaml(file.text, file.name), file.name), { where: `${where} ${file.name}`, ...own }),
          );
        }),
    ];
  });
}

const PROBE = /\/probe\/?$/;

/** Whether relabelling says by itself where the exporter is asked. */
const mayChoosePath = (rules: unknown): boolean =>
  Array.isArray(rules) && rules.some((rule) => isFields(rule) && rule.target_label === "__metrics_path__");

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
      const tell = job.losses.about(`${where} ${JSON.stringify(shownUrl(target))}`);
      const labels = relabelled({ __address__: target, ...job.params, ...own }, job.rules, where, tell);
      if (labels === undefined) {
        tell("the target", "its relabelling drops it");
        return [];
      }
      if (!PROBE.test(labels.__metrics_path__ ?? "/probe")) return [];
      // A parameter whose label is dropped is sent as the job has it.
      const { __param_target, __param_module = job.params.__param_module, module } = labels;
      if (__param_target === undefined && job.rules !== undefined) {
        tell("the target", "its relabelling leaves the exporter without a target: set `__param_target`");
        return [];
      }
      return [
        {
          // Without relabelling, what is listed is what to look at: that it is the exporter shows only there.
          address: __param_target ?? target,
          // Where nothing is relabelled, a label of that name is the module, as whoever wrote it meant it.
          module: (job.rules === undefined ? (module ?? __param_module) : (__param_module ?? module)) ?? USUAL_MODULE,
          where,
          timeout: job.timeout,
          ...(job.every === undefined ? {} : { every: duration(job.every).text }),
        },
      ];
    });
  });
}

const textLabels = (labels: unknown): Labels =>
  Object.fromEntries(
    Object.entries(isFields(labels) ? (labels as Fields) : {}).flatMap(([name, value]) =>
      typeof value === "string" || typeof value === "number" ? [[name, String(value)]] : [],
    ),
  );
