import { watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { type Inventory, provider } from "../association/index.ts";
import packageFile from "../package.json" with { type: "json" };
import { checkNames, loadChecks } from "./checks.ts";
import { ConfigError, readConfig } from "./config.ts";
import { isUnset, WallClock } from "./engine/clock.ts";
import { Guard } from "./engine/guard.ts";
import { claim } from "./history/claim.ts";
import { History } from "./history/history.ts";
import { Incidents } from "./incidents/incidents.ts";
import { makeLog } from "./log.ts";
import { Lookout } from "./lookout.ts";
import { Metrics } from "./metrics/registry.ts";
import { parseAddress } from "./net/address.ts";
import { makeResolver } from "./net/resolver.ts";
import { makeTrust } from "./net/trust.ts";
import { tellFromElsewhere } from "./notify/from-elsewhere.ts";
import { Silence } from "./notify/silence.ts";
import { ticketSender } from "./notify/ticket.ts";
import { followAuthority } from "./sources/authority.ts";
import { makeBackupAgent } from "./sources/backup-agent.ts";
import { declaredContainers } from "./sources/declared.ts";
import { makeGate } from "./sources/gate.ts";
import { jobsOf, makeHeartbeats } from "./sources/heartbeats.ts";
import { roleChanges } from "./sources/holders.ts";
import { Peers } from "./sources/peers.ts";
import { ReportFiles } from "./sources/reports.ts";
import { makeRepository } from "./sources/repository.ts";
import { makeTrail } from "./sources/trail.ts";
import { makeApp, makeVantageApp } from "./web/app.ts";
import { Pages } from "./web/pages.ts";
import { gatekeeper } from "./web/proof.ts";
import { serve } from "./web/server.ts";

/** How long runs and answers under way may take to end when the exporter stops, in milliseconds: Docker gives ten seconds. */
const GRACE_MS = 5000;
/** How long an exporter that this one takes the place of may take to end: more than Docker gives it. In milliseconds. */
const OTHER_MS = 15_000;
/** How long the first checks wait for our own authority: the proxy may be starting too. In milliseconds. */
const AUTHORITY_MS = 10_000;
/** How long the first checks wait for a clock that shows 1970: by it every certificate is bad, and whatever is found is dated wrongly. In milliseconds. */
const CLOCK_MS = 300_000;
const FORGET_EVERY_MS = 3_600_000;
const ROLL_UP_EVERY_MS = 300_000;
const LISTEN_EVERY_MS = 5000;
const ROLES_EVERY_MS = 60_000;
const MEGABYTE = 1_000_000;

const { values } = parseArgs({ options: { config: { type: "string", default: "/etc/vigie" } } });
const log = makeLog(process.env.VIGIE_LOG_LEVEL);

// A fault of ours, or of a library, in what it makes of one server's answer: Node would end, and nothing would be watched.
process.on("unhandledRejection", (error) => log.error({ error }, "a promise was broken that nobody waits for"));

try {
  await main(values.config);
} catch (error) {
  // A configuration's faults are for people to read; the rest is for those who mend Vigie.
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
  else log.fatal({ error }, "the exporter cannot go on");
  process.exit(1);
}

/** Reads, remembers, watches, serves; until told to stop. */
async function main(folder: string): Promise<void> {
  const names = await checkNames();
  const { settings, inventory, people } = await readConfig(folder, names);
  const kinds = await loadChecks(kindsOf(inventory));
  const release = await claim(settings.data, OTHER_MS).catch((error: Error) => {
    throw new ConfigError(error.message);
  });

  const history = new History({
    folder: settings.data,
    timeZone: inventory.association.timeZone,
    retention: { ...settings.history, maxBytes: settings.history.maxMb * MEGABYTE },
    now: () => clock.now(),
    onEvent: (event) => log.warn(event, "history"),
  });
  const clock = new WallClock((jump) => {
    log.warn({ seconds: jump.by / 1000 }, "the clock has jumped");
    lookout.jumped(jump);
    lookout.setProblem("clock", undefined);
  });
  const guard = new Guard({
    references: settings.references.map((text) => parseAddress(text)!),
    onChange: (up) => {
      log.warn({ up }, "our own network");
      lookout.setProblem(
        "network",
        up ? undefined : "The lookout's own network is down: what it cannot reach is not blamed",
      );
    },
  });
  const peers = new Peers(settings.vantage?.peers ?? [], {
    onHeard: () => lookout.hear(),
    onProblem: (peer, problem) => lookout.setProblem(`peer ${peer}`, problem),
    age: () => alertsAge(lookout),
  });

  const trust = makeTrust();
  // Problems found before there is a lookout to tell them are told once there is one.
  let jobProblem: string | undefined;
  let tellJobs = (problem: string | undefined): void => {
    jobProblem = problem;
  };
  const resources = {
    declared: declaredContainers(inventory),
    peers,
    heartbeats: makeHeartbeats(
      join(settings.data, "heartbeats.json"),
      jobsOf(inventory),
      (problem) => tellJobs(problem),
      Date.now(),
      history.lastSeen,
    ),
    resolver: makeResolver(),
    trust,
    gates: new Map(Object.entries(settings.gates).map(([host, gate]) => [host, makeGate(gate)])),
    repositories: settings.repositories.map((one) => makeRepository(one, join(settings.data, "repositories"))),
    trails: new Map(Object.entries(settings.trails).map(([service, trail]) => [service, makeTrail(trail)])),
    agents: new Map(Object.entries(settings.agents).map(([host, agent]) => [host, makeBackupAgent(agent)])),
  };
  const reports = new ReportFiles(
    settings.data,
    () => lookout.noteChange(),
    (name, problem) => lookout.setProblem(name, problem),
  );
  const rolesFile = join(settings.data, "roles.json");
  const lookout: Lookout = new Lookout({
    inventory,
    kinds,
    resources,
    history,
    concurrency: settings.concurrency,
    guard,
    now: () => clock.now(),
    ...(settings.vantage?.peers.length
      ? { votes: (check) => peers.votes(check), quorum: settings.vantage.quorum }
      : {}),
    reports: () => reports.read(),
    onFinished: (finished) => metrics.observe(finished),
    onChange: ({ watched: { check, standing }, run: { reason, message } }) =>
      log.info({ check: check.id, status: standing.status, reason, message }, "status"),
    onError: (check, error) => log.error({ check, error }, "a check broke"),
  });
  const metrics = new Metrics(lookout, packageFile.version);
  const { smtp } = settings.alerts;
  const incidents = new Incidents({
    inventory,
    folder: settings.data,
    view: () => lookout.view(),
    agedUntil: (now) => history.agedUntil(now),
    onEvent: (event) => {
      lookout.changes++;
      metrics.countIncident(event);
      log.info({ incident: event.incident.id, services: event.incident.services }, `incident ${event.what}`);
    },
    ...(smtp === undefined
      ? {}
      : { sendTicket: ticketSender({ lookout, metrics, log, people: () => pages.people, smtp, trust }) }),
  });
  lookout.incidents = incidents;
  tellJobs = (problem) => lookout.setProblem("jobs", problem);
  if (jobProblem !== undefined) tellJobs(jobProblem);
  const pages = new Pages(lookout, people);
  /** Once more in a minute where it cannot be remembered. */
  const followRoles = (): void => {
    const { changed, problem } = roleChanges(rolesFile, pages.people);
    lookout.roleChanges = changed;
    lookout.setProblem("roles", problem);
    if (problem !== undefined) setTimeout(followRoles, ROLES_EVERY_MS).unref();
  };
  followRoles();
  const proof = settings.proofFile && (await readFile(settings.proofFile, "utf8")).trim();

  const authority =
    settings.trust &&
    followAuthority({
      url: settings.trust.url,
      trust,
      onChange: (problem) => lookout.setProblem("authority", problem),
    });
  const { vantage } = settings;
  const silence =
    vantage?.tells &&
    new Silence(
      vantage.tells.after * 1000,
      performance.now(),
      tellFromElsewhere({
        lookout,
        log,
        name: vantage.name,
        role: vantage.tells.role,
        means: () => ({ ...(smtp === undefined ? {} : { smtp }), authorities: trust.authorities() }),
      }),
    );
  const listening = silence && setInterval(() => void silence.look(performance.now()), LISTEN_EVERY_MS);
  const forgetting = setInterval(() => void history.forget(clock.now()), FORGET_EVERY_MS);
  const rolling = setInterval(() => void history.rollUp(clock.now()), ROLL_UP_EVERY_MS);
  const web = await serve(
    (vantage?.only ? makeVantageApp : makeApp)({
      lookout,
      metrics,
      pages,
      log,
      alerts: { ...settings.alerts, ...(await withToken(settings.alerts)), authorities: () => trust.authorities() },
      gatekeeper: gatekeeper(proof, settings.publicUrl),
      alertmanager: settings.alertmanager,
      vantage: vantage && (await withKey(vantage)),
      ...(silence === undefined ? {} : { heard: (age) => silence.heard(age, performance.now()) }),
    }),
    settings.listen,
    settings.address,
  );
  const stopping = stopSignal();
  await Promise.race([clockSet(lookout), stopping]);
  // Looked at before its authority is known, a good certificate would stay without a verdict for a quarter of an hour.
  await Promise.race([authority?.learnt, sleep(AUTHORITY_MS, undefined, { ref: false }), stopping]);
  lookout.engine.start();
  peers.start();
  const unfollow = followConfig(folder, async () => {
    const next = await readConfig(folder, names);
    Object.assign(kinds, await loadChecks(kindsOf(next.inventory)));
    if (isDeepStrictEqual([next.inventory, next.people], [lookout.inventory, pages.people])) return;
    resources.declared = declaredContainers(next.inventory);
    resources.heartbeats.watch(jobsOf(next.inventory), Date.now());
    lookout.reload(next.inventory);
    metrics.reload();
    pages.reload(next.people);
    followRoles();
    incidents.reload(next.inventory);
    log.info({ checks: lookout.watched.length }, "watching another inventory");
  });
  incidents.start();
  log.info({ port: web.port, checks: lookout.watched.length, version: packageFile.version }, "watching");

  const signal = await stopping;
  log.info({ signal }, "stopping");
  clearInterval(forgetting);
  clearInterval(rolling);
  clearInterval(listening);
  authority?.stop();
  peers.stop();
  unfollow();
  await Promise.all([lookout.engine.stop(GRACE_MS), web.stop(GRACE_MS)]);
  incidents.stop();
  history.close();
  release();
  log.info({ runs: lookout.runs }, "stopped");
  process.exit(0);
}

/** Waits until the machine's clock was set, for so long at most: where nobody ever sets it, something is watched all the same. */
async function clockSet(lookout: Lookout): Promise<void> {
  const until = performance.now() + CLOCK_MS;
  while (isUnset(Date.now()) && performance.now() < until) {
    lookout.setProblem(
      "clock",
      "The machine's clock was never set: nothing is watched before it is, for five minutes at most",
    );
    await sleep(1000, undefined, { ref: false });
  }
  lookout.setProblem("clock", isUnset(Date.now()) ? "The machine's clock was never set: dates are wrong" : undefined);
}

/** The first signal that asks the exporter to stop; a second one ends it at once, as usual. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, resolve);
  });
}

async function withToken<T extends { tokenFile?: string }>(own: T): Promise<T & { token?: string }> {
  const { tokenFile } = own;
  return { ...own, ...(tokenFile === undefined ? {} : { token: (await readFile(tokenFile, "utf8")).trim() }) };
}

async function withKey<T extends { keyFile?: string }>(own: T): Promise<T & { key?: string }> {
  const { keyFile } = own;
  return { ...own, ...(keyFile === undefined ? {} : { key: (await readFile(keyFile, "utf8")).trim() }) };
}

/** How long ago alerts are known to have got through to here; where none are routed, that the lookout is there is all there is to know. */
function alertsAge({ inventory: { services }, alertsThrough }: Lookout): number | undefined {
  if (provider("alerts", services) === undefined || provider("metrics", services) === undefined) return 0;
  return alertsThrough === undefined ? undefined : performance.now() - alertsThrough;
}

function kindsOf({ checks }: Inventory): Set<string> {
  return new Set(Object.values(checks).map(({ kind }) => kind));
}

/** Calls `read` when a file of the folder has changed, or on SIGHUP; gives what ends that. What cannot be used changes nothing. */
function followConfig(folder: string, read: () => Promise<void>): () => void {
  let timer: NodeJS.Timeout | undefined;
  const soon = () => {
    clearTimeout(timer);
    // Files are written one after the other.
    timer = setTimeout(() => {
      read().catch((error: Error) => log.error({ problem: error.message }, "the changed configuration is not used"));
    }, 500);
  };
  process.on("SIGHUP", soon);
  const watcher = watch(folder, { persistent: false }, soon).on("error", (error) =>
    log.warn({ error }, "changes of the configuration are seen on SIGHUP only"),
  );
  return () => {
    clearTimeout(timer);
    process.off("SIGHUP", soon);
    watcher.close();
  };
}
