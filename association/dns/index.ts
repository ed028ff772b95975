/** The DNS records that a declaration implies. */

export { appleProfile } from "./apple.ts";
export { clientPort } from "./clients.ts";
export { type Answers, type Difference, differences, questionsOf } from "./compare.ts";
export { mailService } from "./mail-service.ts";
export { nameServersOf } from "./name-servers.ts";
export { pasted, pastedText } from "./paste.ts";
export { type DnsRecord, record } from "./record.ts";
export { dnsRecords, isPlaceholder } from "./records.ts";
export { mailFiles, mailHostnames, type WebFile } from "./well-known.ts";
export { recordsText, zoneText } from "./zone.ts";
