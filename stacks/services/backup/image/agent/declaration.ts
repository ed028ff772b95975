import { readFileSync, statSync } from "node:fs";
import { validate } from "node-cron";
import { filesOf } from "./outside.ts";
import { type Policy, parsePolicy } from "./policy.ts";
import type { Preparation } from "./prepare.ts";
import { isObject, type Unknown } from "./shape.ts";

/** When a job runs: at the times of a cron expression in its time zone, or at a fixed pace. */
export type Schedule = { cron: string; timeZone: string } | { everySeconds: number };

/** One volume to take snapshots of. */
export interface Job {
  readonly id: string;
  /** The id of the service whose volume it is; the tag `service=…` of its snapshots. */
  readonly service: string;
  /** The name of the volume; the tag `volume=…` of its snapshots. */
  readonly volume: string;
  /** Where the volume is mounted, read-only. */
  readonly path: string;
  readonly schedule: Schedule;
  /** How its service is asked to make copies of its databases first. */
  readonly prepare?: Preparation;
  /** restic's exclude patterns. */
  readonly excludes: readonly string[];
}

export interface Declaration {
  /** The name under which snapshots are taken: the declared host's, not the container's. */
  readonly host: string;
  /** restic's address of the repository, for instance `rest:http://main@backup-repository:8000/main/`. */
  readonly repository: string;
  readonly repositoryPasswordFile: string;
  /** The password of the address's user, where it has one. */
  readonly restPasswordFile: string;
  readonly policy: Policy;
  readonly jobs: readonly Job[];
}

/** What was declared cannot be used; its message says everything that is wrong. */
export class Refusal extends Error {}

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Reads backup.json. Throws a Refusal with all problems on one line. */
export function parseDeclaration(text: string, file = "backup.json"): Declaration {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw new Refusal(`${file} is not JSON: ${(error as Error).message}`);
  }
  const problems: string[] = [];
  const given = isObject(raw) ? raw : {};
  const string = (
    owner: Unknown,
    name: string,
    path: string,
    shape: RegExp,
    wanted: string,
    fallback?: string,
  ): string => {
    const value = owner[name] ?? fallback;
    if (typeof value === "string" && shape.test(value)) return value;
    problems.push(`${path} must be ${wanted}`);
    return "";
  };
  const absolute = /^\/[^\0]*$/;
  const declaration: Declaration = {
    host: string(given, "host", "host", ID, "a host's name"),
    repository: string(
      given,
      "repository",
      "repository",
      /^(rest:https?:\/\/\S+\/|\/\S+)$/,
      "like rest:http://user@server:8000/user/",
    ),
    repositoryPasswordFile: string(
      given,
      "repositoryPasswordFile",
      "repositoryPasswordFile",
      absolute,
      "an absolute path",
      "/etc/vigie/secrets/repository-password",
    ),
    restPasswordFile: string(
      given,
      "restPasswordFile",
      "restPasswordFile",
      absolute,
      "an absolute path",
      "/etc/vigie/secrets/rest-password",
    ),
    policy: parsePolicy(given, problems),
    jobs: [],
  };
  if (/^rest:https?:\/\/[^/]*:[^/]*@/.test(declaration.repository)) {
    problems.push("repository must not hold a password: put it in restPasswordFile");
  }
  const jobs = Array.isArray(given.jobs) ? given.jobs : [];
  if (!Array.isArray(given.jobs)) problems.push("jobs must be a list");
  const seen = new Map<string, number>();
  const parsed = jobs.map((item: unknown, index): Job => {
    const path = `jobs[${index}]`;
    const job = isObject(item) ? item : {};
    const id = string(job, "id", `${path}.id`, ID, "letters, digits, dots, hyphens and underscores");
    if (seen.has(id)) problems.push(`${path}.id "${id}" is also the id of jobs[${seen.get(id)}]`);
    if (id) seen.set(id, index);
    const excludes = job.excludes ?? [];
    if (!Array.isArray(excludes) || !excludes.every((pattern) => typeof pattern === "string" && pattern !== "")) {
      problems.push(`${path}.excludes must be a list of patterns`);
    }
    return {
      id,
      service: string(job, "service", `${path}.service`, ID, "a service's id"),
      volume: string(job, "volume", `${path}.volume`, ID, "a volume's name"),
      path: string(job, "path", `${path}.path`, absolute, "an absolute path"),
      schedule: parseSchedule(job, `${path}.schedule`, problems),
      ...parsePrepare(job.prepare, `${path}.prepare`, problems),
      excludes: Array.isArray(excludes) ? excludes : [],
    };
  });
  if (problems.length > 0) throw new Refusal(`${file}: ${problems.join("; ")}`);
  return { ...declaration, jobs: parsed };
}

function parsePrepare(value: unknown, path: string, problems: string[]): { prepare?: Preparation } {
  if (value === undefined) return {};
  const { folder, limitSeconds = 1800, waitSeconds = 90 } = isObject(value) ? value : {};
  const isTime = (time: unknown, least: number): time is number => typeof time === "number" && time >= least;
  if (typeof folder === "string" && folder.startsWith("/") && isTime(limitSeconds, 1) && isTime(waitSeconds, 0))
    return { prepare: { folder, limitSeconds, waitSeconds } };
  problems.push(`${path} must be { "folder": "/hooks/SERVICE", "limitSeconds", "waitSeconds" }`);
  return {};
}

function parseSchedule(job: Unknown, path: string, problems: string[]): Schedule {
  const value = job.schedule;
  if (isObject(value) && typeof value.everySeconds === "number" && value.everySeconds >= 60) {
    return { everySeconds: value.everySeconds };
  }
  const cron = isObject(value) ? value.cron : value;
  const timeZone = job.timeZone ?? "UTC";
  if (typeof cron !== "string" || !validate(cron)) {
    problems.push(`${path} must be a cron expression such as "0 3 * * *", or { "everySeconds": 60 or more }`);
  }
  if (typeof timeZone !== "string" || !isTimeZone(timeZone)) {
    problems.push(`${path.replace(/schedule$/, "timeZone")} must be a time zone such as "Europe/Paris"`);
  }
  return { cron: String(cron), timeZone: String(timeZone) };
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Reads the file that the stack gave, and sees that everything it names is there. */
export function readDeclaration(file = "/etc/vigie/backup.json"): Declaration {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new Refusal(`${file} is missing: the stack copies it before the first start`);
  }
  const declaration = parseDeclaration(text, file);
  const secrets = [
    declaration.repositoryPasswordFile,
    ...(restUser(declaration.repository) ? [declaration.restPasswordFile] : []),
    ...(declaration.policy.report ? [declaration.policy.report.keyFile] : []),
    ...declaration.policy.copies.flatMap(filesOf),
  ];
  const missing = secrets.filter((path) => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0);
  const problems = [
    ...missing.map((path) => `${path} is missing or empty`),
    ...declaration.jobs
      .filter((job) => !statSync(job.path, { throwIfNoEntry: false })?.isDirectory())
      .map((job) => `the job ${job.id} has nothing mounted at ${job.path}`),
  ];
  if (problems.length > 0) throw new Refusal(`${file}: ${problems.join("; ")}`);
  return declaration;
}

/** The user in a REST repository's address; undefined where there is none. */
export function restUser(repository: string): string | undefined {
  return repository.match(/^rest:https?:\/\/([^@/:]+)@/)?.[1];
}

/** The address with the user's password in it, as restic wants to read it from a file. Secret. */
export function addressWithPassword(repository: string, password: string): string {
  return repository.replace(/^(rest:https?:\/\/[^@/:]+)@/, (_, user) => `${user}:${encodeURIComponent(password)}@`);
}
