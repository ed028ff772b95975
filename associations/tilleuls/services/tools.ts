import type { Part } from "../../../association/index.ts";
import { exchange } from "./exchange.ts";
import { mail } from "./mail.ts";

/** What members use every day, on our own server. */
export const tools = {
  ...mail,
  ...exchange,
  wiki: {
    name: { fr: "Wiki", en: "Wiki" },
    purpose: { fr: "Procédures, comptes rendus, documentation", en: "Procedures, minutes, documentation" },
    needs: ["N12", "N5", "N33"],
    owner: "it-on-call",
    delivery: {
      by: "us",
      kind: "wiki",
      host: "main",
      settings: {
        title: "Les Tilleuls",
        administrators: ["it"],
        namespaces: {
          technique: { editors: ["it"] },
          bureau: { editors: ["office"], readers: [] },
          ecole: { editors: ["school", "office"] },
          epicerie: { editors: ["shop"] },
        },
      },
    },
    hostname: "wiki.tilleuls.localhost",
    dependsOn: ["proxy"],
    checks: [{ check: "http", every: "30s", url: "/doku.php", expect: { status: [200], body: "Tilleuls" } }],
    slo: { availability: 99.5, over: "30d" },
    backup: { schedule: "0 3 * * *", rpo: "2d", rto: "4h" },
    runbook: "wiki",
    privacy: {
      purpose: { fr: "Écrire ensemble et savoir qui a écrit quoi", en: "Write together and know who wrote what" },
      data: [
        { fr: "Nom et adresse des rédacteurs", en: "Editors' names and addresses" },
        { fr: "Historique des modifications", en: "History of edits" },
      ],
      subjects: [{ fr: "Bénévoles", en: "Volunteers" }],
      legalBasis: "legitimate-interests",
      retention: "3y",
    },
  },
  nas: {
    name: { fr: "Fichiers partagés", en: "Shared files" },
    purpose: { fr: "Les dossiers de chaque commission", en: "Each team's folders" },
    needs: ["N13", "N24"],
    owner: "it-on-call",
    delivery: { by: "us", kind: "nas", host: "main", publish: { smb: 1445 }, settings: { workgroup: "TILLEULS" } },
    checks: [{ check: "tcp", every: "30s", address: "smb" }],
    backup: { schedule: "0 */6 * * *", rpo: "12h", rto: "4h" },
    runbook: "nas",
    privacy: {
      purpose: { fr: "Garder les documents de l'association", en: "Keep the association's documents" },
      data: [
        { fr: "Documents des commissions", en: "Teams' documents" },
        { fr: "Journal des accès, gardé un an", en: "Access log, kept for a year" },
      ],
      subjects: [
        { fr: "Membres", en: "Members" },
        { fr: "Élèves et parents", en: "Pupils and parents" },
      ],
      legalBasis: "legitimate-interests",
      retention: "5y",
    },
    cost: { euros: 400, per: "once", years: 5 },
  },
  "supplier-sites": {
    name: { fr: "Doublures des fournisseurs", en: "Suppliers' understudies" },
    purpose: {
      fr: "Joue les sites des fournisseurs dans cette démonstration",
      en: "Plays the suppliers' sites in this demonstration",
    },
    owner: "it-on-call",
    delivery: {
      by: "us",
      kind: "stand-in",
      host: "main",
      settings: {
        names: ["listes.example", "lettre.example", "caisse.example", "site.example", "communs.example", "box.example"],
        tcpPorts: [5432, 9100],
      },
    },
    audience: "internal",
    checks: [{ check: "container", every: "30s" }],
    backup: { none: "It keeps nothing" },
    runbook: "external-service",
    privacy: { none: "It only says hello" },
  },
} as const satisfies Part<"services">;
