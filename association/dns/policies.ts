import { createHash } from "node:crypto";
import type { MailDns } from "../schema/mail.ts";
import type { MailService } from "./mail-service.ts";

/**
 * SPF (RFC 7208): our mail server, those declared, nobody else. While DMARC only watches, others are "probably not ours" (`~all`),
 * so that a sender that everybody forgot is found by the reports and not by lost mail.
 */
export function spfText({ otherSenders, dmarc }: MailDns): string {
  const includes = Object.values(otherSenders).flatMap(({ spf }) => (spf ? [`include:${spf}`] : []));
  return ["v=spf1", "mx", ...new Set(includes), dmarc === "watch" ? "~all" : "-all"].join(" ");
}

const STAGES: Readonly<Record<MailDns["dmarc"], string>> = {
  watch: "none",
  quarantine: "quarantine",
  reject: "reject",
};

/** DMARC (RFC 7489 section 6.3), with aggregate reports to the declared address. */
export const dmarcText = ({ dns, reports }: Pick<MailService, "dns" | "reports">): string =>
  `v=DMARC1; p=${STAGES[dns.dmarc]}; rua=mailto:${reports}`;

/** SMTP TLS reporting (RFC 8460 section 3). */
export const tlsReportText = (reports: string): string => `v=TLSRPTv1; rua=mailto:${reports}`;

/** A week, as RFC 8461 section 3.2 advises against less than days: a policy that lapses between two mails protects nobody. */
const POLICY_SECONDS = 604_800;

/** The MTA-STS policy (RFC 8461 section 3.2), served at https://mta-sts.DOMAIN/.well-known/mta-sts.txt; lines end with CRLF. */
export const mtaStsPolicy = ({ dns, hostname }: Pick<MailService, "dns" | "hostname">): string =>
  ["version: STSv1", `mode: ${dns.mtaSts}`, `mx: ${hostname}`, `max_age: ${POLICY_SECONDS}`, ""].join("\r\n");

const ID_LENGTH = 20;

/** The policy's id changes with its text, and only then (RFC 8461 section 3.1: up to 32 letters and digits). */
export const mtaStsId = (policy: string): string =>
  createHash("sha256").update(policy).digest("hex").slice(0, ID_LENGTH);
