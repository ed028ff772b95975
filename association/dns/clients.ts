import type { MailService } from "./mail-service.ts";
import { addressRecord, type DnsRecord, record } from "./record.ts";

/** A protocol that mail programs find by SRV record (RFC 6186, RFC 8314 section 5.1, RFC 5804 section 1.8). */
const OFFERED = [
  { service: "_imaps", port: "imaps", priority: 0 },
  { service: "_submissions", port: "submissions", priority: 0 },
  { service: "_submission", port: "submission", priority: 10 },
  { service: "_sieve", port: "sieve", priority: 0 },
] as const;

/** Said not to be there, so that no program tries them in clear (RFC 6186 section 3.4: target "."). */
const ABSENT = ["_imap", "_pop3", "_pop3s"];

/** Public port of one of the mail server's protocols. */
export const clientPort = ({ service }: MailService, port: (typeof OFFERED)[number]["port"]): number =>
  service.ports[port]!.published ?? service.ports[port]!.container;

/** How mail programs find the server of an address on their own. */
export function clientRecords(domain: string, mail: MailService, web: string | undefined): DnsRecord[] {
  return [
    ...OFFERED.map(({ service, port, priority }) =>
      record(`${service}._tcp.${domain}`, "SRV", `${priority} 1 ${clientPort(mail, port)} ${mail.hostname}`, "clients"),
    ),
    ...ABSENT.map((service) => record(`${service}._tcp.${domain}`, "SRV", "0 0 0 .", "clients")),
    ...(web === undefined
      ? []
      : ["autoconfig", "autodiscover"].map((name) => addressRecord(`${name}.${domain}`, web, "clients"))),
  ];
}
