import type { Lang } from "./index.ts";
import { english, french } from "./plural.ts";
import { typeset } from "./typography.ts";

const fr = {
  title: "Fichiers : qui a fait quoi",
  intro:
    "Le journal d'accès des partages. Il dit qui a lu, écrit, renommé ou supprimé quel fichier, et à qui quelque chose a été refusé.",
  private:
    "Ce journal parle de personnes : il ne sert qu'à comprendre ce qui est arrivé à un fichier. Chaque recherche est elle-même notée.",
  since: (day: string) => `Le journal remonte au ${day} ; ce qui est plus ancien a été effacé.`,
  noServer: "Aucun serveur de fichiers de l'association n'est déclaré.",
  unreachable: "Le serveur de fichiers ne répond pas : réessayez, et voyez sa page s'il ne répond toujours pas.",
  search: "Chercher",
  reset: "Tout effacer",
  any: "Tous",
  labels: {
    service: "Serveur",
    path: "Nom du fichier ou du dossier, ou une partie",
    share: "Partage",
    user: "Membre",
    event: "Action",
    result: "Issue",
    from: "Du",
    until: "Au",
  },
  columns: {
    when: "Quand",
    who: "Qui",
    what: "Quoi",
    file: "Fichier",
    share: "Partage",
    result: "Issue",
    ip: "Depuis",
  },
  events: {
    read: "a lu",
    write: "a écrit",
    delete: "a supprimé",
    rename: "a renommé",
    "make-folder": "a créé le dossier",
    connect: "a ouvert le partage",
    disconnect: "a fermé le partage",
    "sign-in": "s'est identifié",
  },
  results: { ok: "fait", denied: "refusé", failed: "échoué" },
  to: (name: string) => `en : ${name}`,
  found: (count: number) =>
    french.plural(count, "action, la plus récente d'abord", "actions, les plus récentes d'abord"),
  none: "Rien de tel dans le journal.",
  reached: (when: string) =>
    `La recherche s'est arrêtée au ${when}, pour ne pas gêner ceux qui travaillent. La suite regarde plus loin.`,
  older: "Plus ancien",
  badDates: "La première date vient après la seconde : inversez-les.",
  help: {
    title: "Retrouver un fichier abîmé ou supprimé",
    bin: (time: string) =>
      `Ce qui est supprimé reste ${time} dans le dossier .corbeille du partage : on l'en sort comme d'un autre dossier.`,
    versions: (every: string) =>
      `Sous Windows : clic droit sur le fichier, ou sur le dossier où il était, Propriétés, Versions précédentes. Un état est gardé à intervalles de ${every}, quand quelque chose a changé ; « Ouvrir » le montre, « Restaurer » le remet.`,
    elsewhere:
      "Sans Windows, ou pour plus ancien : demandez à l'équipe technique, les sauvegardes remontent plus loin.",
  },
};

export type FilesWords = typeof fr;

const en: FilesWords = {
  title: "Files: who did what",
  intro:
    "The access log of the shares. It tells who read, wrote, renamed or deleted which file, and to whom something was refused.",
  private:
    "This log is about people: it serves to understand what happened to a file, and nothing else. Each search is itself written down.",
  since: (day) => `The log goes back to ${day}; what is older has been deleted.`,
  noServer: "No file server of the association's own is declared.",
  unreachable: "The file server does not answer: try again, and see its page if it still does not.",
  search: "Search",
  reset: "Clear all",
  any: "All",
  labels: {
    service: "Server",
    path: "Name of the file or folder, or a part of it",
    share: "Share",
    user: "Member",
    event: "Action",
    result: "Outcome",
    from: "From",
    until: "To",
  },
  columns: { when: "When", who: "Who", what: "What", file: "File", share: "Share", result: "Outcome", ip: "From" },
  events: {
    read: "read",
    write: "wrote",
    delete: "deleted",
    rename: "renamed",
    "make-folder": "made the folder",
    connect: "opened the share",
    disconnect: "closed the share",
    "sign-in": "signed in",
  },
  results: { ok: "done", denied: "refused", failed: "failed" },
  to: (name) => `to: ${name}`,
  found: (count) => `${english.plural(count, "action")}, the latest first`,
  none: "Nothing of the kind in the log.",
  reached: (when) => `The search stopped at ${when}, so as not to hinder those who work. The next page looks further.`,
  older: "Older",
  badDates: "The first date comes after the second: swap them.",
  help: {
    title: "Finding a spoilt or deleted file again",
    bin: (time) =>
      `What is deleted stays for ${time} in the share's folder .corbeille: take it out as from any other folder.`,
    versions: (every) =>
      `In Windows: right-click the file, or the folder that it was in, Properties, Previous versions. A state is kept at intervals of ${every}, when something has changed; "Open" shows it, "Restore" puts it back.`,
    elsewhere: "Without Windows, or for what is older: ask the IT team, the backups go further back.",
  },
};

export const filesWords = { fr: typeset(fr), en } as const satisfies Record<Lang, FilesWords>;
