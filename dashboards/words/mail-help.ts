import type { Lang } from "./index.ts";
import { typeset } from "./typography.ts";

interface Program {
  name: string;
  steps: string[];
  /** A file that does all of them at once. */
  profile?: { link: string; text: string };
}

const fr = {
  title: "Configurer sa messagerie",
  intro: (name: string) =>
    `Votre adresse de l'association (${name}) fonctionne avec n'importe quel logiciel de messagerie. La plupart trouvent ces réglages tout seuls : tapez votre adresse et votre mot de passe, acceptez ce qu'ils proposent.`,
  values: "Les réglages",
  valuesIntro: "À recopier quand un logiciel les demande.",
  rows: {
    incoming: "Serveur de réception (IMAP)",
    outgoing: "Serveur d'envoi (SMTP)",
    port: "Port",
    security: "Sécurité de la connexion",
    tls: "SSL/TLS",
    alternative: "Si le port d'envoi est refusé",
    starttls: (port: number) => `${port}, STARTTLS`,
    login: "Identifiant",
    loginIs: "votre adresse complète, ou votre identifiant si vous n'avez qu'une boîte de rôle",
    password: "Mot de passe",
    passwordIs: "celui que l'équipe technique vous a remis ; « mot de passe normal » s'il faut choisir une méthode",
    rules: "Règles de tri (ManageSieve)",
  },
  programs: [
    {
      name: "Thunderbird",
      steps: [
        "Menu ☰, « Nouveau », « Compte de courrier existant ».",
        "Saisissez votre nom, votre adresse et votre mot de passe, puis « Continuer » : les réglages sont trouvés tout seuls.",
        "Vérifiez que le protocole est IMAP, puis « Terminé ».",
      ],
    },
    {
      name: "Téléphone Android",
      steps: [
        "Dans Thunderbird pour Android ou K-9 Mail : « Nouveau compte », votre adresse, « Suivant », votre mot de passe.",
        "Dans Gmail : « Ajouter un compte », « Autre », votre adresse, « IMAP », puis recopiez les deux serveurs ci-dessus.",
      ],
    },
    {
      name: "iPhone et iPad",
      steps: [
        "Réglages, « Apps », « Mail », « Comptes Mail », « Ajouter un compte », « Autre », « Ajouter un compte Mail ».",
        "Saisissez nom, adresse et mot de passe, « Suivant », gardez IMAP, et recopiez les deux serveurs : l'identifiant est demandé pour l'envoi aussi, bien qu'il soit dit facultatif.",
      ],
      profile: {
        link: "Ou installez ce profil",
        text: " : ouvrez-le sur l'appareil, puis Réglages, « Profil téléchargé », « Installer » ; il demande votre adresse, votre identifiant et votre mot de passe, et connaît le reste. « Non vérifié » est normal : il n'est pas signé.",
      },
    },
    {
      name: "Outlook",
      steps: [
        "Fichier, « Ajouter un compte », votre adresse, « Options avancées », « Me laisser configurer mon compte manuellement », « IMAP ».",
        "Recopiez les deux serveurs et leurs ports, chiffrement SSL/TLS, puis votre mot de passe.",
      ],
    },
  ] as Program[],
  roles: "La boîte d'un rôle",
  rolesText:
    "Si vous tenez un rôle, sa boîte apparaît à côté de la vôtre, comme un dossier à son nom. Elle reste au rôle quand son titulaire change : rangez-y ce qui doit rester à l'association.",
  rolesSend:
    "Pour écrire au nom du rôle, ajoutez une identité (Thunderbird : « Paramètres du compte », « Gérer les identités ») avec l'adresse du rôle ; gardez le même serveur d'envoi.",
  contacts: "Le carnet d'adresses",
  contactsText:
    "L'annuaire des rôles et des membres, et les carnets des équipes, viennent d'eux-mêmes dans votre logiciel : ajoutez un compte CardDAV (Thunderbird : « Carnets d'adresses », « Nouveau », « Ajouter un carnet d'adresses CardDAV » ; téléphone Android : DAVx⁵ ; iPhone : « Ajouter un compte », « Autre », « Ajouter un compte CardDAV ») avec votre identifiant, votre mot de passe et l'adresse",
  safety: "Prudence",
  safetyText: [
    "Personne de l'association ne demande jamais un mot de passe par courrier.",
    "Trop d'essais avec un mauvais mot de passe bloquent l'accès un quart d'heure : corrigez aussi celui du téléphone.",
    "Ce qui paraît indésirable va dans le dossier Junk et y reste soixante jours : jetez-y un œil de temps en temps.",
  ],
  help: "Besoin d'aide ?",
  write: (role: string) => `Écrivez à : ${role}`,
};

export type MailHelpWords = typeof fr;

const en: MailHelpWords = {
  title: "Setting up your mail",
  intro: (name) =>
    `Your address at the association (${name}) works with any mail program. Most find these settings by themselves: type your address and password, and accept what they propose.`,
  values: "The settings",
  valuesIntro: "To be copied where a program asks for them.",
  rows: {
    incoming: "Incoming server (IMAP)",
    outgoing: "Outgoing server (SMTP)",
    port: "Port",
    security: "Connection security",
    tls: "SSL/TLS (implicit)",
    alternative: "Where the outgoing port is refused",
    starttls: (port) => `${port}, with STARTTLS`,
    login: "User name",
    loginIs: "your whole address, or your login if you have a role's box only",
    password: "Password",
    passwordIs: 'the one that the IT team gave you; "normal password" where a method has to be chosen',
    rules: "Sorting rules (ManageSieve)",
  },
  programs: [
    {
      name: "Thunderbird",
      steps: [
        'Menu ☰, "New Account", "Email".',
        'Type your name, address and password, then "Continue": the settings are found by themselves.',
        'See that the protocol is IMAP, then "Done".',
      ],
    },
    {
      name: "Android telephone",
      steps: [
        'In Thunderbird for Android or K-9 Mail: "New account", your address, "Next", your password.',
        'In Gmail: "Add an account", "Other", your address, "IMAP", then copy the two servers above.',
      ],
    },
    {
      name: "iPhone and iPad",
      steps: [
        'Settings, "Apps", "Mail", "Mail Accounts", "Add Account", "Other", "Add Mail Account".',
        'Type name, address and password, "Next", keep IMAP, and copy the two servers: the user name is needed for sending too, although it is said to be optional.',
      ],
      profile: {
        link: "Or install this profile",
        text: ': open it on the device, then Settings, "Profile Downloaded", "Install"; it asks for your address, user name and password, and knows the rest. "Not verified" is as it should be: it is not signed.',
      },
    },
    {
      name: "Outlook (classic)",
      steps: [
        'File, "Add Account", your address, "Advanced options", "Let me set up my account manually", "IMAP".',
        "Copy the two servers and their ports, SSL/TLS encryption, then your password.",
      ],
    },
  ],
  roles: "The box of a role",
  rolesText:
    "If you hold a role, its box shows beside your own, as a folder of its name. It stays with the role when its holder changes: keep there what is to stay with the association.",
  rolesSend:
    'To write in the role\'s name, add an identity (Thunderbird: "Account Settings", "Manage Identities") with the role\'s address; keep the same outgoing server.',
  contacts: "The address book",
  contactsText:
    'The directory of roles and members, and the books of teams, come into your program by themselves: add a CardDAV account (Thunderbird: "Address Book", "New", "Add CardDAV Address Book"; Android: DAVx⁵; iPhone: "Add Account", "Other", "Add CardDAV Account") with your user name, your password and the address',
  safety: "Take care",
  safetyText: [
    "Nobody at the association ever asks for a password by mail.",
    "Too many attempts with a wrong password block access for a quarter of an hour: correct the telephone's too.",
    "What looks like spam goes to the folder Junk and stays there for sixty days: have a look now and then.",
  ],
  help: "Need help?",
  write: (role) => `Write to: ${role}`,
};

export const mailHelpWords = { fr: typeset(fr), en } as const satisfies Record<Lang, MailHelpWords>;
