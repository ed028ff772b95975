import type { Declaration } from "../../association/index.ts";

/** What the association asked for: services name these ids. */
export const needs = {
  N1: {
    fr: "Rôles et équipes, qui changent de titulaires chaque année",
    en: "Roles and teams, whose holders change every year",
  },
  N2: {
    fr: "Boîtes aux lettres par rôle, qui survivent à leurs titulaires",
    en: "Mailboxes by role, which outlive their holders",
  },
  N3: { fr: "Carnet d'adresses partagé", en: "Shared address book" },
  N4: { fr: "Annuaire des bénévoles, réservé aux membres", en: "Directory of volunteers, for members only" },
  N5: { fr: "Formation et accueil des nouveaux bénévoles", en: "Training and onboarding of new volunteers" },
  N10: {
    fr: "Courriel sur notre domaine, qui n'arrive pas en indésirable",
    en: "Mail on our own domain that does not land in spam",
  },
  N11: { fr: "Listes de diffusion", en: "Mailing lists" },
  N12: { fr: "Wiki pour les procédures", en: "Wiki for procedures" },
  N13: { fr: "Fichiers communs, tracés et sauvegardés", en: "Common files, traced and backed up" },
  N14: { fr: "Sauvegardes et reprise, essayées pour de vrai", en: "Backups and recovery, tried for real" },
  N15: { fr: "Sites et blog publics", en: "Public sites and blog" },
  N16: { fr: "Messagerie d'équipe", en: "Team chat" },
  N17: { fr: "Gestion des adhésions", en: "Membership management" },
  N18: { fr: "Indicateurs", en: "Indicators" },
  N19: { fr: "Coffre à mots de passe", en: "Password vault" },
  N20: { fr: "Intranet et planning des créneaux", en: "Intranet and shift planning" },
  N21: { fr: "Caisse et lecteurs de badges, surveillés du dehors", en: "Till and badge readers, watched from outside" },
  N22: { fr: "Accès à Internet du local", en: "Internet access of the premises" },
  N23: { fr: "Lettre d'information, réseaux, listes : chez d'autres", en: "Newsletter, networks, lists: with others" },
  N24: { fr: "Formulaires et partage de fichiers libres", en: "Free forms and file sharing" },
  N25: { fr: "Décisions collectives, comptabilité", en: "Collective decisions, accounting" },
  N29: { fr: "Serveurs tenus : installés, durcis, à jour", en: "Servers kept: installed, hardened, up to date" },
  N30: { fr: "Surveillance de chaque outil", en: "Monitoring of every tool" },
  N31: {
    fr: "Nouvelles versions : le savoir, décider, installer, revenir",
    en: "New versions: know, decide, install, go back",
  },
  N32: { fr: "Support à deux niveaux", en: "Support at two levels" },
  N33: { fr: "Procédures par outil", en: "Procedures for each tool" },
  N34: { fr: "Fournisseurs : contrat, coût, contact, échéance", en: "Suppliers: contract, cost, contact, renewal" },
  N35: { fr: "RGPD : registre, durées, droits", en: "GDPR: register, retention, rights" },
  N36: {
    fr: "Secours : courrier en indésirable, certificat ou domaine expiré",
    en: "Emergencies: mail in spam, expired certificate or domain",
  },
} as const satisfies Declaration["association"]["needs"];
