import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { type Command, stackFlags, suggestion } from "./command.ts";
import { nameOf } from "./contacts/contact.ts";
import { readCsv, writeCsv } from "./contacts/csv.ts";
import { decode } from "./contacts/decode.ts";
import { mergeRepeated } from "./contacts/merge.ts";
import { readCards, writeCards } from "./contacts/vcard.ts";
import { readInventory, readSettings } from "./declared.ts";
import { dockerWords } from "./recovery/agent.ts";
import { Refusal } from "./refusal.ts";
import { run } from "./run.ts";
import { say } from "./say.ts";
import { stackName } from "./stack.ts";

const command: Command = {
  words: { usage: "books|import|export [FILE]", min: 1, max: 2 },
  flags: {
    stack: stackFlags.stack,
    service: { type: "string", value: "NAME", help: "the service of kind contacts, where there are several" },
    book: { type: "string", value: "NAME", help: "the address book; `contacts -- books` lists them" },
    try: { type: "boolean", help: "import: says what would be done, and does nothing" },
  },
  notes: [
    "import reads a spreadsheet saved as CSV by Excel or Outlook (semicolons, Windows accents: as they come), or a .vcf file. It adds and",
    "replaces, never removes; where one row cannot be read nothing is stored and each such row is named.",
    "export writes FILE.csv for spreadsheets, or FILE.vcf for everything else.",
  ].join("\n"),
  async run({ flags, words: [verb, file] }) {
    if (verb !== "books" && verb !== "import" && verb !== "export") {
      throw new Refusal({
        what: `\`contacts\`: "${verb}" is none of its words${suggestion(verb!, ["books", "import", "export"])}`,
        fix: "npm run contacts -- --help",
      });
    }
    const ask = await server(stackName(flags.stack), flags.service as string | undefined);
    if (verb === "books") {
      say.result(await ask(["books"]));
      return;
    }
    if (file === undefined || typeof flags.book !== "string") {
      throw new Refusal({
        what: `\`contacts ${verb}\`: FILE and --book NAME are needed`,
        fix: "npm run contacts -- books   lists them",
      });
    }
    if (verb === "export") await exportTo(file, await ask(["export", flags.book]));
    else
      await importFrom(
        file,
        (cards) => ask(["import", flags.book as string, ...(flags.try ? ["--dry-run"] : [])], cards),
        flags.try === true,
      );
  },
};

async function importFrom(file: string, store: (cards: string) => Promise<string>, onlyTry: boolean): Promise<void> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new Refusal({ what: `${file} cannot be read: ${error.code}`, fix: "Name a .csv or .vcf file" });
  });
  const { added, replaced } = JSON.parse(await store(cardsOf(file, bytes))) as { added: number; replaced: number };
  say.good(`${added} ${onlyTry ? "would be " : ""}added, ${replaced} replaced`);
}

/** The cards in a file. @throws {Refusal} naming every row that is none */
export function cardsOf(file: string, bytes: Uint8Array): string {
  const text = decode(bytes);
  if (/^\s*BEGIN:VCARD/i.test(text)) return text;
  const { contacts, bad, unknown } = readCsv(text);
  if (bad.length > 0) {
    throw new Refusal({
      what: `${file}: ${bad.length} row(s) cannot be read, so nothing is stored`,
      fix: bad.map(({ line, why }) => `line ${line}: ${why}`).join("\n"),
    });
  }
  if (unknown.length > 0) say.step(`Kept in the notes, for want of a better place: ${unknown.join(", ")}`);
  // The same row gives the same card each time: importing twice changes nothing.
  const known = contacts.map((contact) => ({
    ...contact,
    uid: contact.uid ?? uidOf(`${nameOf(contact)}|${contact.emails[0]?.value ?? ""}`),
  }));
  const people = mergeRepeated(known);
  const repeated = known.length - people.length;
  if (repeated > 0)
    say.step(`${repeated} row(s) with a name and an address that another row has too: put together on one card each`);
  return writeCards(people);
}

const uidOf = (text: string): string => createHash("sha256").update(text.toLowerCase()).digest("hex").slice(0, 32);

async function exportTo(file: string, cards: string): Promise<void> {
  const contacts = cards.trim() === "" ? [] : readCards(cards);
  await writeFile(file, file.toLowerCase().endsWith(".csv") ? writeCsv(contacts) : cards);
  say.good(`${contacts.length} written to ${file}`);
}

type Ask = (words: readonly string[], input?: string) => Promise<string>;

/** Runs the image's own command in the container of the service. */
async function server(stack: string, wanted: string | undefined): Promise<Ask> {
  const { services, hosts } = await readInventory(stack, readSettings(stack));
  const all = Object.values(services).filter(({ delivery }) => delivery.by === "us" && delivery.kind === "contacts");
  const service = wanted === undefined ? all[0] : all.find(({ id }) => id === wanted);
  if (service?.delivery.by !== "us" || (wanted === undefined && all.length > 1)) {
    throw new Refusal({
      what:
        all.length === 0
          ? "No service of kind contacts is declared"
          : `Name one of them by --service: ${all.map(({ id }) => id).join(", ")}`,
      fix: "docs/contacts.md tells how to declare one",
    });
  }
  const host = hosts[service.delivery.host]!;
  return async (words, input = "") => {
    const program = dockerWords({ host }, "exec", "--interactive", service.container!, "vigie-contacts", ...words);
    const { code, stdout, stderr } = await run("docker", program, input === "" ? {} : { input });
    if (code === 0) return stdout.trimEnd();
    throw new Refusal({
      what: stderr.trim() || `${service.container} does not answer`,
      fix: `npm run up -- --stack ${stack}`,
    });
  };
}

export default command;
