import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Check, Inventory, Slo } from "../../../association/index.ts";
import { loadChecks } from "../../../monitors/checks.ts";
import { History } from "../../../monitors/history/history.ts";
import { Incidents } from "../../../monitors/incidents/incidents.ts";
import { makeLog } from "../../../monitors/log.ts";
import { Lookout } from "../../../monitors/lookout.ts";
import { Metrics } from "../../../monitors/metrics/registry.ts";
import type { Resources } from "../../../monitors/resources.ts";
import { makeApp } from "../../../monitors/web/app.ts";
import { Pages } from "../../../monitors/web/pages.ts";
import { gatekeeper } from "../../../monitors/web/proof.ts";
import { serve } from "../../../monitors/web/server.ts";
import { inventory, people, withChecks } from "./inventory.ts";
import { resources } from "./run.ts";

export interface LookoutOptions {
  checks?: readonly Check[];
  own?: Partial<Resources>;
  maintenance?: Inventory["maintenance"];
  vantage?: { name: string; key?: string };
  votes?: ConstructorParameters<typeof Lookout>[0]["votes"];
  /** Objectives of services. */
  slo?: Readonly<Record<string, Slo>>;
  /** What services depend on. */
  dependsOn?: Readonly<Record<string, readonly string[]>>;
  folder?: string;
  /** Run the checks; otherwise nothing happens but what the test does. */
  start?: boolean;
  /** What the proxy would show, where it would be and where Alertmanager is; nothing is asked for when left out. */
  proof?: string;
  publicUrl?: string;
  alertmanager?: string;
}

/** A whole exporter in the test's own process, served on a free port. */
export async function startLookout(options: LookoutOptions = {}) {
  const { own, folder, start = true } = options;
  const dir = folder ?? mkdtempSync(join(tmpdir(), "vigie-lookout-"));
  const history = new History({
    folder: dir,
    timeZone: "Europe/Paris",
    retention: { rawDays: 7, dayDays: 400, maxBytes: 1e9 },
    onEvent: () => {},
  });
  const lookout = new Lookout({
    inventory: inventoryOf(options),
    kinds: await loadChecks(),
    resources: resources(own),
    history,
    ...(options.votes ? { votes: options.votes } : {}),
    onFinished: (finished) => metrics.observe(finished),
    onError: (check, error) => {
      throw new Error(check, { cause: error });
    },
  });
  const metrics = new Metrics(lookout, "1.2.3");
  lookout.incidents = new Incidents({
    inventory: lookout.inventory,
    folder: dir,
    view: () => lookout.view(),
    onEvent: (event) => {
      lookout.changes++;
      metrics.countIncident(event);
    },
  });
  const app = makeApp({
    lookout,
    metrics,
    pages: new Pages(lookout, people()),
    log: makeLog("silent"),
    ...(options.vantage ? { vantage: options.vantage } : {}),
    gatekeeper: gatekeeper(options.proof, options.publicUrl),
    ...(options.alertmanager === undefined ? {} : { alertmanager: options.alertmanager }),
  });
  const web = await serve(app, 0, "127.0.0.1");
  if (start) lookout.engine.start();
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    await Promise.all([lookout.engine.stop(100), web.stop(100)]);
    lookout.incidents?.stop();
    history.close();
  };
  onTestFinished(stop);
  const url = `http://127.0.0.1:${web.port}`;
  return {
    lookout,
    metrics,
    history,
    url,
    stop,
    get: (path: string, init?: RequestInit) => fetch(url + path, { redirect: "manual", ...init }),
    text: async (path: string, init?: RequestInit) => (await fetch(url + path, init)).text(),
  };
}

function inventoryOf({ checks, maintenance, dependsOn = {}, slo = {} }: LookoutOptions): Inventory {
  const base = checks === undefined ? inventory() : withChecks(checks);
  const services = Object.entries(base.services).map(([id, service]) => [
    id,
    { ...service, dependsOn: dependsOn[id] ?? service.dependsOn, ...(slo[id] ? { slo: slo[id] } : {}) },
  ]);
  return { ...base, services: Object.fromEntries(services), ...(maintenance ? { maintenance } : {}) };
}
