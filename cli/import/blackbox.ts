import { dns } from "./blackbox-dns.ts";
import { http } from "./blackbox-http.ts";
import { ipOf, type Prober } from "./blackbox-settings.ts";
import { tcp } from "./blackbox-tcp.ts";
import {
  type Draft,
  type DraftCheck,
  duration,
  type Fields,
  goSeconds,
  ImportError,
  type Imported,
  isFields,
  Losses,
  type Tell,
} from "./draft.ts";
import { type TargetsFile, targetsOf } from "./prometheus-targets.ts";
import { readYaml } from "./read.ts";
import { shownUrl } from "./secrets.ts";

/**
 * A `blackbox.yml` and the targets that Prometheus has it probe: a `prometheus.yml` with `scrape_configs`, or a file of
 * `file_sd_configs`.
 * @throws ImportError where they are none
 */
export function importBlackbox(text: string, name: string, targets: TargetsFile | undefined): Imported {
  const config = readYaml(text, name, "modules");
  if (!isFields(config) || !isFields(config.modules))
    throw new ImportError(`${name}: expected a blackbox.yml, with \`modules\``);
  if (targets === undefined)
    throw new ImportError(
      `${name} says how to probe, not what: add --targets FILE, a prometheus.yml or a file of targets`,
    );
  const losses = new Losses();
  const modules = config.modules;
  const all = targetsOf(readYaml(targets.text, targets.name, "scrape_configs"), targets, losses);
  const drafts = all.flatMap((target): Draft[] => {
    const tell = losses.about(`${target.where} ${JSON.stringify(shownUrl(target.address))}`);
    const module = Object.hasOwn(modules, target.module) ? modules[target.module] : undefined;
    if (!isFields(module)) {
      tell("the target", `its module ${JSON.stringify(target.module)} is not in ${name}`);
      return [];
    }
    const check = checkOf(target.address, module, tell);
    if (check === undefined) return [];
    const timeout = Math.min(goSeconds(module.timeout) ?? Number.POSITIVE_INFINITY, target.timeout);
    return [
      {
        name: nameOf(target.address),
        ...(check.check === "http" ? { url: String(check.fields.url) } : {}),
        checks: [
          {
            ...check,
            fields: {
              ...check.fields,
              every: target.every ?? "60s",
              ...(Number.isFinite(timeout) ? { timeout: duration(timeout).text } : {}),
            },
          },
        ],
      },
    ];
  });
  return { drafts, losses: losses.all };
}

const icmp: Prober = (address, settings, tell) => {
  for (const key of ["payload_size", "ttl", "dont_fragment", "source_ip_address"])
    if (settings[key] !== undefined) tell(key, "the lookout has no such setting");
  return { check: "icmp", fields: { host: address.replace(/^\[|\]$/g, ""), ...ipOf(settings) } };
};

const PROBERS: Readonly<Record<string, Prober>> = { http, tcp, icmp, dns };

function checkOf(address: string, module: Fields, tell: Tell): DraftCheck | undefined {
  const name = String(module.prober);
  const prober = Object.hasOwn(PROBERS, name) ? PROBERS[name] : undefined;
  if (prober === undefined) {
    tell("the target", `the lookout has no prober ${JSON.stringify(module.prober)}`);
    return undefined;
  }
  const settings = module[name];
  return prober(address, isFields(settings) ? settings : {}, tell);
}

const nameOf = (address: string): string =>
  shownUrl(address)
    .replace(/^[a-z]+:\/\//i, "")
    .replace(/\/?(\?…)?$/, "");
