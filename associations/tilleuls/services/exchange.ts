import type { Part } from "../../../association/index.ts";

/** Writing to many at once, and finding each other's addresses. */
export const exchange = {
  sympa: {
    name: { fr: "Listes de l'association", en: "The association's lists" },
    purpose: { fr: "Écrire à l'école, à l'épicerie", en: "Write to the school, to the shop" },
    needs: ["N11"],
    owner: "it-lead",
    delivery: {
      by: "us",
      kind: "lists",
      host: "main",
      settings: { domain: "tilleuls.localhost", masters: ["it-lead"], probe: "vigie@tilleuls.localhost" },
    },
    hostname: "listes.tilleuls.localhost",
    dependsOn: ["mail", "proxy"],
    checks: [{ check: "http", every: "1m", url: "/sympa", expect: { status: [200], body: "Tilleuls" } }],
    backup: { schedule: "20 3 * * *", rpo: "2d", rto: "4h" },
    runbook: "lists",
    privacy: {
      purpose: { fr: "Écrire aux membres d'une commission", en: "Write to the members of a team" },
      data: [
        { fr: "Nom et adresse des abonnés", en: "Subscribers' names and addresses" },
        { fr: "Archives des messages", en: "Archived messages" },
      ],
      subjects: [
        { fr: "Membres", en: "Members" },
        { fr: "Ceux qui écrivent aux listes", en: "Those who write to lists" },
      ],
      legalBasis: "legitimate-interests",
      retention: "3y",
    },
  },
  contacts: {
    name: { fr: "Carnets d'adresses", en: "Address books" },
    purpose: { fr: "Les mêmes adresses dans tous les téléphones", en: "The same addresses on every telephone" },
    needs: ["N3"],
    owner: "it-on-call",
    delivery: {
      by: "us",
      kind: "contacts",
      host: "main",
      settings: {
        books: {
          fournisseurs: { name: { fr: "Fournisseurs", en: "Suppliers" }, editors: ["shop"], readers: ["office"] },
          partenaires: { name: { fr: "Partenaires", en: "Partners" }, editors: ["office"], readers: "members" },
        },
      },
    },
    hostname: "contacts.tilleuls.localhost",
    dependsOn: ["proxy"],
    checks: [{ check: "http", every: "1m", url: "/", expect: { status: [200], body: "Radicale" } }],
    backup: { schedule: "35 3 * * *", rpo: "2d", rto: "4h" },
    runbook: "contacts",
    privacy: {
      purpose: { fr: "Joindre les bénévoles et les partenaires", en: "Reach volunteers and partners" },
      data: [{ fr: "Nom, adresse, fonction", en: "Name, address, role" }],
      subjects: [
        { fr: "Bénévoles ayant un rôle", en: "Volunteers who hold a role" },
        { fr: "Fournisseurs et partenaires", en: "Suppliers and partners" },
      ],
      legalBasis: "legitimate-interests",
      retention: "3y",
    },
  },
} as const satisfies Part<"services">;
