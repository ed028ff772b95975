/**
 * What lists cost: from a message to a list of a hundred until the last subscriber has their copy, and until the archive shows it; messages
 * to it one after the other; memory at rest of the list server and of the address books. `npm run bench -- lists [rounds]`
 * Prints a table and writes test/out/bench-lists.json.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { ImapFlow } from "imapflow";
import { ROOT } from "../../cli/places.ts";
import { ListServer, listServerOf, RELAY_LOGIN, RELAY_PASSWORD } from "../stacks/services/lists/server.ts";
import { dismiss, MailServer, prepare, until } from "../stacks/services/mail/server.ts";
import { memoryOf } from "./memory.ts";

const ROUNDS = Number(process.argv[2] ?? 5);
const SUBSCRIBERS = 100;
/** Messages that are written without waiting for one another. */
const BURST = 5;
const SETTLING = 30_000;
const GOAL_MB = 350;

const person = (name: string) => ({ email: `${name}@asso.test`, name });
/** All copies come to one box: each address of it has a tag of its own. */
const members = Array.from({ length: SUBSCRIBERS }, (_, index) => person(`zoe+${index}`));
const lists = {
  domain: "asso.test",
  url: "https://listes.asso.test:8443",
  title: "L'Asso",
  lang: "fr",
  listmasters: ["lea@asso.test"],
  messageMb: 1,
  relay: { host: "mail", port: 2465, login: RELAY_LOGIN, passwordFile: "/etc/vigie/secrets/relay" },
  lists: [{ name: "all", subject: "Tous", owners: [person("lea")], members, send: "public", archive: "public" }],
};
const mailConfig = {
  hostname: "mail.asso.test",
  domains: ["asso.test"],
  boxes: ["lea", "zoe"].map((name) => ({
    address: `${name}@asso.test`,
    kind: "person",
    owner: name,
    quotaMb: 10_000,
  })),
  accounts: ["lea", "zoe", RELAY_LOGIN].map((login) => ({ login })),
  limits: { messageMb: 2, perAccountPerHour: 0, perSourcePerMinute: 0 },
};
const passwords = { lea: "bench-of-lea-1", zoe: "bench-of-zoe-2", [RELAY_LOGIN]: RELAY_PASSWORD };
const TEXT = "Bonjour à toutes et à tous, voici le compte rendu de la réunion.\n".repeat(50);

const mail = new MailServer("bench-lists");
const server = new ListServer("bench");
try {
  await prepare();
  await server.prepare();
  await server.start(lists);
  await mail.start({ ...mailConfig, lists: [listServerOf(server, lists, ["lea@asso.test"])] }, passwords);
  await server.joinedBy(mail);
  await wait(SETTLING);
  const memoryMb = await memoryOf(server.name);
  const client = await mail.imap("zoe");
  const one: Timed[] = [];
  for (let round = 0; round < ROUNDS; round++) one.push(await post(client, [`one ${round}`]));
  const burst = await post(
    client,
    Array.from({ length: BURST }, (_, index) => `burst ${index}`),
  );
  await client.logout();
  report({ memoryMb, afterMb: await memoryOf(server.name), one, burst, load: loadavg() });
} finally {
  // First whoever is in the list server's network, which could not be removed otherwise.
  await mail.remove();
  await server.remove();
  await dismiss();
}

/** Seconds from the acceptance of the last message. */
interface Timed {
  first: number;
  last: number;
  archived: number;
}

async function post(client: ImapFlow, subjects: readonly string[]): Promise<Timed> {
  const count = async (): Promise<number> =>
    ((await client.status("INBOX", { messages: true })) as { messages?: number }).messages ?? 0;
  const before = await count();
  const transport = mail.submitter("lea");
  for (const subject of subjects)
    await transport.sendMail({ from: "lea@asso.test", to: "all@asso.test", subject, text: TEXT });
  const since = performance.now();
  const passed = (): number => (performance.now() - since) / 1000;
  const inArchive = until(
    "the archive",
    async () => {
      const { text } = await server.page("/sympa/arc/all");
      return subjects.every((subject) => text.includes(subject)) && passed();
    },
    600,
  );
  await until("the first copy", async () => (await count()) > before, 300);
  const first = passed();
  await until("every copy", async () => (await count()) === before + subjects.length * SUBSCRIBERS, 900);
  const last = passed();
  return { first, last, archived: await inArchive };
}

function report(found: { memoryMb: number; afterMb: number; one: Timed[]; burst: Timed; load: number[] }): void {
  const { memoryMb, afterMb, one, burst, load } = found;
  const median = (what: keyof Timed): number =>
    one.map((timed) => timed[what]).sort((a, b) => a - b)[Math.floor(one.length / 2)]!;
  const row = (name: string, of: (what: keyof Timed) => number): string =>
    name.padEnd(34) + (["first", "last", "archived"] as const).map((what) => of(what).toFixed(1).padStart(10)).join("");
  process.stdout.write(
    [
      `A list of ${SUBSCRIBERS} on ${cpus().length} processors (load ${load[0]!.toFixed(0)}), ${Math.round(TEXT.length / 1000)} kB a message; seconds after it was accepted`,
      "",
      `${"".padEnd(34)}first copy last copy  archived`,
      row(`one message (median of ${one.length})`, median),
      row(`${BURST} messages at once`, (what) => burst[what]),
      "",
      `copies a second in the burst: ${((BURST * SUBSCRIBERS) / burst.last).toFixed(1)}`,
      `memory of the list server: ${memoryMb.toFixed(0)} MB at rest, ${afterMb.toFixed(0)} MB afterwards (goal: under ${GOAL_MB})`,
      "",
    ].join("\n"),
  );
  mkdirSync(join(ROOT, "test", "out"), { recursive: true });
  writeFileSync(join(ROOT, "test", "out", "bench-lists.json"), JSON.stringify(found, null, 1));
}
