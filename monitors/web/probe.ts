import { inspect } from "node:util";
import type { Request, RequestHandler, Response } from "express";
import { nearestName } from "../../association/problems.ts";
import type { Outcome } from "../check.ts";
import { attempt } from "../engine/attempt.ts";
import type { Watched } from "../engine/engine.ts";
import type { Lookout } from "../lookout.ts";
import { localId } from "../metrics/checks.ts";
import { escapeLabel, labelText } from "../metrics/text.ts";
import { plain } from "../text.ts";
import { blackboxFamilies, checksOf, type Family, kindsOf, MODULES } from "./blackbox.ts";

/** Probes going on at once; they come on top of the engine's own runs. */
const MOST_AT_ONCE = 16;
/** Headers of answers that may hold secrets. */
const HIDDEN = /^(set-cookie|authorization|proxy-authorization|www-authenticate|cookie)$/i;

/**
 * Runs one declared check at once and tells its result in the text format, as the multi-target exporters do; the check's
 * own state is left alone. `debug=true` tells why, step by step. Only what is declared can be probed.
 */
export function probe(lookout: Lookout): RequestHandler {
  let running = 0;
  return async (request, response) => {
    const watched = find(lookout, request, response);
    if (watched === undefined) return;
    if (running >= MOST_AT_ONCE) {
      answer(response.set("Retry-After", "5"), 503, `${MOST_AT_ONCE} probes are going on; try again later.\n`);
      return;
    }
    running++;
    const gone = new AbortController();
    response.once("close", () => gone.abort(new Error("nobody waits for the answer any more")));
    try {
      await run(lookout, watched, request.query, gone.signal, response);
    } finally {
      running--;
    }
  };
}

async function run(lookout: Lookout, watched: Watched, asked: Request["query"], stop: AbortSignal, response: Response) {
  const debug = asked.debug === "true";
  const began = performance.now();
  const steps: string[] = [];
  const since = () => ((performance.now() - began) / 1000).toFixed(6);
  const controller = new AbortController();
  const abandon = () => controller.abort(stop.reason);
  stop.addEventListener("abort", abandon, { once: true });
  const { outcome } = await attempt({
    kind: watched.kind,
    params: watched.check.params,
    timeoutMs: watched.check.timeoutSeconds * 1000,
    resources: lookout.resources,
    controller,
    ...(debug ? { trace: (doing, detail) => steps.push(`${since()}  ${doing}${shown(detail)}`) } : {}),
  });
  // Every answer closes in the end. To abort a run that is over, whose sockets are gone, crashes Node 24.21 (SIGSEGV).
  stop.removeEventListener("abort", abandon);
  if (stop.aborted) return;
  const seconds = (performance.now() - began) / 1000;
  const families: readonly Family[] =
    asked.module === undefined ? ownFamilies(watched, outcome, seconds) : blackboxFamilies(watched, outcome, seconds);
  const metrics = families
    .map(([name, help, values]) =>
      [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} gauge`,
        ...values.map(([labels, value]) => `${name}${labels} ${value}`),
      ].join("\n"),
    )
    .join("\n");
  if (!debug) {
    answer(response.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8"), 200, `${metrics}\n`);
    return;
  }
  const verdict = outcome.ok ? "good" : `failed (${outcome.reason})`;
  const why = outcome.message === undefined ? "" : `: ${plain(outcome.message)}`;
  const { id, kind, target } = watched.check;
  answer(
    response.type("text"),
    200,
    [`${id} (${kind}) ${plain(target)}`, "", ...steps, `${since()}  ${verdict}${why}`, "", metrics, ""].join("\n"),
  );
}

/** What a run found, by our own names. */
const ownFamilies = (watched: Watched, outcome: Outcome, seconds: number): Family[] => [
  ["probe_success", "Whether the check succeeded.", [["", outcome.ok ? 1 : 0]]],
  ["probe_duration_seconds", "How long the check took.", [["", seconds]]],
  ...(outcome.ok
    ? []
    : [["probe_failure_info", "Why the check failed.", [[`{reason="${escapeLabel(outcome.reason)}"}`, 1]]] as const]),
  ...measured(watched, outcome.measures ?? {}),
];

/** The check that is asked for; undefined, with the answer sent, where there is none. */
function find(lookout: Lookout, request: Request, response: Response): Watched | undefined {
  const { target, check, module } = request.query;
  if (typeof module === "string" && typeof target === "string") return findByModule(lookout, request, response);
  if (typeof target !== "string") {
    answer(response, 400, "Ask for /probe?target=SERVICE&check=ID, both as declared.\n");
    return undefined;
  }
  const own = lookout.watched.filter((one) => one.check.service === target);
  if (own.length === 0) {
    const services = [...new Set(lookout.watched.map((one) => one.check.service))];
    answer(response, 404, `No declared service has this name.${suggestion(target, services)}\n`);
    return undefined;
  }
  if (check === undefined && own.length === 1) return own[0];
  const found = own.find((one) => localId(one) === check);
  if (found) return found;
  const ids = own.map(localId);
  const status = typeof check === "string" ? 404 : 400;
  answer(response, status, `Checks of ${target}: ${ids.join(", ")}.${suggestion(String(check ?? ""), ids)}\n`);
  return undefined;
}

/** The check that stands in for one of blackbox_exporter's modules. */
function findByModule(lookout: Lookout, { query }: Request, response: Response): Watched | undefined {
  const [module, target, check] = [String(query.module), String(query.target), query.check];
  const kinds = kindsOf(module);
  if (kinds === undefined) {
    const all = Object.keys(MODULES);
    answer(response, 400, `Modules: ${all.join(", ")}.${suggestion(module, all)}\n`);
    return undefined;
  }
  const found = checksOf(lookout.watched, module, target).filter(
    (one) => check === undefined || one.check.id === check,
  );
  if (found.length === 1) return found[0];
  const ids = found.map((one) => one.check.id).join(", ");
  if (found.length > 1) answer(response, 400, `Several checks look at this target: add check= one of ${ids}.\n`);
  else answer(response, 404, `No declared ${kinds.join(" or ")} check looks at this target.\n`);
  return undefined;
}

const suggestion = (name: string, valid: readonly string[]): string => {
  const nearest = name === "" ? undefined : nearestName(name, valid);
  return nearest === undefined ? "" : ` Did you mean ${nearest}?`;
};

function answer(response: Response, status: number, text: string): void {
  if (response.get("Content-Type") === undefined) response.type("text");
  response.status(status).set("Cache-Control", "no-store").send(text);
}

/** Kinds have hyphens in their names, metrics must not (prometheus.io/docs/concepts/data_model). */
export const probeMetric = (kind: string, measure: string): string => `probe_${kind.replaceAll("-", "_")}_${measure}`;

/** The run's measures as `probe_KIND_MEASURE`, those that have a label with it. */
function measured({ kind, check }: Watched, measures: Readonly<Record<string, number>>): Family[] {
  const byName = Map.groupBy(Object.entries(measures), ([name]) => name.split("/")[0]!);
  return [...byName].map(
    ([name, entries]): Family => [
      probeMetric(check.kind, name),
      kind.measures?.[name]?.help ?? "A measure of the check.",
      entries.map(([full, value]) => {
        const { label } = kind.measures?.[name] ?? {};
        return [label === undefined ? "" : labelText({ [label]: full.slice(name.length + 1) }), value] as const;
      }),
    ],
  );
}

function shown(detail: unknown): string {
  if (detail === undefined) return "";
  if (typeof detail === "string") return `: ${plain(detail)}`;
  return `: ${plain(inspect(withoutSecrets(detail), { breakLength: Number.POSITIVE_INFINITY, depth: 4, maxStringLength: 300 }), 4000)}`;
}

function withoutSecrets(detail: unknown): unknown {
  const { headers } = detail as { headers?: Record<string, unknown> };
  if (headers === undefined) return detail;
  const kept = Object.entries(headers).map(([name, value]) => [name, HIDDEN.test(name) ? "(hidden)" : value]);
  return { ...(detail as object), headers: Object.fromEntries(kept) };
}
