import { z } from "zod";
import { secret, secretFile } from "../../association/index.ts";
import type { ResolveContext } from "../../association/vocabulary.ts";
import { failed, type Outcome, type RunContext } from "../check.ts";

/** Where a mail server of ours tells about itself; completed from the service. */
export const statusParams = {
  /** Where it is read; the service's port `status` when left out. */
  url: z.url({ protocol: /^https?$/ }).optional(),
  /** What opens it; the one that the stack derives when left out. */
  token: secret.optional(),
};

interface Place {
  url?: string;
  token?: z.output<typeof secret>;
}

/** Purpose of the token: see `stacks/secrets.ts`. */
const TOKEN = { derived: "mail/status" };

export const resolveStatus = <Params extends Place>(
  own: Params,
  { endpoint, service }: ResolveContext,
): Params | string => {
  const found = own.url === undefined ? endpoint("status") : undefined;
  const url = own.url ?? (found && `http://${found.host}:${found.port}/status`);
  return url === undefined
    ? `a \`url\`, or \`publish: { status: … }\`: the port \`status\` of ${service.id} is not reached from here`
    : { ...own, url, token: own.token ?? TOKEN };
};

export const statusSecrets = ({ token }: Place) => (token === undefined ? [] : [token]);

const count = z.number().int().nonnegative();

/** As `vigie_mail/status.py` writes it. */
const status = z.object({
  at: z.number(),
  queue: z.object({ active: count, deferred: count, hold: count, oldest: z.number().nullable() }),
  boxes: z.array(
    z.object({
      address: z.string().max(320),
      kind: z.enum(["person", "role"]),
      owner: z.string().max(100).nullish(),
      used: count,
      limit: count,
    }),
  ),
  keys: z.object({ active: z.string(), since: z.number(), retired: z.array(z.string()) }).nullable(),
});
export type MailStatus = z.output<typeof status>;

/** A thousand boxes take a tenth of it. */
const LONGEST = 2_000_000;
/** The server writes it every twenty seconds. */
const STALE = 300;

/** What the server says; an outcome where it says nothing that can be used. */
export async function readStatus(
  { url, token }: Place,
  context: RunContext,
): Promise<MailStatus | { outcome: Outcome }> {
  const [{ exchange }, { readSecret }] = await Promise.all([import("./_exchange.ts"), import("./_secret.ts")]);
  if (url === undefined || token === undefined)
    return { outcome: failed("not-configured", "this check was not completed from its service") };
  const value = await readSecret(token);
  if (value === undefined) return { outcome: failed("not-configured", `${secretFile(token)} cannot be read`) };
  context.step("asking", url);
  const headers = { authorization: `Bearer ${value}` };
  const answer = await exchange({ url: new URL(url), method: "GET", headers }, LONGEST, context);
  if (answer.status !== 200)
    return { outcome: failed("wrong-status", `expected status 200 from ${url}; got ${answer.status}`) };
  const parsed = readText(answer.body.toString("utf8"));
  if (parsed === undefined) return { outcome: failed("malformed", `${url} does not tell the state of a mail server`) };
  const age = Date.now() / 1000 - parsed.at;
  if (age > STALE)
    return { outcome: failed("too-old", `the mail server last told its state ${Math.round(age)} s ago`) };
  return parsed;
}

function readText(text: string): MailStatus | undefined {
  try {
    return status.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
