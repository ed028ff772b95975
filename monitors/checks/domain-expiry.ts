import { z } from "zod";
import { duration, hostname } from "../../association/index.ts";
import { defineCheck, failed, good } from "../check.ts";
import { conditionsOf } from "../conditions/compile.ts";
import { conditions } from "../conditions/schema.ts";
import type { Registration } from "../sources/registration.ts";

const webAddress = z.url({ protocol: /^https?$/, error: "an http(s) address" });

const params = z.strictObject({
  /** The domain, as it is registered: `tilleuls.example`, not a name below it. */
  domain: hostname,
  /** How long it must still be registered for. */
  minRemaining: duration.prefault("30d"),
  /** The registry's RDAP server; from IANA's list when left out. */
  rdap: webAddress.optional(),
  /** The list of RDAP servers (RFC 9224). */
  bootstrap: webAddress.default("https://data.iana.org/rdap/dns.json"),
  /** The registry's WHOIS server, asked where RDAP does not tell; the one that IANA names when left out. */
  whois: z.string().min(1).max(260).optional(),
  /** The WHOIS server that names the others. */
  whoisRoot: z.string().min(1).max(260).default("whois.iana.org"),
  /** Conditions that must all hold, such as `[DOMAIN_EXPIRATION] > 720h`. */
  conditions: conditions("DOMAIN_EXPIRATION").optional(),
});

/** States in which a domain is on its way out (RFC 3915, RFC 8056). */
const LAPSING = /^(pending delete|redemption period|pending restore|expired)$/;

const DAY_MS = 86_400_000;

export default defineCheck({
  summary: "A domain stays registered for long enough, as its registry says (RDAP, RFC 9083; WHOIS, RFC 3912)",
  params,
  target: ({ domain }) => domain,
  measures: {
    domain_expiry_timestamp_seconds: {
      help: "When the registration ends, as a Unix time.",
      metric: "vigie_domain_expiry_timestamp_seconds",
    },
  },
  run: async (own, context) => {
    const { askRdap, askWhois, rdapServerOf, Silent } = await import("../sources/registration.ts");
    const excuses: string[] = [];
    const ways: readonly (() => Promise<Registration>)[] = [
      async () =>
        askRdap(
          own.domain,
          own.rdap === undefined ? await rdapServerOf(own.domain, own.bootstrap, context) : { url: own.rdap },
          context,
        ),
      () => askWhois(own.domain, own.whois, own.whoisRoot, context),
    ];
    let registration: Registration | undefined;
    for (const way of ways) {
      try {
        registration = await way();
        break;
      } catch (error) {
        context.signal.throwIfAborted();
        const words = (error as Error).message;
        excuses.push(error instanceof Silent ? words : `cannot be asked (${words.slice(0, 120)})`);
      }
    }
    if (registration === undefined) return failed("registry-silent", `RDAP: ${excuses[0]}; WHOIS: ${excuses[1]}`);
    context.step("reading", registration);
    if (!registration.found) return failed("domain-lapsed", `${registration.by} knows no domain ${own.domain}`);
    const { expires, states, by } = registration;
    const measures = { domain_expiry_timestamp_seconds: expires / 1000 };
    const left = expires - Date.now();
    const until = new Date(expires).toISOString().slice(0, 10);
    const lapsing = states.find((state) => LAPSING.test(state));
    if (left <= 0) return failed("domain-lapsed", `the registration ended on ${until}, says ${by}`, { measures });
    if (lapsing !== undefined)
      return failed("domain-lapsed", `the domain is in "${lapsing}", says ${by}: restore it at the registrar at once`, {
        measures,
      });
    const unmet = conditionsOf(own.conditions).unmet({ numbers: { DOMAIN_EXPIRATION: left } });
    if (unmet) return failed(unmet.reason, unmet.message, { measures });
    if (left < own.minRemaining * 1000) {
      const days = Math.floor(left / DAY_MS);
      const needed = Math.floor(own.minRemaining / 86_400);
      return failed("domain-expires-soon", `registered until ${until}, for ${days} d; expected ${needed} d or more`, {
        measures,
      });
    }
    return good({ measures, message: `registered until ${until}` });
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    "domain-expiry": z.input<typeof params>;
  }
}
