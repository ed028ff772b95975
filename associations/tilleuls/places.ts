import type { Part } from "../../association/index.ts";

/** `.localhost` (RFC 6761) reaches one's own machine from any browser: the demo needs no DNS. */
export const domains = {
  "tilleuls.localhost": { registrar: "registrar", renews: "2027-09-30" },
} as const satisfies Part<"domains">;

export const hosts = {
  main: {
    name: { fr: "Serveur principal", en: "Main server" },
    engine: "unix:///var/run/docker.sock",
    address: "127.0.0.1",
    publishOn: "127.0.0.1",
    supplier: "hosting",
    cost: { euros: 14, per: "month" },
  },
} as const satisfies Part<"hosts">;

/** Invented suppliers of the kinds that such associations have (N34); costs as in N43 where it gives them. */
export const suppliers = {
  hosting: {
    name: "Hébergeur coopératif",
    website: "https://hebergeur.example",
    contact: { email: "support@hebergeur.example", phone: "+33 1 99 00 10 10", notes: "Client n° T-2041; 9 h – 18 h" },
    contract: "VPS 8 Go, contrat 2024-118, rétablissement sous 4 h ouvrées",
    renews: "2027-03-31",
  },
  registrar: {
    name: "Bureau d'enregistrement",
    website: "https://domaines.example",
    contact: { email: "aide@domaines.example" },
    renews: "2027-09-30",
    cost: { euros: 18, per: "year" },
  },
  "list-host": {
    name: "Hébergeur de listes associatif",
    website: "https://listes.example",
    contact: { email: "contact@listes.example", notes: "Bénévoles: réponse sous une semaine" },
  },
  newsletter: {
    name: "Lettre d'information (routeur)",
    website: "https://lettre.example",
    contact: { email: "support@lettre.example" },
    cost: { euros: 25, per: "month" },
    renews: "2027-01-15",
  },
  "till-maker": {
    name: "Éditeur de caisse",
    website: "https://caisse.example",
    contact: { phone: "+33 1 99 00 20 20", notes: "Contrat maintenance C-77; samedi compris" },
    contract: "Maintenance caisse et lecteurs de badges, intervention le jour même",
    renews: "2026-12-31",
    cost: { euros: 1_180, per: "year" },
  },
  telecom: {
    name: "Fournisseur d'accès",
    contact: { phone: "+33 1 99 00 30 30", notes: "Ligne 0199003030, contrat pro" },
    contract: "Fibre pro, rétablissement sous 8 h",
    renews: "2027-06-30",
    cost: { euros: 42, per: "month" },
  },
  webhost: {
    name: "Hébergeur du site",
    website: "https://site.example",
    contact: { email: "support@site.example" },
    renews: "2027-02-28",
    cost: { euros: 72, per: "year" },
  },
  commons: {
    name: "Services libres associatifs",
    website: "https://communs.example",
    contact: { email: "contact@communs.example" },
  },
} as const satisfies Part<"suppliers">;
