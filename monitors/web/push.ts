import { createHash, timingSafeEqual } from "node:crypto";
import type { Request, RequestHandler } from "express";
import { secretFile } from "../../association/index.ts";
import { readSecret } from "../checks/_secret.ts";
import { readDisks } from "../checks/_smart.ts";
import { pushPurpose } from "../checks/heartbeat.ts";
import type { Lookout } from "../lookout.ts";
import { REPORTS, type Report } from "../sources/heartbeats.ts";

/** What a report may say, in bytes; the rest is not read. */
const MOST_BODY = 10_000;
/** What a host says of its disks: ten kilobytes each, and longer of some. */
const MOST_DISKS_BODY = 2_000_000;
/** Reports taken from one job in a minute: a loop gone wild is told to wait. */
const MOST_A_MINUTE = 60;
/** Wrong tokens taken from all together in a minute. */
const MOST_STRANGERS = 300;
const MINUTE_MS = 60_000;

/** A job's own token; undefined where there is none. */
type ReadToken = (name: string) => Promise<string | undefined>;

const tokenOf: ReadToken = (name) => readSecret({ file: secretFile({ derived: pushPurpose(name) }) });

/**
 * Takes a job's report: `POST /push/SERVICE/JOB/{start,success,fail,log}` with `Authorization: Bearer TOKEN`; the body, if any, is what it has to say.
 * GET would do for success too often by mistake (previews, crawlers), so it is refused.
 *
 * Whether a job exists is told only to whoever has its token.
 */
export function push(lookout: Lookout, readToken: ReadToken = tokenOf): RequestHandler {
  const byJob = new Map<string, Rate>();
  const strangers = new Rate(MOST_STRANGERS);

  return async (request, response) => {
    const tell = (status: number, words: string) =>
      void response.status(status).set("Cache-Control", "no-store").type("text").send(`${words}\n`);
    const { service, job, report = "success" } = request.params as Record<string, string | undefined>;
    const name = `${service}/${job}`;
    const token = /^Bearer ([A-Za-z0-9._~+/=-]{1,512})$/.exec(request.get("authorization") ?? "")?.[1];
    const own = lookout.resources.heartbeats?.has(name) ? await readToken(name) : undefined;
    if (token === undefined || !same(token, own)) {
      if (!strangers.take(Date.now())) return tell(429, "Too many reports with a wrong token; try again in a minute.");
      return tell(401, "This job's own token is needed: Authorization: Bearer TOKEN.");
    }
    if (!(REPORTS as readonly string[]).includes(report)) return tell(404, `A report is one of ${REPORTS.join(", ")}.`);
    const rate = byJob.get(name) ?? new Rate(MOST_A_MINUTE);
    byJob.set(name, rate);
    if (!rate.take(Date.now())) return tell(429, `${MOST_A_MINUTE} reports a minute are enough; wait a little.`);
    const { heartbeats } = lookout.resources;
    if (heartbeats === undefined) return tell(503, "Reports are not kept here.");
    const disks = report === "success" && isAboutDisks(lookout, name);
    const words = await bodyOf(request, disks ? MOST_DISKS_BODY : MOST_BODY);
    const found = disks ? readDisks(words) : undefined;
    if (disks && found === undefined)
      return tell(400, "This is not what smartctl --json=c writes, one disk a line, or is too long.");
    try {
      await heartbeats.report(name, report as Report, found ? "" : words, Date.now(), found);
    } catch {
      return tell(503, "The report could not be kept; send it again.");
    }
    tell(200, `Thank you: ${report} of ${name}.`);
  };
}

const isAboutDisks = ({ inventory }: Lookout, name: string): boolean =>
  Object.values(inventory.checks).some(({ kind, params }) => kind === "smart" && params.name === name);

/** In a time that tells nothing about the token; also where there is none to compare with. */
function same(given: string, own: string | undefined): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(own ?? "")) && own !== undefined;
}

/** The beginning of the body as text; what comes after is thrown away. */
async function bodyOf(request: Request, most: number): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      if (size < most) pieces.push(piece.subarray(0, most - size));
      size += piece.length;
      if (size > 100 * MOST_BODY + most) break;
    }
  } catch {
    // The job hung up while it spoke: what it had said so far counts.
  }
  return Buffer.concat(pieces).toString("utf8");
}

/** So many in a minute, from when the first of them came. */
class Rate {
  readonly #most: number;
  #from = 0;
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  take(now: number): boolean {
    if (now - this.#from >= MINUTE_MS || now < this.#from) [this.#from, this.#taken] = [now, 0];
    return this.#taken++ < this.#most;
  }
}
