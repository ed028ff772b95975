import type { Part } from "../../association/index.ts";

/** Teams are the association's commissions. */
export const teams = {
  it: {
    name: { fr: "Commission technique", en: "IT team" },
    purpose: { fr: "Faire vivre l'informatique de l'association", en: "Keep the association's IT alive" },
  },
  office: {
    name: { fr: "Bureau et secrétariat", en: "Office and secretariat" },
    purpose: { fr: "Administration, trésorerie, adhésions", en: "Administration, treasury, memberships" },
  },
  school: {
    name: { fr: "École bilingue", en: "Bilingual school" },
    purpose: { fr: "Équipe enseignante et parents régents", en: "Teachers and the parents who manage the school" },
  },
  shop: {
    name: { fr: "Épicerie coopérative", en: "Co-operative shop" },
    purpose: { fr: "Achats, caisse, créneaux des coopérateurs", en: "Purchasing, tills, members' shifts" },
  },
  outreach: {
    name: { fr: "Communication", en: "Communication" },
    purpose: { fr: "Site, lettre d'information, réseaux", en: "Web site, newsletter, social networks" },
  },
} as const satisfies Part<"teams">;

/** Invented people: `example` domains and the numbers kept for fiction by the French regulator (ARCEP, 06 39 98). */
export const holders = {
  "lea-martin": { name: "Léa Martin", email: "lea.martin@courriel.example", phone: "+33639980101" },
  "karim-benali": { name: "Karim Benali", email: "karim.benali@courriel.example", phone: "+33639980102" },
  "jeanne-roux": { name: "Jeanne Roux", email: "jeanne.roux@courriel.example", phone: "+33639980103" },
  "paul-faure": { name: "Paul Faure", email: "paul.faure@courriel.example", teams: ["shop"] },
  "maite-etcheverry": { name: "Maïté Etcheverry", email: "maite.etcheverry@courriel.example" },
  "tom-wilson": { name: "Tom Wilson", email: "tom.wilson@courriel.example", language: "en", teams: ["it"] },
  "ines-garcia": { name: "Inès Garcia", email: "ines.garcia@courriel.example" },
} as const satisfies Part<"holders">;

/** Services and alerts name roles; a change of holder changes one line here. */
export const roles = {
  "it-lead": {
    title: { fr: "Responsable technique", en: "IT lead" },
    team: "it",
    holders: ["lea-martin"],
  },
  "it-on-call": {
    title: { fr: "Astreinte informatique", en: "IT on call" },
    team: "it",
    holders: ["karim-benali", "tom-wilson"],
    escalatesTo: "it-lead",
  },
  secretary: {
    title: { fr: "Secrétaire", en: "Secretary" },
    team: "office",
    holders: ["jeanne-roux"],
    escalatesTo: "it-on-call",
  },
  treasurer: {
    title: { fr: "Trésorier·ère", en: "Treasurer" },
    team: "office",
    holders: ["jeanne-roux"],
  },
  "school-head": {
    title: { fr: "Direction de l'école", en: "Head of the school" },
    team: "school",
    holders: ["maite-etcheverry"],
  },
  "shop-manager": {
    title: { fr: "Référent·e épicerie", en: "Shop manager" },
    team: "shop",
    holders: ["paul-faure"],
    escalatesTo: "it-on-call",
  },
  editor: {
    title: { fr: "Responsable éditorial·e", en: "Editor" },
    team: "outreach",
    holders: ["ines-garcia"],
    escalatesTo: "it-on-call",
  },
} as const satisfies Part<"roles">;
