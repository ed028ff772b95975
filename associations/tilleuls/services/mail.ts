import type { Part } from "../../../association/index.ts";

/** Mail on the association's own domain, and the name server that tells the world about it. */
export const mail = {
  mail: {
    name: { fr: "Messagerie", en: "Mail" },
    purpose: { fr: "Boîtes par rôle et par personne, indépendantes", en: "Mailboxes by role and person, independent" },
    needs: ["N10", "N2", "N36"],
    owner: "it-lead",
    delivery: {
      by: "us",
      kind: "mail",
      host: "main",
      // The usual ports, which mail programs find by themselves, are for a real server: here they may be taken.
      publish: { smtp: 2527, submissions: 4656, submission: 5878, imaps: 2991, sieve: 4194 },
      settings: {
        hostname: "mail.tilleuls.localhost",
        probe: "vigie@tilleuls.localhost",
        postmaster: "it-on-call",
        dns: { dmarc: "quarantine", mtaSts: "enforce" },
      },
    },
    dependsOn: ["names", "proxy"],
    checks: [{ check: "container", every: "30s" }],
    backup: { schedule: "15 */6 * * *", rpo: "12h", rto: "4h" },
    runbook: "mail",
    privacy: {
      purpose: { fr: "Écrire et recevoir au nom de l'association", en: "Write and receive in the association's name" },
      data: [
        { fr: "Messages des boîtes de rôle et personnelles", en: "Messages of role and personal boxes" },
        { fr: "Journal des envois et réceptions", en: "Log of what was sent and received" },
      ],
      subjects: [
        { fr: "Bénévoles ayant une boîte", en: "Volunteers who have a box" },
        { fr: "Correspondants", en: "Those who write to us" },
      ],
      legalBasis: "legitimate-interests",
      retention: "3y",
    },
    cost: { euros: 4.2, per: "month" },
  },
  names: {
    name: { fr: "Noms de domaine", en: "Domain names" },
    purpose: { fr: "Dire où sont le site et le courrier", en: "Tell where the site and the mail are" },
    needs: ["N10", "N36"],
    owner: "it-on-call",
    delivery: {
      by: "us",
      kind: "dns",
      host: "main",
      publish: { dns: 5359, tcp: 5359 },
      settings: { nameServers: ["ns.tilleuls.localhost"] },
    },
    audience: "internal",
    checks: [{ check: "tcp", every: "1m", address: "tcp" }],
    backup: { none: "Its zones come from the declaration, its keys from the mail server" },
    runbook: "dns",
    privacy: { none: "It answers questions about names and keeps no log" },
  },
} as const satisfies Part<"services">;
