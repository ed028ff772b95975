/**
 * What backups cost: a snapshot and a restore by the agent beside restic by hand on the same data, alternating in the same run, and
 * the processor time of all truth checks. `npm run bench -- backup [ROUNDS]`
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { Rig } from "../real/backup-rig.ts";

const ROUNDS = Number(process.argv[2] ?? 5);
const MEGABYTES = 150;
const FILES = 400;
const GOALS = { throughput: 0.95, share: 0.02 };

const rig = new Rig();
const median = (numbers: number[]): number => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
const exec = (...words: string[]): string => rig.docker("exec", `${rig.name}-agent`, ...words);
/** Seconds that something takes. */
function timed(action: () => unknown): number {
  const started = performance.now();
  action();
  return (performance.now() - started) / 1000;
}
/** New data each time: what is there already would not be sent. */
const renew = (): string =>
  rig.shell(
    `rm -rf /data/*; for i in $(seq ${FILES}); do head -c $((${MEGABYTES} * 1000000 / ${FILES})) /dev/urandom > /data/$i; done`,
    "data",
  );
const byHand = [
  "restic",
  "--repository-file",
  "/run/vigie/repository",
  "--password-file",
  "/etc/vigie/secrets/repository-password",
  "--json",
];
const environment = ["env", "RESTIC_CACHE_DIR=/var/cache/restic", "TMPDIR=/var/cache/restic", "GOMEMLIMIT=250MiB"];

/** Processor time that a container has used, in seconds (cgroup v2, or v1). */
function usedBy(role: string): number {
  const id = rig.docker("inspect", "--format", "{{.Id}}", `${rig.name}-${role}`).trim();
  for (const [file, read] of [
    [`/sys/fs/cgroup/docker/${id}/cpu.stat`, (text: string) => Number(/usage_usec (\d+)/.exec(text)![1]) / 1e6],
    [`/sys/fs/cgroup/cpuacct/docker/${id}/cpuacct.usage`, (text: string) => Number(text) / 1e9],
  ] as const) {
    try {
      return read(readFileSync(file, "utf8"));
    } catch {
      // The other kind of cgroups.
    }
  }
  return Number.NaN;
}

try {
  await rig.start();
  while (rig.agent("list").code !== 0) execFileSync("sleep", ["1"]);
  const agent = { backup: [] as number[], restore: [] as number[] };
  const hand = { backup: [] as number[], restore: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    renew();
    agent.backup.push(timed(() => exec("vigie-backup", "run", "wiki-data")));
    renew();
    hand.backup.push(
      timed(() => exec(...environment, ...byHand, "backup", "--host", "main", "--tag", "by-hand", "/data/wiki")),
    );
    agent.restore.push(timed(() => exec("vigie-backup", "restore", "wiki-data", "--to", "/var/cache/restic/agent")));
    exec("rm", "-r", "/var/cache/restic/agent");
    hand.restore.push(
      timed(() =>
        exec(...environment, ...byHand, "restore", "latest", "--tag", "by-hand", "--target", "/var/cache/restic/hand"),
      ),
    );
    exec("rm", "-r", "/var/cache/restic/hand");
  }
  const before = usedBy("agent") + usedBy("repository");
  exec("vigie-backup", "verify");
  const verification = usedBy("agent") + usedBy("repository") - before;
  const lists = 5;
  const listed = usedBy("agent") + usedBy("repository");
  for (let one = 0; one < lists; one++) exec(...environment, ...byHand, "snapshots", "--no-lock");
  const listing = (usedBy("agent") + usedBy("repository") - listed) / lists;
  const row = (name: string, own: number, other: number, goal: string) =>
    console.log(`| ${name} | ${own.toFixed(2)} | ${other.toFixed(2)} | ${(other / own).toFixed(2)} | ${goal} |`);
  console.log(`\n${cpus().length} processors, ${ROUNDS} rounds, ${MEGABYTES} MB in ${FILES} files, medians\n`);
  console.log("| | by the agent, s | restic by hand, s | throughput | goal |\n|---|---|---|---|---|");
  row("snapshot", median(agent.backup), median(hand.backup), `≥ ${GOALS.throughput}`);
  row("restore", median(agent.restore), median(hand.restore), `≥ ${GOALS.throughput}`);
  // A listing a minute at most, and a verification a day, which reads a thirtieth of the data; here it read all of it.
  const share = listing / 60 + verification / 86_400;
  console.log(
    `\nverification of all data: ${verification.toFixed(2)} s of processor; a listing: ${listing.toFixed(2)} s of it`,
  );
  console.log(`all truth checks: ${(share * 100).toFixed(2)} % of a core (goal < ${GOALS.share * 100} %)`);
} finally {
  rig.remove();
}
