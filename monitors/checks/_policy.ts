import { createPublicKey } from "node:crypto";
import { Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import { spf } from "mailauth/lib/spf/index.js";
import type { RunContext } from "../check.ts";
import { formatAddress, parseAddress } from "../net/address.ts";
import type { Reason } from "../reasons.ts";
import { type Ask, judgeTransport, type PolicyProblem, type TransportWish } from "./_transport.ts";

export interface PolicyWish extends TransportWish {
  dmarc: "none" | "quarantine" | "reject";
  selectors: readonly string[];
  addresses?: readonly string[];
  resolvers?: readonly string[];
}

const STAGES = ["none", "quarantine", "reject"] as const;
/** RFC 8301 section 3.2: verifiers need not accept less. */
const LEAST_KEY_BITS = 1024;
/** RFC 7208 section 4.6.4. */
const MOST_SPF_LOOKUPS = 10;

/** Everything that is wrong with what a domain publishes about its mail. */
export async function judgePolicy(wish: PolicyWish, context: RunContext) {
  const dns = new Resolver({ timeout: 2000, tries: 2 });
  if (wish.resolvers) dns.setServers((await Promise.all(wish.resolvers.map((one) => serversOf(one, context)))).flat());
  const cancel = () => dns.cancel();
  context.signal.addEventListener("abort", cancel, { once: true });
  const ask: Ask = async (name, type) => {
    context.step("asking", `${name} ${type}`);
    try {
      return (await dns.resolve(name, type)) as unknown[];
    } catch (error) {
      context.signal.throwIfAborted();
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENODATA" || code === "ENOTFOUND") return [];
      throw error;
    }
  };
  try {
    const mx = (await ask(wish.domain, "MX")) as { exchange: string }[];
    const exchanges = mx.map(({ exchange }) => exchange);
    const addresses = wish.addresses ?? (await Promise.all(exchanges.map((name) => ask(name, "A")))).flat().map(String);
    const spfFound = await judgeSpf(wish.domain, addresses, dns);
    const keys = await Promise.all(wish.selectors.map((selector) => judgeKey(wish.domain, selector, ask)));
    const dmarcFound = await judgeDmarc(wish, ask);
    const problems: PolicyProblem[] = [
      ...(mx.length === 0 ? [problem("no-record", `${wish.domain} has no MX: mail to it has nowhere to go`)] : []),
      ...spfFound.problems,
      ...keys.flatMap(({ problems: found }) => found),
      ...dmarcFound.problems,
      ...(await judgeTransport(wish, { exchanges, addresses }, ask, context)),
    ];
    return {
      problems,
      measures: Object.assign(
        {},
        spfFound.measures,
        dmarcFound.measures,
        ...keys.map(({ measures }) => measures),
      ) as Record<string, number>,
    };
  } finally {
    context.signal.removeEventListener("abort", cancel);
  }
}

const problem = (reason: Reason, message: string): PolicyProblem => ({ reason, message });

/** Resolvers by address, as the DNS library takes them: names of services are looked up first. */
async function serversOf(server: string, context: RunContext): Promise<string[]> {
  if (isIP(server)) return [server];
  const { host, port } = parseAddress(server) ?? { host: server, port: 53 };
  if (isIP(host)) return [formatAddress({ host, port })];
  const addresses = await context.resources.resolver.lookup(host, context.signal);
  return addresses.filter((address) => isIP(address) === 4).map((address) => formatAddress({ host: address, port }));
}

async function judgeSpf(domain: string, addresses: readonly string[], dns: Resolver) {
  let lookups = 0;
  const problems: PolicyProblem[] = [];
  for (const ip of addresses) {
    const result = (await spf({
      ip,
      sender: `postmaster@${domain}`,
      helo: domain,
      mta: "vigie",
      maxResolveCount: MOST_SPF_LOOKUPS,
      resolver: (name: string, type: string) => dns.resolve(name, type) as Promise<string[]>,
    })) as { status: { result: string; comment?: string }; lookups?: { count: number } };
    lookups = Math.max(lookups, result.lookups?.count ?? 0);
    if (result.status.result === "pass") continue;
    const reason = result.status.result === "none" ? "no-record" : "wrong-record";
    problems.push(problem(reason, `SPF of ${domain} says ${result.status.result} for our own ${ip}; expected pass`));
  }
  return { problems, measures: { spf_lookups: lookups } };
}

/** A key as a verifier reads it (RFC 6376 section 3.6.1). */
async function judgeKey(domain: string, selector: string, ask: Ask) {
  const name = `${selector}._domainkey.${domain}`;
  const texts = ((await ask(name, "TXT")) as string[][]).map((pieces) => pieces.join(""));
  if (texts.length !== 1) {
    const found = texts.length === 0 ? "no key" : `${texts.length} records`;
    return {
      problems: [
        problem(texts.length === 0 ? "no-record" : "wrong-record", `${name} has ${found}; expected one DKIM key`),
      ],
      measures: {},
    };
  }
  const bits = keyBits(texts[0]!);
  if (bits === undefined)
    return { problems: [problem("wrong-record", `${name} holds no key that can be read`)], measures: {} };
  const measures = { [`dkim_key_bits/${selector}`]: bits };
  return {
    problems: bits < LEAST_KEY_BITS ? [problem("wrong-record", `${name} has ${bits} bits; receivers ignore it`)] : [],
    measures,
  };
}

function keyBits(text: string): number | undefined {
  const value = /(?:^|;)\s*p=([^;]*)/.exec(text)?.[1]?.replace(/\s+/g, "");
  if (!value) return undefined;
  try {
    const key = createPublicKey({ key: Buffer.from(value, "base64"), format: "der", type: "spki" });
    return key.asymmetricKeyDetails?.modulusLength;
  } catch {
    return undefined;
  }
}

async function judgeDmarc(
  { domain, dmarc }: PolicyWish,
  ask: Ask,
): Promise<{ problems: PolicyProblem[]; measures: Record<string, number> }> {
  const none = (reason: Reason, message: string) => ({ problems: [problem(reason, message)], measures: {} });
  const texts = ((await ask(`_dmarc.${domain}`, "TXT")) as string[][]).map((pieces) => pieces.join(""));
  const policies = texts.filter((text) => /^v=DMARC1\b/.test(text));
  if (policies.length === 0) return none("no-record", `_dmarc.${domain} has no policy`);
  if (policies.length > 1)
    return none("wrong-record", `_dmarc.${domain} has ${policies.length} policies: receivers ignore them all`);
  const found = /;\s*p\s*=\s*(\w+)/.exec(policies[0]!)?.[1]?.toLowerCase() ?? "nothing";
  const stage = STAGES.indexOf(found as (typeof STAGES)[number]);
  const measures: Record<string, number> = stage < 0 ? {} : { dmarc_stage: stage };
  if (stage >= STAGES.indexOf(dmarc)) return { problems: [], measures };
  return { ...none("wrong-record", `DMARC of ${domain} says p=${found}; expected ${dmarc} or stricter`), measures };
}
