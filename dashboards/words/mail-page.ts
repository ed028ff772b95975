import type { Lang } from "./index.ts";
import { english, french } from "./plural.ts";
import { typeset } from "./typography.ts";

const fr = {
  title: "Courrier",
  queue: "File d'attente",
  waiting: (count: number, howLong: string) =>
    count === 0 ? "Rien n'attend." : `${french.plural(count, "message")} en attente, le plus ancien depuis ${howLong}.`,
  boxes: "Boîtes",
  box: "Boîte",
  used: "Remplissage",
  people: "la plus remplie des boîtes personnelles",
  key: "Clé DKIM",
  keyAge: (howLong: string) => `La clé en cours signe depuis ${howLong}.`,
  reports: "Rapports des autres serveurs",
  reportsText: (days: number, count: number) =>
    count === 0
      ? `Aucun rapport reçu pour les ${days} derniers jours : les grands fournisseurs en envoient un par jour où ils ont reçu du courrier à notre nom.`
      : `${french.plural(count, "rapport")} pour les ${days} derniers jours.`,
  dmarc: (pass: number, fail: number) =>
    `Messages à notre nom : ${french.plural(pass, "authentique")}, ${french.plural(fail, "refusé")} par DMARC.`,
  tls: (good: number, failed: number) =>
    `Connexions chiffrées vers notre serveur : ${french.plural(good, "réussie")}, ${failed} en échec.`,
  source: "Adresse d'origine",
  passing: "Authentiques",
  failing: "En échec",
  sourcesText: "Une adresse qui échoue et n'est pas à nous est celle d'un faussaire, ou celle d'un prestataire oublié.",
  none: "Pas encore de mesure.",
  noServer: "Aucun serveur de courrier de l'association n'est déclaré.",
};

export type MailPageWords = typeof fr;

const en: MailPageWords = {
  title: "Mail",
  queue: "Queue",
  waiting: (count, howLong) =>
    count === 0 ? "Nothing waits." : `${english.plural(count, "message")} waiting, the oldest for ${howLong}.`,
  boxes: "Mailboxes",
  box: "Mailbox",
  used: "Used",
  people: "the fullest of the personal boxes",
  key: "DKIM key",
  keyAge: (howLong) => `The present key has signed for ${howLong}.`,
  reports: "Reports of other servers",
  reportsText: (days, count) =>
    count === 0
      ? `No report came in the last ${english.plural(days, "day")}: large providers send one for each day on which they received mail in our name.`
      : `${english.plural(count, "report")} of the last ${english.plural(days, "day")}.`,
  dmarc: (pass, fail) => `Messages in our name: ${pass} authentic, ${fail} refused by DMARC.`,
  tls: (good, failed) => `Encrypted connections to our server: ${good} succeeded, ${failed} failed.`,
  source: "From the address",
  passing: "Authentic",
  failing: "Failing",
  sourcesText: "An address that fails and is not ours is a forger's, or that of a forgotten supplier.",
  none: "Nothing measured yet.",
  noServer: "No mail server of the association's own is declared.",
};

export const mailPageWords = { fr: typeset(fr), en } as const satisfies Record<Lang, MailPageWords>;
