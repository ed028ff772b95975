/** A text in each language of the paper version; the terminal speaks English. */
interface Both {
  readonly fr: string;
  readonly en: string;
}

/** One step of a recovery: what `drill` does, and what a volunteer does by hand from the paper version. */
export interface Step {
  readonly id: StepId;
  readonly title: Both;
  /** What it is for, in one or two sentences. */
  readonly why: Both;
  /** What to type, with words in capitals to be replaced. */
  readonly commands: readonly string[];
  /** How to see that it worked. */
  readonly see: Both;
}

export type StepId = "machine" | "open" | "load" | "restore" | "start" | "check" | "report";

/** Stands for the address that the project is cloned from. */
export const PROJECT = "ADDRESS-OF-THE-PROJECT";

/**
 * A recovery, in order. `drill` and `rebuild` follow these steps and announce each by its title; the paper version prints them: what is
 * proven every month is what is written.
 */
export const STEPS: readonly Step[] = [
  {
    id: "machine",
    title: { fr: "Préparer la machine", en: "Preparing the machine" },
    why: {
      fr: "Une machine vide sous Linux avec Docker, Node.js et Git. Rien de l'ancienne n'est nécessaire.",
      en: "An empty Linux machine with Docker, Node.js and Git. Nothing of the old one is needed.",
    },
    commands: [
      "sudo apt-get install docker.io nodejs npm git",
      'sudo usermod -aG docker "$USER" && exec newgrp docker',
      `git clone ${PROJECT} vigie`,
      "cd vigie",
    ],
    see: { fr: "`docker ps` répond par une liste vide.", en: "`docker ps` answers with an empty list." },
  },
  {
    id: "open",
    title: { fr: "Ouvrir le séquestre avec une clé", en: "Opening the escrow with one key" },
    why: {
      fr: "Une seule clé de dépositaire suffit : elle ouvre le secret racine, dont tous les autres sont dérivés.",
      en: "One holder's key is enough: it opens the root secret, from which all others are derived.",
    },
    commands: ["npm run escrow -- --open KEYFILE --file COPY/escrow.age"],
    see: { fr: "« This key alone opens the escrow ».", en: '"This key alone opens the escrow".' },
  },
  {
    id: "load",
    title: { fr: "Charger la copie du dépôt", en: "Loading the copy of the repository" },
    why: {
      fr: "La copie des sauvegardes, d'un disque ou d'un autre lieu, va dans un volume du nouveau moteur. Une seule commande fait cette étape et toutes les suivantes ; interrompue, la même reprend.",
      en: "The copy of the backups, from a disk or another place, goes into a volume of the new engine. One command does this step and all that follow; interrupted, the same one goes on.",
    },
    commands: ["npm run rebuild -- --repository COPY --key KEYFILE"],
    see: {
      fr: "Les étapes suivantes se font d'elles-mêmes et s'affichent.",
      en: "The next steps do themselves, and are shown.",
    },
  },
  {
    id: "restore",
    title: { fr: "Ramener les données", en: "Bringing the data back" },
    why: {
      fr: "Chaque volume revient de son dernier instantané ; chaque fichier est relu et comparé avant que rien ne démarre.",
      en: "Every volume comes back from its latest snapshot; every file is read again and compared before anything starts.",
    },
    commands: [],
    see: { fr: "Une ligne ✓ pour chaque volume.", en: "A line with ✓ for each volume." },
  },
  {
    id: "start",
    title: { fr: "Démarrer les services sur leurs données", en: "Starting the services on their data" },
    why: {
      fr: "Dans l'ordre du tableau ci-dessous : chacun après ceux dont il dépend.",
      en: "In the order of the table below: each after those that it depends on.",
    },
    commands: [],
    see: { fr: "Une ligne ✓ pour chaque conteneur.", en: "A line with ✓ for each container." },
  },
  {
    id: "check",
    title: { fr: "Attendre que chaque contrôle réussisse", en: "Waiting until every check holds" },
    why: {
      fr: "La vigie reconstruite essaie chaque service comme le ferait un membre.",
      en: "The rebuilt lookout tries every service as a member would.",
    },
    commands: [],
    see: { fr: "« Everything is back after … s ».", en: '"Everything is back after … s".' },
  },
  {
    id: "report",
    title: { fr: "Écrire le compte rendu et ranger", en: "Writing the report and tidying up" },
    why: {
      fr: "Les durées et les données perdues sont écrites et signées. Les mots de passe sont ceux d'avant. Après `npm run rebuild` tout reste ; après un exercice (`npm run drill`) tout est retiré.",
      en: "Times and lost data are written down and signed. Passwords are those of before. After `npm run rebuild` everything stays; after a drill (`npm run drill`) it is removed.",
    },
    commands: ["npm run drill -- --verify .vigie/rebuilds/REPORT.json --repository COPY --key KEYFILE"],
    see: { fr: "« Genuine » et le tableau des durées.", en: '"Genuine", and the table of times.' },
  },
];

/** `3/7 Loading the copy of the repository`, as the terminal announces a step. */
export function announce(id: StepId): string {
  const index = STEPS.findIndex((step) => step.id === id);
  return `${index + 1}/${STEPS.length} ${STEPS[index]!.title.en}`;
}
