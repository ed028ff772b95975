import type { Part } from "../../association/index.ts";

/** One share a team, and one for all. */
export const shares = {
  technique: { name: { fr: "Technique", en: "IT" }, service: "nas", team: "it" },
  bureau: { name: { fr: "Bureau", en: "Office" }, service: "nas", team: "office" },
  ecole: { name: { fr: "École", en: "School" }, service: "nas", team: "school", readers: ["office"] },
  epicerie: { name: { fr: "Épicerie", en: "Shop" }, service: "nas", team: "shop", readers: ["office"], quotaGb: 10 },
  communication: {
    name: { fr: "Communication", en: "Communication" },
    service: "nas",
    team: "outreach",
    readers: ["it", "office", "school", "shop"],
  },
} as const satisfies Part<"shares">;

/** Boxes belong to roles: they outlive their holders (N2). */
export const mailboxes = {
  secretary: {
    address: "secretariat-bureau@tilleuls.localhost",
    role: "secretary",
    aliases: ["contact@tilleuls.localhost", "bureau@tilleuls.localhost"],
  },
  treasurer: { address: "tresor@tilleuls.localhost", role: "treasurer" },
  it: { address: "commission.technique@tilleuls.localhost", role: "it-on-call" },
  school: { address: "direction.ecole@tilleuls.localhost", role: "school-head" },
  shop: { address: "epicerie@tilleuls.localhost", role: "shop-manager" },
  lea: { address: "lea.martin@tilleuls.localhost", holder: "lea-martin" },
  maite: { address: "maite.etcheverry@tilleuls.localhost", holder: "maite-etcheverry" },
  paul: { address: "paul.faure@tilleuls.localhost", holder: "paul-faure" },
} as const satisfies Part<"mailboxes">;

/** On a server of our own, but for one that a host still runs (N11). */
export const lists = {
  board: {
    address: "tilleuls-bureau@listes.example",
    purpose: { fr: "Le bureau", en: "The board" },
    owners: ["secretary"],
    teams: ["office"],
    service: "lists",
  },
  school: {
    address: "parents-regents@tilleuls.localhost",
    purpose: { fr: "Les parents régents", en: "The parents who manage the school" },
    owners: ["school-head"],
    teams: ["school"],
    service: "sympa",
  },
  shop: {
    address: "cooperateurs@tilleuls.localhost",
    purpose: { fr: "Les coopérateurs", en: "The shop's members" },
    owners: ["shop-manager"],
    teams: ["shop"],
    service: "sympa",
    posting: "anyone",
    subscription: "confirmed",
    archive: "public",
    digest: ["sunday"],
  },
} as const satisfies Part<"lists">;
