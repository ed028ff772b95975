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
} as const satisfies Part<"mailboxes">;

/** Lists are hosted by a supplier for now (N11). */
export const lists = {
  board: {
    address: "tilleuls-bureau@listes.example",
    purpose: { fr: "Le bureau", en: "The board" },
    owners: ["secretary"],
    teams: ["office"],
    service: "lists",
  },
  school: {
    address: "tilleuls-regents@listes.example",
    purpose: { fr: "Les parents régents", en: "The parents who manage the school" },
    owners: ["school-head"],
    teams: ["school"],
    service: "lists",
  },
  shop: {
    address: "tilleuls-coop@listes.example",
    purpose: { fr: "Les coopérateurs", en: "The shop's members" },
    owners: ["shop-manager"],
    teams: ["shop"],
    service: "lists",
    posting: "anyone",
  },
} as const satisfies Part<"lists">;
