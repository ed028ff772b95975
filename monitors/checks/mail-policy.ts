import { z } from "zod";
import { hostname } from "../../association/index.ts";
import { defineCheck, failed, good } from "../check.ts";

const params = z.strictObject({
  /** The domain whose mail it is. */
  domain: hostname,
  /** The least DMARC policy that must be published. */
  dmarc: z.enum(["none", "quarantine", "reject"]).default("none"),
  /** DKIM selectors that must be published. */
  selectors: z.array(z.string().min(1)).default([]),
  /** Public addresses of the mail server, for which SPF must pass; what the MX leads to when left out. */
  addresses: z.array(z.union([z.ipv4(), z.ipv6()])).optional(),
  /** Name servers to ask, `address` or `address:port`; the machine's own when left out. */
  resolvers: z.array(z.string().min(1)).min(1).optional(),
});

export default defineCheck({
  summary:
    "Receivers believe our mail: MX, SPF, DKIM keys and DMARC evaluated as a receiver would (RFC 7208, RFC 6376, RFC 7489)",
  params,
  target: ({ domain }) => domain,
  measures: {
    dkim_key_bits: { help: "Bits of a published DKIM key.", label: "selector" },
    spf_lookups: { help: "DNS questions that evaluating SPF takes; receivers stop at ten." },
  },
  run: async (wish, context) => {
    const { judgePolicy } = await import("./_policy.ts");
    const { problems, measures } = await judgePolicy(wish, context);
    if (problems.length === 0) return good({ measures });
    const [first] = problems;
    return failed(first!.reason, problems.map(({ message }) => message).join("; "), { measures });
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    "mail-policy": z.input<typeof params>;
  }
}
