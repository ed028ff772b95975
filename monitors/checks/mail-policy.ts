import { z } from "zod";
import { hostname } from "../../association/index.ts";
import { defineCheck, failed, good } from "../check.ts";
import { formatAddress } from "../net/address.ts";

const params = z.strictObject({
  /** The domain whose mail it is. */
  domain: hostname,
  /** The least DMARC policy that must be published. */
  dmarc: z.enum(["none", "quarantine", "reject"]).default("none"),
  /** DKIM selectors that must be published. */
  selectors: z.array(z.string().min(1)).default([]),
  /** Public addresses of the mail server, for which SPF must pass; what the MX leads to when left out. */
  addresses: z.array(z.union([z.ipv4(), z.ipv6()])).optional(),
  /** The least MTA-STS mode that must be published (RFC 8461). */
  mtaSts: z.enum(["off", "testing", "enforce"]).default("off"),
  /** Port of the site with the MTA-STS policy: 443, which is what the world asks, unless a trial has another. */
  policyPort: z.number().int().min(1).max(65_535).optional(),
  /** Whether an address for reports on TLS must be published (RFC 8460). */
  tlsReports: z.boolean().default(false),
  /** Whether the server's public addresses must have reverse names that lead back to them. */
  reverse: z.boolean().default(false),
  /** DNS blocklists that must not hold the server's addresses (RFC 5782). */
  blocklists: z.array(hostname).default([]),
  /**
   * Name servers to ask, `address` or `address:port`; the machine's own when left out, or the association's where the domain is one that
   * the world cannot ask about (RFC 6761: `.localhost`, `.test` …).
   */
  resolvers: z.array(z.string().min(1)).min(1).optional(),
});

/** Domains that the world's DNS does not know (RFC 6761, RFC 2606, RFC 9476). */
const SPECIAL = /(^|\.)(localhost|test|example|invalid|internal|alt|home\.arpa)$/;

export default defineCheck({
  summary:
    "Receivers believe our mail and reach our server: MX, SPF, DKIM keys, DMARC, MTA-STS, TLS-RPT, reverse name, blocklists, as a receiver evaluates them",
  params,
  resolve: (own, { reach, httpsPort }) => {
    const names = SPECIAL.test(own.domain) ? reach("names", "dns") : undefined;
    return {
      ...own,
      policyPort: own.policyPort ?? httpsPort,
      ...(own.resolvers === undefined && names !== undefined ? { resolvers: [formatAddress(names)] } : {}),
    };
  },
  target: ({ domain }) => domain,
  measures: {
    dkim_key_bits: { help: "Bits of a published DKIM key.", label: "selector" },
    dmarc_stage: {
      help: "Stage of the published DMARC policy: 0 none, 1 quarantine, 2 reject.",
      metric: "vigie_mail_dmarc_stage",
    },
    spf_lookups: { help: "DNS questions that evaluating SPF takes; receivers stop at ten." },
  },
  run: async (wish, context) => {
    const { judgePolicy } = await import("./_policy.ts");
    const { problems, measures } = await judgePolicy({ ...wish, policyPort: wish.policyPort ?? 443 }, context);
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
