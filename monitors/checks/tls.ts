import type { DetailedPeerCertificate, TLSSocket } from "node:tls";
import { z } from "zod";
import { duration, hostname } from "../../association/index.ts";
import { defineCheck, failed, good } from "../check.ts";
import { formatAddress, parseAddress } from "../net/address.ts";
import { verdict } from "./_certificate.ts";

const params = z.strictObject({
  /** Where to connect, `host:port`; the service's public address when left out. */
  address: z
    .string()
    .refine((text) => parseAddress(text) !== undefined, "an address `host:port`")
    .optional(),
  /** The name that the certificate must be for (SNI, RFC 6066 section 3); the address's own when left out. */
  serverName: hostname.optional(),
  /** How long the certificate must still be good; 14 days, or a sixth of its whole life where that is shorter. */
  minRemaining: duration.optional(),
});

export default defineCheck({
  summary: "A TLS certificate is good: in time, for the right name, from a trusted authority (RFC 5280, RFC 9525)",
  params,
  resolve: (own, { webUrl, service }) => {
    if (own.address !== undefined) return own;
    const url = webUrl === undefined ? undefined : new URL(webUrl);
    if (url?.protocol !== "https:") return `an \`address\`: ${service.id} has no https address of its own`;
    return { ...own, address: formatAddress({ host: url.hostname, port: Number(url.port || 443) }) };
  },
  target: ({ address }) => address ?? "",
  measures: {
    certificate_expiry_timestamp_seconds: {
      help: "When the certificate ends, as a Unix time.",
      metric: "vigie_tls_certificate_expiry_timestamp_seconds",
    },
    certificate_start_timestamp_seconds: { help: "When the certificate began to be good, as a Unix time." },
    dns_seconds: { help: "Time to find the address." },
    connect_seconds: { help: "Time to open the connection." },
    tls_seconds: { help: "Time to agree on TLS." },
  },
  run: async ({ address, serverName, minRemaining }, context) => {
    const { openSocket } = await import("../net/connect.ts");
    const target = parseAddress(address ?? "");
    if (target === undefined) return failed("not-configured", "this check has no address");
    const name = serverName ?? target.host;
    // Everything is accepted first and judged afterwards: the handshake would only tell the first of several faults.
    const { socket, phases } = await openSocket(target, context, { serverName: name, anyCertificate: true });
    try {
      const tls = socket as TLSSocket;
      const certificate = tls.getPeerCertificate(true) as DetailedPeerCertificate;
      const authorization = tls.authorized ? undefined : String(tls.authorizationError ?? "");
      const found = verdict({ certificate, name, authorization, minRemaining, now: Date.now() });
      context.step("judging the certificate", found.description);
      const measures = { ...phases, ...found.measures };
      return found.problem
        ? failed(found.problem.reason, found.problem.message, { measures })
        : good({ measures, message: found.description });
    } finally {
      socket.destroy();
    }
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    tls: z.input<typeof params>;
  }
}
