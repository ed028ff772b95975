/** The DNS records that a declaration implies. */

export { clientPort } from "./clients.ts";
export { type Answers, type Difference, differences } from "./compare.ts";
export { type MailService, mailService } from "./mail-service.ts";
export { type PastedRecord, pasted, pastedText } from "./paste.ts";
export type { DnsRecord } from "./record.ts";
export { type DkimKeys, dnsRecords, isPlaceholder, zoneOf } from "./records.ts";
export { mailFiles, mailHostnames, type WebFile } from "./well-known.ts";
export { zoneText } from "./zone.ts";
