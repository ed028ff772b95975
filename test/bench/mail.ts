/**
 * What mail costs an association of a hundred and fifty boxes: messages accepted and delivered per second, beside the same Postfix and
 * Dovecot without Rspamd, alternating in the same run; signing in; reading a box of ten thousand messages; memory at rest.
 * `npm run bench -- mail [rounds]`
 * Prints a table and writes test/out/bench-mail.json.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createTransport } from "nodemailer";
import { ROOT } from "../../cli/places.ts";
import { dismiss, MailServer, prepare, until } from "../stacks/services/mail/server.ts";
import { memoryOf } from "./memory.ts";

const ROUNDS = Number(process.argv[2] ?? 3);
const MESSAGES = 400;
const CONNECTIONS = 8;
const LARGE_BOX = 10_000;
const SETTLING = 30_000;
const GOAL_MB = 600;
/** Besides the two that write to each other. */
const PEOPLE = 110;
const ROLES = 40;

const number = (length: number): number[] => Array.from({ length }, (_, index) => index);

const config = {
  hostname: "mail.asso.test",
  domains: ["asso.test"],
  boxes: [
    { address: "jeanne@asso.test", kind: "person", owner: "jeanne", quotaMb: 10_000 },
    { address: "tom@asso.test", kind: "person", owner: "tom", quotaMb: 10_000 },
    ...number(PEOPLE).map((n) => ({ address: `person${n}@asso.test`, kind: "person", owner: `person${n}` })),
    // Tom holds three of them.
    ...number(ROLES).map((n) => ({
      address: `role${n}@asso.test`,
      kind: "role",
      delegates: [n < 3 ? "tom" : `person${n}`],
    })),
  ],
  accounts: [{ login: "jeanne" }, { login: "tom" }, ...number(PEOPLE).map((n) => ({ login: `person${n}` }))],
  limits: { messageMb: 25, perAccountPerHour: 0, perSourcePerMinute: 0 },
};
const passwords = {
  jeanne: "bench-of-jeanne-1",
  tom: "bench-of-tom-2",
  ...Object.fromEntries(number(PEOPLE).map((n) => [`person${n}`, `bench-of-person-${n}`])),
};
const TEXT = "Bonjour à toutes et à tous, voici le compte rendu de la réunion.\n".repeat(50);

interface Rates {
  accepted: number;
  delivered: number;
}

const server = new MailServer("bench");
try {
  await prepare();
  await server.start(config, passwords);
  await wait(SETTLING);
  const memoryMb = await memoryOf(server.name);
  const rates: Record<"with" | "without", Rates[]> = { with: [], without: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const how of round % 2 === 0 ? (["with", "without"] as const) : (["without", "with"] as const)) {
      await filter(how === "with");
      rates[how].push(await flood());
    }
  }
  const signIn = await signInAndList();
  const reading = await readLargeBox();
  report({ memoryMb, rates, signIn, reading, load: loadavg()[0]! });
} finally {
  await server.remove();
  await dismiss();
}

/** Has Postfix ask Rspamd about every message, or not. */
async function filter(on: boolean): Promise<void> {
  const milters = on ? "inet:127.0.0.1:11332" : "";
  await server.exec("postconf", "-e", `smtpd_milters=${milters}`, `non_smtpd_milters=${milters}`);
  await server.exec("postfix", "reload");
  await server.healthy();
}

/** Submits messages over several connections at once; how many a second are accepted, and how many arrive. */
async function flood(): Promise<Rates> {
  await server.exec("doveadm", "expunge", "-u", "tom", "mailbox", "INBOX", "all");
  const transport = createTransport({
    host: "127.0.0.1",
    port: server.ports.submissions,
    secure: true,
    pool: true,
    maxConnections: CONNECTIONS,
    maxMessages: MESSAGES,
    tls: { rejectUnauthorized: false },
    auth: { user: "jeanne", pass: passwords.jeanne },
  });
  const client = await server.imap("tom");
  const since = performance.now();
  await Promise.all(
    Array.from({ length: MESSAGES }, (_, index) =>
      transport.sendMail({ from: "jeanne@asso.test", to: "tom@asso.test", subject: `bench ${index}`, text: TEXT }),
    ),
  );
  const accepted = performance.now() - since;
  await until(
    "all delivered",
    async () => ((await client.status("INBOX", { messages: true })) as { messages?: number }).messages === MESSAGES,
    300,
  );
  const delivered = performance.now() - since;
  transport.close();
  await client.logout();
  return { accepted: (MESSAGES * 1000) / accepted, delivered: (MESSAGES * 1000) / delivered };
}

/** From nothing to the list of all folders, for somebody who holds three roles: the median of several times, in seconds, and how many folders. */
async function signInAndList(): Promise<{ seconds: number; folders: number }> {
  const times: number[] = [];
  let folders = 0;
  for (const _ of number(5)) {
    const since = performance.now();
    const client = await server.imap("tom");
    folders = (await client.list()).length;
    times.push((performance.now() - since) / 1000);
    await client.logout();
  }
  return { seconds: median(times), folders };
}

/** Opens a box of ten thousand messages for the first time, lists it, and fetches all of them. Seconds. */
async function readLargeBox(): Promise<{ openSeconds: number; listSeconds: number; fetchSeconds: number }> {
  const folder = "/var/mail/boxes/tom@asso.test/Maildir/cur";
  const message = `From: jeanne@asso.test\\nTo: tom@asso.test\\nSubject: message %d\\nMessage-ID: <%d@asso.test>\\nDate: Tue, 24 Nov 2026 12:00:00 +0000\\n\\n${"texte ".repeat(300)}\\n`;
  await server.exec(
    ...["python3", "-c"],
    `import os\nfor i in range(${LARGE_BOX}):\n p='${folder}/%d.M1P1.bench:2,S'%(1700000000+i)\n open(p,'w').write("${message}"%(i,i))\n os.chown(p,5000,5000)\n`,
  );
  const client = await server.imap("tom");
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const since = performance.now();
    await work();
    return (performance.now() - since) / 1000;
  };
  const openSeconds = await timed(() => client.mailboxOpen("INBOX"));
  const drain = async (query: object): Promise<void> => {
    for await (const _ of client.fetch("1:*", query)) void _;
  };
  const listSeconds = await timed(() => drain({ envelope: true, flags: true }));
  const fetchSeconds = await timed(() => drain({ source: true }));
  await client.logout();
  return { openSeconds, listSeconds, fetchSeconds };
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}

function report(found: {
  memoryMb: number;
  rates: Record<"with" | "without", Rates[]>;
  signIn: Awaited<ReturnType<typeof signInAndList>>;
  reading: Awaited<ReturnType<typeof readLargeBox>>;
  load: number;
}): void {
  const { memoryMb, rates, signIn, reading, load } = found;
  const row = (how: "with" | "without") =>
    (["accepted", "delivered"] as const)
      .map((what) =>
        median(rates[how].map((one) => one[what]))
          .toFixed(1)
          .padStart(10),
      )
      .join("");
  process.stdout.write(
    [
      `Mail on ${cpus().length} processors, load ${load.toFixed(1)} in the end, ${config.boxes.length} boxes, ${ROLES} of them roles'; ${MESSAGES} messages of ${Math.round(TEXT.length / 1000)} kB over ${CONNECTIONS} connections, medians of ${ROUNDS}`,
      "",
      "messages per second   accepted delivered",
      `with Rspamd         ${row("with")}`,
      `without             ${row("without")}`,
      "",
      `signed in and ${signIn.folders} folders listed in ${signIn.seconds.toFixed(2)} s`,
      `a box of ${LARGE_BOX} messages: opened in ${reading.openSeconds.toFixed(2)} s, listed in ${reading.listSeconds.toFixed(2)} s, all fetched in ${reading.fetchSeconds.toFixed(2)} s`,
      `memory at rest: ${memoryMb.toFixed(0)} MB (goal: under ${GOAL_MB})`,
      "",
    ].join("\n"),
  );
  mkdirSync(join(ROOT, "test", "out"), { recursive: true });
  writeFileSync(join(ROOT, "test", "out", "bench-mail.json"), JSON.stringify(found, null, 1));
}
