import { type Outside, parseOutside } from "./outside.ts";
import { isObject, type Unknown } from "./shape.ts";

/** Another repository, elsewhere, that every snapshot is copied to. */
export interface Copy extends Outside {
  readonly id: string;
  /** restic's address of it, with a user and without a password. */
  readonly repository: string;
  readonly everySeconds: number;
}

/** What holds for all jobs. Lengths are in seconds, rates in KiB a second. */
export interface Policy {
  /** How long one snapshot may take before it is stopped. */
  readonly limitSeconds: number;
  /** How the repository is verified; never where left out. */
  readonly verify?: { readonly everySeconds: number; readonly readAllWithinSeconds: number };
  readonly bandwidth: { readonly upload?: number; readonly download?: number };
  /** Between these times nothing starts by itself. */
  readonly quietHours?: { readonly from: string; readonly until: string; readonly timeZone: string };
  readonly copies: readonly Copy[];
  /** Where the lookout asks for the report. */
  readonly report?: { readonly port: number; readonly keyFile: string };
}

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;
const COPY_ID = /^[a-z0-9][a-z0-9-]*$/;
/** Without a password in it. */
const ADDRESS = /^(rest:https?:\/\/[^/:@\s]+@\S+\/|\/\S+)$/;
const positive = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value) && value > 0;

/** Reads the policy's part of backup.json; what is wrong is added to `problems`. */
export function parsePolicy(given: Unknown, problems: string[]): Policy {
  const part = (name: string): Unknown | undefined => {
    const value = given[name];
    if (value === undefined || isObject(value)) return value;
    problems.push(`${name} must be an object`);
    return undefined;
  };
  const number = (value: unknown, path: string): number | undefined => {
    if (value === undefined || positive(value)) return value;
    problems.push(`${path} must be a number above 0`);
    return undefined;
  };
  const limitSeconds = number(given.limitSeconds, "limitSeconds") ?? 6 * 3600;
  const verify = part("verify");
  const everySeconds = number(verify?.everySeconds, "verify.everySeconds") ?? 86_400;
  const readAllWithinSeconds = number(verify?.readAllWithinSeconds, "verify.readAllWithinSeconds") ?? 30 * everySeconds;
  if (readAllWithinSeconds < everySeconds)
    problems.push("verify.readAllWithinSeconds must not be less than everySeconds");
  const bandwidth = part("bandwidth");
  const upload = number(bandwidth?.upload, "bandwidth.upload");
  const download = number(bandwidth?.download, "bandwidth.download");
  const quiet = part("quietHours");
  const { from, until, timeZone = "UTC" } = quiet ?? {};
  if (quiet && ![from, until].every((time) => typeof time === "string" && CLOCK.test(time)))
    problems.push('quietHours must be { "from": "08:00", "until": "20:00" }');
  const report = part("report");
  if (report && !(positive(report.port) && typeof report.keyFile === "string"))
    problems.push("report must be { port, keyFile }");
  const list = given.copies ?? [];
  if (!Array.isArray(list)) problems.push("copies must be a list");
  const copies = (Array.isArray(list) ? list : []).flatMap((item: unknown, index): Copy[] => {
    const copy = parseCopy(isObject(item) ? item : {});
    if (copy === undefined)
      problems.push(
        `copies[${index}] must be { id, everySeconds, repository }, with "rest:http://user@server:8000/user/", "sftp://user@host:22//folder" and sftp: { keyFile, hostKey }, or "s3:https://host/bucket/folder" and s3: { keyIdFile, secretKeyFile }`,
      );
    return copy === undefined ? [] : [copy];
  });
  return {
    limitSeconds,
    copies,
    ...(verify ? { verify: { everySeconds, readAllWithinSeconds } } : {}),
    bandwidth: { ...(upload ? { upload } : {}), ...(download ? { download } : {}) },
    ...(quiet ? { quietHours: { from: String(from), until: String(until), timeZone: String(timeZone) } } : {}),
    ...(report ? { report: { port: Number(report.port), keyFile: String(report.keyFile) } } : {}),
  };
}

function parseCopy(item: Unknown): Copy | undefined {
  const { id, repository, everySeconds = 86_400 } = item;
  if (typeof id !== "string" || !COPY_ID.test(id) || typeof repository !== "string" || !positive(everySeconds))
    return undefined;
  if (ADDRESS.test(repository)) return { id, repository, everySeconds };
  const outside = parseOutside(repository, item);
  return outside && { id, repository, everySeconds, ...outside };
}

/** Whether nothing is to start by itself now. Hours that begin in the evening end on the next morning. */
export function isQuiet(hours: Policy["quietHours"], now: Date): boolean {
  if (!hours) return false;
  const { from, until, timeZone } = hours;
  const time = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(now);
  return from <= until ? time >= from && time < until : time >= from || time < until;
}
