import { type Inventory, type People, shownPhone } from "../../association/index.ts";
import { startOrder } from "../../stacks/order.ts";
import { copiesOf } from "./copies.ts";
import { PROJECT, STEPS, type Step } from "./steps.ts";

type Lang = "fr" | "en";

const WORDS = {
  fr: {
    title: "Tout reconstruire",
    intro:
      "Pour qui ne l'a jamais fait. À imprimer et à garder avec les clés : le jour où il le faut, les pages ne sont plus là. Comptez une heure. On peut s'interrompre à tout moment : la même commande reprend où elle en était.",
    need: "Ce qu'il faut",
    needs: [
      "une machine vide, sous Linux, reliée à internet",
      "la copie du dépôt de sauvegardes : un dossier (COPY) où escrow.age est à côté du dépôt",
      "le fichier de clé d'un seul dépositaire",
    ],
    copies: "Où sont les copies",
    nowhere: "Aucune n'est déclarée. Écrivez ici où elle est : ",
    project: "Écrivez ici l'adresse du projet (ADDRESS-OF-THE-PROJECT) : ",
    holders: "Qui a une clé",
    nobody: "Personne n'a déclaré de clé : sans elle rien ne peut être reconstruit.",
    steps: "Les étapes",
    capitals: "Dans les commandes, les mots en capitales sont à remplacer par les vôtres.",
    see: "Vous devez voir",
    done: "fait à",
    order: "Les services, dans l'ordre où ils démarrent",
    columns: ["Service", "Après", "Au plus tard en", "Perte admise"],
    hosts: "Les machines et qui les loue",
    after: "Ensuite",
    last: "Faites pointer les noms de domaine vers la nouvelle machine, prévenez les membres, et écrivez au rôle de contact ce qui a manqué à cette page.",
    printed: "Imprimé le",
  },
  en: {
    title: "Rebuilding everything",
    intro:
      "For somebody who has never done it. To be printed and kept with the keys: on the day it is needed, the pages are gone. Allow an hour. It can be interrupted at any time: the same command goes on from where it was.",
    need: "What is needed",
    needs: [
      "an empty machine, under Linux, on the internet",
      "the copy of the backup repository: a folder (COPY) where escrow.age is beside the repository",
      "one holder's key file",
    ],
    copies: "Where the copies are",
    nowhere: "None is declared. Write here where it is: ",
    project: "Write the project's address here (ADDRESS-OF-THE-PROJECT): ",
    holders: "Who has a key",
    nobody: "Nobody has declared a key: without one nothing can be rebuilt.",
    steps: "The steps",
    capitals: "In commands, words in capitals are to be replaced by your own.",
    see: "You should see",
    done: "done at",
    order: "The services, in the order in which they start",
    columns: ["Service", "After", "At the latest in", "May be lost"],
    hosts: "The machines, and who rents them",
    after: "Afterwards",
    last: "Point the domain names to the new machine, tell the members, and write to the contact role what this page lacked.",
    printed: "Printed on",
  },
} as const satisfies Record<Lang, unknown>;

/** Whatever a declaration says is text. */
const asText = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(/`([^`]*)`/g, "<code>$1</code>");

/** To be filled in by hand. */
const BLANK = "…".repeat(40);

/**
 * The paper version of a recovery, in both languages: one HTML page without address outside itself. Pure.
 * @param project the address that it is cloned from, where one is known
 */
export function paper(inventory: Inventory, people: People, now: Date, project?: string): string {
  const languages: Lang[] = [...new Set<Lang>([...inventory.association.languages, "fr", "en"])];
  return `<!doctype html>
<html lang="${languages[0]}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${asText(WORDS[languages[0]!].title)} – ${asText(inventory.association.name)}</title>
<style>
body{font:11pt/1.45 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}
h1{font-size:1.7em;margin:0}h2{font-size:1.2em;border-bottom:1px solid #555;margin:1.6em 0 .5em}
ol.steps>li{margin:0 0 1em;break-inside:avoid}pre{background:#f2f2f2;border:1px solid #bbb;padding:.5em .7em;white-space:pre-wrap;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}th,td{border:1px solid #888;padding:.25em .5em;text-align:left;vertical-align:top}
.box{float:right;border:1px solid #555;padding:.1em .6em;margin-left:.8em;font-size:.85em}section+section{break-before:page}
@media print{body{margin:0;max-width:none}}
</style>
</head>
<body>
${languages.map((lang) => part(inventory, people, now, lang, project)).join("\n")}
</body>
</html>
`;
}

function part(inventory: Inventory, people: People, now: Date, lang: Lang, project?: string): string {
  const w = WORDS[lang];
  const copies = copiesOf(inventory, lang);
  const ours = startOrder(Object.values(inventory.services).filter(({ delivery }) => delivery.by === "us"));
  const keyed = Object.values(people.holders).filter(({ recoveryKey }) => recoveryKey !== undefined);
  const name = (id: string): string => inventory.services[id]?.name[lang] ?? id;
  const day = new Intl.DateTimeFormat(lang === "fr" ? "fr-FR" : "en-GB", {
    dateStyle: "long",
    timeZone: inventory.association.timeZone,
  });
  return `<section lang="${lang}">
<h1>${asText(w.title)}</h1>
<p>${asText(inventory.association.name)}. ${w.printed} ${day.format(now)}.</p>
<p>${asText(w.intro)}</p>
<h2>${w.need}</h2>
<ul>${w.needs.map((one) => `<li>${asText(one)}</li>`).join("")}</ul>
<h2>${w.copies}</h2>
${copies.length === 0 ? `<p>${asText(w.nowhere)}${BLANK}</p>` : `<ul>${copies.map((one) => `<li>${asText(one)}</li>`).join("")}</ul>`}
<h2>${w.holders}</h2>
${keyed.length === 0 ? `<p>${w.nobody}</p>` : `<ul>${keyed.map(({ name: who, email, phone }) => `<li>${asText([who, phone && shownPhone(phone), email].filter(Boolean).join(", "))}</li>`).join("")}</ul>`}
<h2>${w.hosts}</h2>
<ul>${Object.values(inventory.hosts)
    .map((host) => `<li>${asText(hostLine(host, inventory, lang))}</li>`)
    .join("")}</ul>
<h2>${w.steps}</h2>
<p>${w.capitals}</p>
${project === undefined ? `<p>${asText(w.project)}${BLANK}</p>\n` : ""}<ol class="steps">
${STEPS.map((step) => stepOf(step, lang, project)).join("\n")}
</ol>
<h2>${w.order}</h2>
<table><thead><tr>${w.columns.map((column) => `<th scope="col">${column}</th>`).join("")}</tr></thead><tbody>
${ours
  .map(({ id, dependsOn, backup }) => {
    const promise = "none" in backup ? ["", ""] : [length(backup.rto, lang), length(backup.rpo, lang)];
    return `<tr><th scope="row">${asText(name(id))}</th><td>${asText(dependsOn.map(name).join(", "))}</td><td>${promise[0]}</td><td>${promise[1]}</td></tr>`;
  })
  .join("\n")}
</tbody></table>
<h2>${w.after}</h2>
<p>${asText(w.last)}</p>
</section>`;
}

function stepOf({ title, why, commands, see }: Step, lang: Lang, project: string = PROJECT): string {
  const w = WORDS[lang];
  const typed = commands.map((line) => asText(line.replace(PROJECT, () => project)));
  return `<li><span class="box">☐ ${w.done} ……</span><strong>${asText(title[lang])}.</strong> ${asText(why[lang])}
${commands.length > 0 ? `<pre>${typed.join("\n")}</pre>` : ""}
<p>${w.see}${lang === "fr" ? "\u00a0" : ""}: ${asText(see[lang])}</p></li>`;
}

function hostLine(
  { name, address, supplier }: Inventory["hosts"][string],
  { suppliers }: Inventory,
  lang: Lang,
): string {
  const {
    name: who,
    contact,
    contract,
  } = (supplier && suppliers[supplier]) || { name: "", contact: {}, contract: undefined };
  const { phone, email, notes } = contact as { phone?: string; email?: string; notes?: string };
  return [`${name[lang]} (${address})`, who, phone && shownPhone(phone), email, notes, contract]
    .filter(Boolean)
    .join(", ");
}

const length = (seconds: number, lang: Lang): string =>
  seconds >= 86_400 && seconds % 86_400 === 0
    ? `${seconds / 86_400} ${lang === "fr" ? "j" : "d"}`
    : seconds >= 3600
      ? `${Math.round(seconds / 360) / 10} h`
      : `${Math.round(seconds / 60)} min`;
