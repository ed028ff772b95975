import type { DetailedPeerCertificate } from "node:tls";
import { z } from "zod";
import { duration, hostname } from "../../association/index.ts";
import { defineCheck, failed, good, type RunContext } from "../check.ts";
import { conditionsOf } from "../conditions/compile.ts";
import { conditions } from "../conditions/schema.ts";
import { type Address, formatAddress, ipVersion, parseAddress } from "../net/address.ts";
import { atOwnPort, hostPort } from "./_address.ts";
import { verdict } from "./_certificate.ts";
import { STARTTLS_PROTOCOLS } from "./_starttls-names.ts";

/** From the oldest. */
const VERSIONS = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;

const params = z.strictObject({
  /** Where to connect, `host:port`; when left out, the service's public address, or its port named as `starttls`. */
  address: hostPort.optional(),
  /** The name that the certificate must be for (SNI, RFC 6066 section 3); the address's own when left out. */
  serverName: hostname.optional(),
  /**
   * How long the certificate must still be good; when left out, what a condition on `[CERTIFICATE_EXPIRATION]` says, else 14 days, or a
   * sixth of its whole life where that is shorter.
   */
  minRemaining: duration.optional(),
  /** The protocol that goes over to TLS on demand; TLS from the first byte when left out. */
  starttls: z.enum(STARTTLS_PROTOCOLS).optional(),
  /** The oldest version of TLS that will do; RFC 8996 retires those before 1.2. */
  minVersion: z.enum(VERSIONS).default("TLSv1.2"),
  /** Make sure, by a second connection, that older versions are refused. */
  refusesOlder: z.boolean().default(false),
  /** Conditions that must all hold, such as `[CERTIFICATE_EXPIRATION] > 720h`, `[TLS_VERSION] == TLSv1.3`. */
  conditions: conditions("CERTIFICATE_EXPIRATION", "TLS_VERSION", "IP", "RESPONSE_TIME").optional(),
});

export default defineCheck({
  summary: "A TLS certificate is good: in time, for the right name, from a trusted authority (RFC 5280, RFC 9525)",
  anywhere: true,
  params,
  resolve: (own, context) => {
    if (own.address !== undefined) return own;
    if (own.starttls !== undefined) return atOwnPort(own.starttls)(own, context);
    const { webUrl, service } = context;
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
    ip_version: { help: "Version of IP that was used." },
    connect_seconds: { help: "Time to open the connection." },
    tls_seconds: { help: "Time to agree on TLS." },
  },
  run: async (own, context) => {
    const { openSocket, secure } = await import("../net/connect.ts");
    const target = parseAddress(own.address ?? "");
    if (target === undefined) return failed("not-configured", "this check has no address");
    const name = own.serverName ?? target.host;
    const began = performance.now();
    const opened = await openSocket(target, context);
    const { socket } = opened;
    const phases = { ...opened.phases, ip_version: ipVersion(opened.address) };
    try {
      if (own.starttls !== undefined) {
        const { startTls } = await import("./_starttls.ts");
        const refused = await startTls(own.starttls, socket, context);
        if (refused !== undefined) return failed("handshake", refused, { measures: phases });
      }
      const since = performance.now();
      // Everything is accepted first and judged afterwards: the handshake would only tell the first of several faults.
      const tls = await secure(socket, { serverName: name, anyCertificate: true }, context);
      const certificate = tls.getPeerCertificate(true) as DetailedPeerCertificate;
      const authorization = tls.authorized ? undefined : String(tls.authorizationError ?? "");
      const judge = conditionsOf(own.conditions);
      const minRemaining = own.minRemaining ?? (judge.mentions("CERTIFICATE_EXPIRATION") ? 0 : undefined);
      const found = verdict({ certificate, name, authorization, minRemaining, now: Date.now() });
      context.step("judging the certificate", found.description);
      const version = tls.getProtocol() ?? "";
      const measures = { ...phases, tls_seconds: (performance.now() - since) / 1000, ...found.measures };
      if (found.problem) return failed(found.problem.reason, found.problem.message, { measures });
      if (VERSIONS.indexOf(version as never) < VERSIONS.indexOf(own.minVersion))
        return failed("weak-protocol", `the server speaks ${version}, expected ${own.minVersion} or newer`, {
          measures,
        });
      if (own.refusesOlder) {
        const older = await acceptsOlder(own, target, name, context);
        if (older !== undefined)
          return failed("weak-protocol", `the server still accepts ${older}, expected it to refuse`, { measures });
      }
      const end = found.measures.certificate_expiry_timestamp_seconds;
      const unmet = judge.unmet({
        numbers: {
          RESPONSE_TIME: performance.now() - began,
          ...(end === undefined ? {} : { CERTIFICATE_EXPIRATION: end * 1000 - Date.now() }),
        },
        texts: { TLS_VERSION: version, IP: tls.remoteAddress ?? "" },
      });
      if (unmet) return failed(unmet.reason, unmet.message, { measures });
      return good({ measures, message: found.description });
    } finally {
      socket.destroy();
    }
  },
});

/** The version older than the floor that the server agrees to all the same. */
async function acceptsOlder(
  { minVersion, starttls }: z.output<typeof params>,
  target: Address,
  serverName: string,
  context: RunContext,
): Promise<string | undefined> {
  const older = VERSIONS[VERSIONS.indexOf(minVersion) - 1];
  if (older === undefined) return undefined;
  const { openSocket, secure } = await import("../net/connect.ts");
  const { socket } = await openSocket(target, context);
  try {
    if (starttls !== undefined) await (await import("./_starttls.ts")).startTls(starttls, socket, context);
    const tls = await secure(socket, { serverName, anyCertificate: true, maxVersion: older }, context);
    return tls.getProtocol() ?? undefined;
  } catch (error) {
    context.signal.throwIfAborted();
    context.step("an older version was refused", (error as Error).message);
    return undefined;
  } finally {
    socket.destroy();
  }
}

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    tls: z.input<typeof params>;
  }
}
