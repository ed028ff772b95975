import { z } from "zod";
import { secret, secretFile } from "../../association/index.ts";
import type { ResolveContext } from "../../association/vocabulary.ts";
import { failed, type Outcome, type RunContext } from "../check.ts";

/** Where a server of ours tells about itself; completed from the service. */
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

export const statusSecrets = ({ token }: Place) => (token === undefined ? [] : [token]);

/** A thousand boxes take a tenth of it. */
const LONGEST = 2_000_000;
/** Servers write it several times a minute. */
const STALE = 300;

/**
 * How the checks of a server of ours read what it tells at its port `status`: JSON with the time of writing, `at`.
 *
 * @param token purpose of the token that opens it, as the stack derives it
 * @param what the server, in a word or two
 */
export function statusReader<Schema extends z.ZodType<{ at: number }>>(token: string, what: string, schema: Schema) {
  const resolve = <Params extends Place>(own: Params, { endpoint, service }: ResolveContext): Params | string => {
    const found = own.url === undefined ? endpoint("status") : undefined;
    const url = own.url ?? (found && `http://${found.host}:${found.port}/status`);
    return url === undefined
      ? `a \`url\`, or \`publish: { status: … }\`: the port \`status\` of ${service.id} is not reached from here`
      : { ...own, url, token: own.token ?? { derived: token } };
  };

  /** What the server says; an outcome where it says nothing that can be used. */
  const read = async (place: Place, context: RunContext): Promise<z.output<Schema> | { outcome: Outcome }> => {
    const [{ exchange }, { readSecret }] = await Promise.all([import("./_exchange.ts"), import("./_secret.ts")]);
    if (place.url === undefined || place.token === undefined)
      return { outcome: failed("not-configured", "this check was not completed from its service") };
    const value = await readSecret(place.token);
    if (value === undefined) return { outcome: failed("not-configured", `${secretFile(place.token)} cannot be read`) };
    context.step("asking", place.url);
    const headers = { authorization: `Bearer ${value}` };
    const answer = await exchange({ url: new URL(place.url), method: "GET", headers }, LONGEST, context);
    if (answer.status !== 200)
      return { outcome: failed("wrong-status", `expected status 200 from ${place.url}; got ${answer.status}`) };
    const parsed = parse(answer.body.toString("utf8"), schema);
    if (parsed === undefined)
      return { outcome: failed("malformed", `${place.url} does not tell the state of a ${what}`) };
    const age = Date.now() / 1000 - parsed.at;
    if (age > STALE) return { outcome: failed("too-old", `the ${what} last told its state ${Math.round(age)} s ago`) };
    return parsed;
  };
  return { resolve, read };
}

function parse<Schema extends z.ZodType>(text: string, schema: Schema): z.output<Schema> | undefined {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
