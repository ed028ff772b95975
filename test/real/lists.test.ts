import { randomBytes } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImapFlow } from "imapflow";
import { simpleParser } from "mailparser";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import listRoundTrip from "../../monitors/checks/list-round-trip.ts";
import { makeResolver } from "../../monitors/net/resolver.ts";
import { resources, runCheck } from "../monitors/helpers/run.ts";
import { secretFile } from "../monitors/helpers/secret-file.ts";
import {
  ListServer,
  type ListsConfig,
  listServerOf,
  RELAY_LOGIN,
  RELAY_PASSWORD,
} from "../stacks/services/lists/server.ts";
import { dismiss, docker, MailServer, message, prepare, subjects, until } from "../stacks/services/mail/server.ts";

const person = (name: string) => ({ email: `${name}@asso.test`, name });
const [lea, tom, zoe, ghost] = [person("lea"), person("tom"), person("zoe"), person("ghost")];

/** Sixty subscribers whose copies come to one box: each has its own return path. */
const crowd = Array.from({ length: 60 }, (_, index) => person(`zoe+${index}`));

/** Léa answers for the parents' list, Tom for the shop's. Zoé is on neither: she subscribes by herself. */
const lists: ListsConfig = {
  domain: "asso.test",
  url: "https://listes.asso.test:8443",
  title: "L'Asso",
  lang: "fr",
  listmasters: ["lea@asso.test"],
  messageMb: 1,
  relay: { host: "mail", port: 2465, login: RELAY_LOGIN, passwordFile: "/etc/vigie/secrets/relay" },
  lists: [
    { name: "parents", subject: "Les parents", owners: [lea], editors: [lea], members: [lea, tom] },
    {
      name: "coop",
      subject: "Les coopérateurs",
      owners: [tom],
      editors: [tom],
      members: [lea, tom],
      subscribe: "auth",
      archive: "public",
      send: "private",
    },
    {
      name: "news",
      subject: "Nouvelles",
      owners: [lea],
      editors: [lea],
      members: [lea, tom],
      digest: [0, 1, 2, 3, 4, 5, 6],
    },
    { name: "crowd", subject: "Tous", owners: [lea], editors: [lea], members: [lea, ...crowd], send: "private" },
  ],
};
const mailConfig = {
  hostname: "mail.asso.test",
  domains: ["asso.test"],
  boxes: ["lea", "tom", "zoe"].map((name) => ({ address: `${name}@asso.test`, kind: "person", owner: name })),
  accounts: ["lea", "tom", "zoe", RELAY_LOGIN].map((login) => ({ login })),
  limits: { messageMb: 2, perSourcePerMinute: 0 },
};
/** The volume in the container. */
const DATA = "/var/lib/vigie-lists";
const passwords = {
  lea: "first-of-lea-1",
  tom: "first-of-tom-2",
  zoe: "first-of-zoe-3",
  [RELAY_LOGIN]: RELAY_PASSWORD,
};

const mail = new MailServer("lists");
const server = new ListServer("main");
const token = (): string => randomBytes(6).toString("hex");
const inboxes: Record<string, ImapFlow> = {};

/** Writes as somebody who has signed in. */
const send = (from: string, to: string, fields: Record<string, unknown>) =>
  mail.submitter(from).sendMail({ from: `${from}@asso.test`, to: `${to}@asso.test`, text: "Bonjour", ...fields });

/** The message in somebody's box, read. */
const received = async (who: string, subject: string, seconds = 60) =>
  simpleParser(await message(inboxes[who]!, subject, "INBOX", seconds));

const subjectsOf = async (who: string): Promise<string[]> => {
  await inboxes[who]!.noop();
  return subjects(inboxes[who]!);
};

/** Whose copies of messages have come to the one box, as often as they came: told by their return paths (VERP). */
async function copiesOf(text: string): Promise<string[]> {
  const lock = await inboxes.zoe!.getMailboxLock("INBOX");
  try {
    await inboxes.zoe!.noop();
    const found = (await inboxes.zoe!.search({ header: { subject: text } }, { uid: true })) || [];
    if (found.length === 0) return [];
    const all = await inboxes.zoe!.fetchAll(found, { envelope: true, headers: ["return-path"] }, { uid: true });
    return all.map(({ envelope, headers }) => {
      const [, who] = /bounce\+(zoe\+\d+)==a==/.exec(String(headers)) ?? [];
      return `${envelope?.subject} to ${who}`;
    });
  } finally {
    lock.release();
  }
}

/** The path of the link by which somebody leaves at one click (RFC 8058), in their copy of a message. */
const leavingPath = async (who: string, subject: string): Promise<string> => {
  const got = await received(who, subject);
  const line = got.headerLines.find(({ key }) => key === "list-unsubscribe")!.line.replace(/\s+/g, " ");
  return new URL(/<(https:[^>]+)>/.exec(line)![1]!).pathname;
};

/** What a pattern finds in the newest of somebody's messages that has it, other than what was found before. */
const linkIn = (who: string, pattern: RegExp, before?: string): Promise<string> =>
  until(
    `a message to ${who} with ${pattern}`,
    async () => {
      const lock = await inboxes[who]!.getMailboxLock("INBOX");
      try {
        await inboxes[who]!.noop();
        const all = await inboxes[who]!.fetchAll("1:*", { source: true });
        const texts = await Promise.all(all.map(async ({ source }) => (await simpleParser(source!)).text ?? ""));
        return texts.flatMap((text) => pattern.exec(text)?.[1] ?? []).findLast((found) => found !== before);
      } finally {
        lock.release();
      }
    },
    60,
  );

/** Waits for one's own message to come back, which shows that those sent before it have been dealt with. */
async function settled(list: string, who: string): Promise<void> {
  const subject = `after ${token()}`;
  await send(who, list, { subject });
  await received(who, subject);
}

/** What a mail server reports of a message (RFC 3464). */
const bounceTo = (
  to: string,
  {
    subject = "Report",
    action,
    status,
    recipient,
  }: Record<"action" | "status" | "recipient", string> & { subject?: string },
): string =>
  [
    "From: MAILER-DAEMON@example.net",
    `To: ${to}`,
    `Subject: ${subject}`,
    `Message-ID: <${token()}@example.net>`,
    `Date: ${new Date().toUTCString()}`,
    "MIME-Version: 1.0",
    'Content-Type: multipart/report; report-type=delivery-status; boundary="part"',
    ...["", "--part", "", "This is what became of your message."],
    ...["", "--part", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example.net"],
    ...["", `Final-Recipient: rfc822; ${recipient}`, `Action: ${action}`, `Status: ${status}`],
    ...["", "--part--", ""],
  ].join("\r\n");

/** Addresses of ours that mail waits for in a queue; what waits for servers elsewhere, which do not answer here, says nothing. */
const waitedFor = async (place: { exec(...words: string[]): Promise<string> }): Promise<string[]> =>
  (await place.exec("postqueue", "-j"))
    .split("\n")
    .filter(Boolean)
    .flatMap((line) => (JSON.parse(line) as { recipients: { address: string }[] }).recipients)
    .map(({ address }) => address)
    .filter((address) => address.endsWith("@asso.test"));

/** Waits until Sympa has dealt with all that came back. */
const returnsAreIn = () =>
  until(
    "nothing on its way",
    async () =>
      /^bounce: 0$/m.test(await server.exec("vigie-lists", "queues")) &&
      [...(await waitedFor(server)), ...(await waitedFor(mail))].length === 0,
    60,
  );

beforeAll(async () => {
  await prepare();
  await server.prepare();
  await server.start(lists);
  await mail.start({ ...mailConfig, lists: [listServerOf(server, lists, ["lea@asso.test"])] }, passwords);
  await server.joinedBy(mail);
  for (const who of ["lea", "tom", "zoe"]) inboxes[who] = await mail.imap(who);
}, 300_000);

afterAll(async () => {
  for (const client of Object.values(inboxes)) client.close();
  await mail.remove();
  await server.remove();
  await dismiss();
}, 60_000);

describe("writing to a list", () => {
  test("a member's message reaches every subscriber, from the list, signed, with all that List-* fields say", async () => {
    const subject = `réunion ${token()}`;
    await send("tom", "parents", { subject, text: "À jeudi" });
    for (const who of ["lea", "tom"]) {
      const got = await received(who, subject);
      expect(got.text).toContain("À jeudi");
      expect(got.from?.value[0]).toMatchObject({ address: "parents@asso.test" });
      expect(got.replyTo?.value[0]).toMatchObject({ address: "tom@asso.test" });
      const headers = got.headerLines.map(({ line }) => line.replace(/\s+/g, " "));
      const field = (name: string) => headers.find((line) => line.toLowerCase().startsWith(`${name}:`)) ?? "";
      expect(field("list-id")).toContain("<parents.asso.test>");
      expect(field("list-post")).toContain("mailto:parents@asso.test");
      expect(field("list-archive")).toContain("https://listes.asso.test:8443/sympa/arc/parents");
      expect(field("list-unsubscribe-post")).toBe("List-Unsubscribe-Post: List-Unsubscribe=One-Click");
      expect(field("list-unsubscribe")).toContain("<https://listes.asso.test:8443/sympa/oneclick/parents/");
      const signature = field("dkim-signature");
      expect(signature).toMatch(/d=asso\.test;/);
      expect(signature.toLowerCase()).toMatch(/h=[^;]*list-unsubscribe-post/);
      expect(signature.toLowerCase()).toMatch(/h=[^;]*list-unsubscribe[:;]/);
    }
  });

  test("a stranger's message waits for an editor, and goes round once an editor agrees", async () => {
    const subject = `stranger ${token()}`;
    await mail.stranger().sendMail({ from: "parent@example.net", to: "parents@asso.test", subject, text: "Puis-je ?" });
    // As an editor's mail program writes it once the link is followed, with whatever it adds at the end.
    const command = await linkIn("lea", /mailto:sympa@asso\.test\?subject=(DISTRIBUTE%20parents%20\w+)/);
    expect(await subjectsOf("tom")).not.toContain(subject);
    await send("lea", "sympa", { subject: decodeURIComponent(command), text: "Envoyé de mon téléphone" });
    const got = await received("tom", subject);
    expect(got.text).toContain("Puis-je ?");
  });

  test("where strangers are refused nobody sees their message, the archive neither", async () => {
    const subject = `refused ${token()}`;
    await mail.stranger().sendMail({ from: "spam@example.net", to: "coop@asso.test", subject, text: "Achetez" });
    await settled("coop", "tom");
    expect(await subjectsOf("tom")).not.toContain(subject);
    expect((await server.page("/sympa/arc/coop")).text).not.toContain(subject);
  });

  test("answers of machines and the list's own messages do not go round again", async () => {
    const [away, loop] = [`away ${token()}`, `loop ${token()}`];
    await send("tom", "coop", { subject: away, headers: { "Auto-Submitted": "auto-replied" } });
    await send("tom", "coop", { subject: loop, headers: { "X-Loop": "coop@asso.test" } });
    await settled("coop", "tom");
    const seen = await subjectsOf("lea");
    expect(seen).not.toContain(away);
    expect(seen).not.toContain(loop);
  });

  test("whoever writes from an address with accents, which Sympa does not know, is told that it goes nowhere", async () => {
    const subject = `accents ${token()}`;
    await mail.stranger().sendMail({ from: "rené@example.net", to: "parents@asso.test", subject, text: "Puis-je ?" });
    await until(
      "the refusal",
      async () => /5\.6\.7, status=bounced \(SMTPUTF8 is required/.test(await mail.logs()),
      60,
    );
  });

  test("a letter reaches owners and editors at every address of theirs, even the one that Sympa sends from", async () => {
    const subjectAt = (suffix: string, who: string) => `to ${suffix} by ${who} ${run}`;
    const run = token();
    const suffixes = ["request", "owner", "editor"];
    for (const suffix of suffixes) {
      await mail.stranger().sendMail({
        from: "parent@example.net",
        to: `parents-${suffix}@asso.test`,
        subject: subjectAt(suffix, "a stranger"),
        text: "Qui êtes-vous ?",
      });
      await send("tom", `parents-${suffix}`, { subject: subjectAt(suffix, "a member") });
    }
    for (const suffix of suffixes) {
      const got = await received("lea", subjectAt(suffix, "a stranger"));
      expect(got.text).toContain("Qui êtes-vous ?");
      expect((await received("lea", subjectAt(suffix, "a member"))).replyTo?.text).toContain("tom@asso.test");
    }
  });

  test("what programs answer to Sympa's own addresses reaches no owner, and a letter there comes back with the address of people", async () => {
    const [away, report] = [`away ${token()}`, `report ${token()}`];
    const to = "parents-owner@asso.test";
    await mail.stranger().sendMail({ envelope: { from: "", to }, from: "parent@example.net", to, subject: away });
    await mail.stranger().sendMail({
      envelope: { from: "robot@example.net", to },
      raw: bounceTo(to, { subject: report, action: "failed", status: "5.1.1", recipient: "parent@example.net" }),
    });
    await send("tom", "sympa-owner", { subject: `lost ${token()}` });
    const back = await received("tom", "Undelivered Mail Returned to Sender");
    expect(back.text?.replace(/\s+/g, " ")).toContain("people are at listmaster@asso.test");
    await returnsAreIn();
    const seen = await subjectsOf("lea");
    expect(seen).not.toContain(away);
    expect(seen).not.toContain(report);
  });

  test("a message above the limit is refused to its author and goes to nobody", async () => {
    const subject = `huge ${token()}`;
    await send("tom", "coop", { subject, text: `${"x".repeat(75)}\n`.repeat(19_000) });
    await settled("coop", "tom");
    expect(await subjectsOf("lea")).not.toContain(subject);
    expect(await subjectsOf("tom")).not.toContain(subject);
  });
});

describe("coming and going", () => {
  /** The link by which somebody says that it was they. */
  const KEY = /\/sympa\/auth\/(\w+)\/subscribe/;
  let firstKey = "";

  test("somebody subscribes by mail, confirms, and gets what is written; a restart changes nothing of it", async () => {
    await send("zoe", "sympa", { subject: "SUBSCRIBE coop", text: "" });
    firstKey = await linkIn("zoe", KEY);
    expect(await server.subscribers("coop")).not.toContain("zoe@asso.test");
    const command = await linkIn("zoe", new RegExp(`mailto:sympa@asso\\.test\\?subject=(AUTH%20${firstKey}\\S+)`));
    await send("zoe", "sympa", { subject: decodeURIComponent(command), text: "" });
    await until("Zoé's subscription", async () => (await server.subscribers("coop")).includes("zoe@asso.test"), 60);
    await server.start(lists);
    expect(await server.subscribers("coop")).toEqual(["lea@asso.test", "tom@asso.test", "zoe@asso.test"]);
    const subject = `for zoe ${token()}`;
    await send("lea", "coop", { subject });
    await received("zoe", subject);
  });

  test("a scanner that follows the link of List-Unsubscribe changes nothing; one click on the button does", async () => {
    const subject = `last ${token()}`;
    await send("lea", "coop", { subject });
    const path = await leavingPath("zoe", subject);
    await server.page(path);
    expect(await server.subscribers("coop")).toContain("zoe@asso.test");
    await server.page(path, {}, { "List-Unsubscribe": "Something-Else" });
    expect(await server.subscribers("coop")).toContain("zoe@asso.test");
    const answer = await server.page(path, {}, { "List-Unsubscribe": "One-Click" });
    expect(answer.status).toBeLessThan(400);
    expect(await server.subscribers("coop")).not.toContain("zoe@asso.test");
  });

  test("somebody subscribes on the web, who is asked whether they mean it, then by mail whether it is they", async () => {
    const who = { email: "zoe@asso.test", gecos: "Zoé", list: "coop" };
    const asked = await server.page("/sympa", await server.page("/sympa/subscribe/coop"), {
      ...who,
      action_subscribe: "ok",
    });
    expect(asked.text).toContain("response_action_confirm");
    await server.page("/sympa", asked, { ...who, action: "subscribe", response_action_confirm: "ok" });
    const key = await linkIn("zoe", KEY, firstKey);
    const link = await linkIn("zoe", new RegExp(`(/sympa/auth/${key}/\\S+)`));
    expect(await server.subscribers("coop")).not.toContain("zoe@asso.test");
    const held = await server.page(link);
    const own = { id: key, heldaction: "subscribe", listname: "", email: "zoe@asso.test" };
    await server.page("/sympa", held, { ...own, action: "auth", response_action_confirm: "ok" });
    expect(await server.subscribers("coop")).toContain("zoe@asso.test");
  });

  test("whom the declaration subscribes may leave, and is back at the next look: it is the role that they have to leave", async () => {
    const subject = `role ${token()}`;
    await send("tom", "parents", { subject });
    await server.page(await leavingPath("lea", subject), {}, { "List-Unsubscribe": "One-Click" });
    expect(await server.subscribers("parents")).toEqual(["tom@asso.test"]);
    await docker("kill", "--signal", "HUP", server.name);
    await until("Léa back", async () => (await server.subscribers("parents")).includes("lea@asso.test"), 90);
  });

  test("who prefers it gets one message with all that was written", async () => {
    await send("tom", "sympa", { subject: "SET news DIGEST", text: "" });
    const reception =
      "SELECT reception_subscriber FROM subscriber_table WHERE list_subscriber='news' AND user_subscriber='tom@asso.test'";
    await until("Tom's choice", async () => (await server.sql(reception)) === "digest", 60);
    const written = [`first ${token()}`, `second ${token()}`];
    for (const subject of written) {
      await send("lea", "news", { subject, text: `About ${subject}` });
      await received("lea", subject);
    }
    // What its clock does at 18:00 on the declared days.
    await docker("exec", "--user", "sympa", server.name, "sympa", "send_digest");
    await until(
      "the digest",
      async () => {
        for (const subject of (await subjectsOf("tom")).reverse()) {
          if (!/news/i.test(subject)) continue;
          const source = String(await message(inboxes.tom!, subject));
          if (written.every((one) => source.includes(`About ${one}`))) return true;
        }
        return false;
      },
      60,
    );
    expect((await subjectsOf("tom")).filter((subject) => written.includes(subject))).toEqual([]);
  });

  test("who takes a role over is subscribed, who leaves it no longer is, and those who came by themselves stay", async () => {
    await server.exec(
      ...["sqlite3", "/var/lib/vigie-lists/sympa.sqlite"],
      "INSERT INTO subscriber_table (list_subscriber, robot_subscriber, user_subscriber, subscribed_subscriber, date_epoch_subscriber, " +
        "update_epoch_subscriber, visibility_subscriber, reception_subscriber) VALUES " +
        "('parents', 'asso.test', 'self@example.net', 1, strftime('%s'), strftime('%s'), 'noconceal', 'mail')",
    );
    const handedOver = {
      ...lists,
      lists: lists.lists.map((list) => (list.name === "parents" ? { ...list, owners: [zoe], members: [zoe] } : list)),
    };
    await server.start(handedOver);
    expect(await server.subscribers("parents")).toEqual(["self@example.net", "zoe@asso.test"]);
    expect(
      await server.sql("SELECT user_admin FROM admin_table WHERE list_admin='parents' AND role_admin='owner'"),
    ).toBe("zoe@asso.test");
    await server.start(lists);
    expect(await server.subscribers("parents")).toEqual(["lea@asso.test", "self@example.net", "tom@asso.test"]);
  });

  test("a list that is no longer declared is closed; declared again, it has its members and archive back", async () => {
    await server.exec(
      ...["sqlite3", "/var/lib/vigie-lists/sympa.sqlite"],
      "INSERT INTO subscriber_table (list_subscriber, robot_subscriber, user_subscriber, subscribed_subscriber, date_epoch_subscriber, " +
        "update_epoch_subscriber, visibility_subscriber, reception_subscriber) VALUES " +
        "('coop', 'asso.test', 'came@example.net', 1, strftime('%s'), strftime('%s'), 'noconceal', 'mail')",
    );
    await server.start({ ...lists, lists: lists.lists.filter(({ name }) => name !== "coop") });
    expect(await server.subscribers("coop")).toEqual([]);
    expect(await server.exec("grep", "^status", "/var/lib/vigie-lists/lists/coop/config")).toContain("closed");
    await server.start(lists);
    expect(await server.subscribers("coop")).toEqual([
      "came@example.net",
      "lea@asso.test",
      "tom@asso.test",
      "zoe@asso.test",
    ]);
    await settled("coop", "tom");
  });

  test("what an owner has set on the web stays, what is declared is declared", async () => {
    const file = "/var/lib/vigie-lists/lists/coop/config";
    await server.exec(
      "sh",
      "-c",
      `printf 'custom_subject Coop\\n\\nmax_size 700000\\n\\n' >>${file}; sed -i 's/^send .*/send public/' ${file}`,
    );
    await server.start(lists);
    const config = await server.exec("cat", file);
    expect(config).toMatch(/^custom_subject Coop$/m);
    expect(config).toMatch(/^send private$/m);
    const subject = `tagged ${token()}`;
    await send("tom", "coop", { subject });
    expect((await received("lea", subject)).subject).toBe(`[Coop] ${subject}`);
  });
});

describe("the archive", () => {
  test("shows what was written, and none of its scripts", async () => {
    const subject = `<script>alert(1)</script> ${token()}`;
    await send("tom", "coop", {
      subject,
      text: "plain",
      html: `<p>corps ${subject}</p><script>alert(2)</script><img src=x onerror=alert(3)><a href="javascript:alert(4)">x</a><iframe src="https://example.net"></iframe>`,
    });
    const id = subject.slice(-12);
    const index = await until(
      "the message in the archive",
      async () => {
        const found = await server.page("/sympa/arc/coop");
        return found.text.includes(id) && found;
      },
      60,
    );
    expect(index.text).not.toContain("<script>alert(1)");
    const month = new Date().toISOString().slice(0, 7);
    const links = [...index.text.matchAll(/href="([^"#]*msg\d+\.html)/g)].map(([, link]) => link!);
    const pages = await Promise.all(links.map((link) => server.page(new URL(link, server.web + index.path).pathname)));
    const page = pages.find(({ text }) => text.includes(`corps`) && text.includes(id));
    expect(page, `a page of ${month} among ${links.length}`).toBeDefined();
    expect(page!.text).not.toMatch(/alert\([1234]\)<\/script>|onerror=|javascript:alert|<iframe/);
    expect(page!.text).not.toContain("<script>alert");
  });

  test("of a list for its members is closed to others", async () => {
    const { text, status } = await server.page("/sympa/arc/parents");
    expect(status === 403 || /login|connexion|Connexion/.test(text)).toBe(true);
    expect(text).not.toContain("réunion");
  });

  test("opens to a member who has set a password by mail", async () => {
    const form = await server.page("/sympa/firstpasswd");
    expect(String(form.headers["set-cookie"])).toMatch(/secure/i);
    const fields = { action: "requestpasswd", reason: "firstpasswd", email: "tom@asso.test" };
    const asked = await server.page("/sympa", form, { ...fields });
    await server.page("/sympa", asked, { ...fields, response_action_confirm: "Confirmer" });
    const ticket = await linkIn("tom", /https:\/\/listes\.asso\.test:8443(\/sympa\/ticket\/\w+)/);
    const choose = await server.page(ticket);
    expect(choose.text).toContain("newpasswd1");
    const page = await server.page("/sympa/arc/parents", choose);
    expect(page.text).toContain("réunion");
  });
});

describe("the lookout's check", () => {
  const check = async (list: string, seconds = 90) => {
    const { createSecureContext } = await import("node:tls");
    const secureContext = createSecureContext({ ca: await mail.exec("cat", "/run/vigie/tls/cert.pem") });
    const hostsFile = join(mkdtempSync(join(tmpdir(), "vigie-hosts-")), "hosts");
    writeFileSync(hostsFile, "127.0.0.1 listes.asso.test\n");
    const own = resources({
      trust: { secureContext: () => secureContext } as never,
      resolver: makeResolver({ hostsFile }),
    });
    const input = {
      list: `${list}@asso.test`,
      address: "tom@asso.test",
      submit: `127.0.0.1:${mail.ports.submissions}`,
      read: `127.0.0.1:${mail.ports.imaps}`,
      serverName: "mail.asso.test",
      login: "tom",
      password: { file: secretFile(passwords.tom!) },
      archive: `http://listes.asso.test:${new URL(server.web).port}/sympa/arc/${list}`,
    };
    return runCheck(listRoundTrip, input, { own, timeoutMs: seconds * 1000 });
  };

  test("posts, finds its message in a subscriber's box and in the archive, measures both and leaves nothing in the box", async () => {
    expect(await check("coop")).toMatchObject({
      ok: true,
      measures: {
        submit_seconds: expect.any(Number),
        delivery_seconds: expect.any(Number),
        archive_seconds: expect.any(Number),
      },
    });
    expect((await subjectsOf("tom")).filter((subject) => subject.includes("vigie-probe"))).toEqual([]);
  });

  test("says so of a list that there is not, and of an archive that is closed to it", async () => {
    expect(await check("nowhere")).toMatchObject({
      ok: false,
      reason: "wrong-reply",
      message: expect.stringContaining("5.1.1"),
    });
    // The message has come by then: what is waited for is a page, or for the page to change.
    expect(await check("parents", 12)).toMatchObject({
      reason: "timeout",
      message: expect.stringMatching(/while (waiting for the archive to show it|waiting for the answer)$/),
    });
  });
});

describe("what goes wrong", () => {
  test("a subscriber whose address no longer exists is noted as bouncing", async () => {
    await server.start({
      ...lists,
      lists: lists.lists.map((list) => (list.name === "coop" ? { ...list, members: [lea, tom, ghost] } : list)),
    });
    await send("tom", "coop", { subject: `bounces ${token()}` });
    await until(
      "the bounce",
      async () =>
        Number(
          await server.sql(
            "SELECT count(*) FROM subscriber_table WHERE user_subscriber='ghost@asso.test' AND bounce_subscriber IS NOT NULL AND bounce_subscriber != ''",
          ),
        ) === 1,
      90,
    );
  });

  test("a refusal counts against the subscriber, a full box half as much, a mere delay not at all", async () => {
    const outcomes = {
      "zoe+1": { action: "failed", status: "5.1.1" },
      "zoe+2": { action: "failed", status: "4.2.2" },
      "zoe+3": { action: "delayed", status: "4.4.1" },
    };
    for (const [who, { action, status }] of Object.entries(outcomes)) {
      const to = `bounce+${who}==a==asso.test==crowd@asso.test`;
      const raw = bounceTo(to, { action, status, recipient: `${who}@asso.test` });
      await mail.stranger().sendMail({ envelope: { from: "", to }, raw });
    }
    const noted = (who: string) =>
      server.sql(
        `SELECT bounce_subscriber FROM subscriber_table WHERE user_subscriber='${who}@asso.test' AND list_subscriber='crowd'`,
      );
    await until("two notes", async () => (await noted("zoe+1")) !== "" && (await noted("zoe+2")) !== "", 60);
    await returnsAreIn();
    expect(await noted("zoe+1")).toMatch(/ 1 5\.1\.1$/);
    expect(await noted("zoe+2")).toMatch(/ 1 4\.2\.2$/);
    expect(await noted("zoe+3")).toBe("");
  });

  test("who refuses ten messages over weeks leaves the list and its owner is told; whom the declaration subscribes stays", async () => {
    const [now, day] = [Math.floor(Date.now() / 1000), 86_400];
    await server.exec(
      ...["sqlite3", `${DATA}/sympa.sqlite`],
      "INSERT INTO subscriber_table (list_subscriber, robot_subscriber, user_subscriber, subscribed_subscriber) " +
        "VALUES ('coop', 'asso.test', 'gone@asso.test', 1), ('coop', 'asso.test', 'late@asso.test', 1); " +
        `UPDATE subscriber_table SET bounce_subscriber = '${now - 24 * day} ${now} 13 5.1.1' WHERE list_subscriber = 'coop' ` +
        "AND user_subscriber IN ('gone@asso.test', 'ghost@asso.test'); " +
        `UPDATE subscriber_table SET bounce_subscriber = '${now - 24 * day} ${now} 4 5.1.1' WHERE user_subscriber = 'late@asso.test'`,
    );
    const traffic = Array.from({ length: 13 }, (_, index) => `${Math.floor(now / day) - 2 * index} 1\n`).join("");
    await server.exec("sh", "-c", `printf '${traffic}' >${DATA}/lists/coop/msg_count`);
    // What its clock does, each day and each week.
    const tasks =
      'Conf::load() or die; my $tasks = bless {}, "Sympa::Spindle::ProcessTask"; $tasks->do_eval_bouncers; $tasks->do_process_bouncers';
    await docker(
      ...["exec", "--user", "sympa", server.name, "perl", "-MConf", "-MSympa::Spindle::ProcessTask", "-e", tasks],
    );
    const subscribed = await server.subscribers("coop");
    expect(subscribed).not.toContain("gone@asso.test");
    expect(subscribed).toEqual(expect.arrayContaining(["ghost@asso.test", "late@asso.test"]));
    const told = await linkIn("tom", /([\s\S]*\ngone@asso\.test\n[\s\S]*)/);
    expect(told).not.toContain("ghost");
  });

  test("killed while mail flows, it loses nothing that was accepted", async () => {
    const run = token();
    const wanted = Array.from({ length: 12 }, (_, index) => `kill ${run} ${index}`);
    for (const [index, subject] of wanted.entries()) {
      await send("tom", "coop", { subject });
      if (index === 5) await docker("kill", "--signal", "KILL", server.name);
    }
    await docker("start", server.name);
    await server.healthy();
    // The mail service tries again by itself within a minute: not waited for here.
    await mail.exec("postqueue", "-f");
    await until(
      "all of them",
      async () => {
        const seen = new Set((await subjectsOf("lea")).map((subject) => subject.replace("[Coop] ", "")));
        return wanted.every((subject) => seen.has(subject));
      },
      240,
    );
  });

  test("killed in the middle of sixty copies, it loses none, and repeats no more than it had in hand", async () => {
    const run = token();
    const written = [1, 2, 3].map((number) => `crowd ${run} ${number}`);
    for (const subject of written) await send("lea", "crowd", { subject });
    await until("the first copies", async () => (await copiesOf(run)).length > 20, 120);
    await docker("kill", "--signal", "KILL", server.name);
    const before = (await copiesOf(run)).length;
    expect(before).toBeLessThan(written.length * crowd.length);
    // As where each packet was in hand, and the numbers of those that had them in hand now are of processes that live.
    await docker(
      ...["run", "--rm", "--volumes-from", server.name, "--entrypoint", "sh", "vigie-test/lists", "-c"],
      `cd ${DATA}/spool/bulk/pct; for packet in */*; do case $packet in *,lock*|*'*') ;; *) echo 'lists 1 0 0' > $packet,lock; touch $packet,lock.1.1.1; esac; done`,
    );
    await docker("start", server.name);
    await server.healthy();
    const wanted = written.flatMap((subject) => crowd.map(({ name }) => `${subject} to ${name}`)).sort();
    await until("every copy", async () => new Set(await copiesOf(run)).size === wanted.length, 240);
    await until("empty queues", async () => /^bulk\/pct: 0$/m.test(await server.exec("vigie-lists", "queues")), 120);
    const all = await copiesOf(run);
    expect([...new Set(all)].sort()).toEqual(wanted);
    // Sympa sends by packets of 25 at most, and forgets which of one it had sent.
    expect(all.length - wanted.length).toBeLessThanOrEqual(25);
    process.stderr.write(
      `Killed after ${before} of ${wanted.length} copies: ${all.length - wanted.length} came twice\n`,
    );
  });

  test("without the mail service, what it sends waits until there is one again", async () => {
    const subject = `waits ${token()}`;
    await docker("network", "disconnect", server.network, mail.name);
    try {
      await server.exec(
        "sh",
        "-c",
        `printf 'From: tom@asso.test\\nTo: coop@asso.test\\nSubject: ${subject}\\nMessage-ID: <${token()}@asso.test>\\n\\nBonjour\\n' | /usr/sbin/sendmail -f tom@asso.test coop@asso.test`,
      );
      await until("a queue", async () => /lea@asso\.test/.test(await server.exec("postqueue", "-p")), 60);
    } finally {
      await server.joinedBy(mail);
    }
    await server.exec("postqueue", "-f");
    await received("lea", subject, 90);
  });

  test("a database that is damaged while in use is told by the health check, and is not copied over the last good copy", async () => {
    const before = await server.subscribers("parents");
    expect(before).toContain("self@example.net");
    const planted = `canary-${token()}`;
    await server.exec("vigie-canary", "plant", planted);
    await server.exec("vigie-lists", "backup");
    await server.exec("sqlite3", `${DATA}/sympa.sqlite`, "PRAGMA wal_checkpoint(TRUNCATE)");
    await server.exec(
      "sh",
      "-c",
      `head -c 60000 /dev/urandom | dd of=${DATA}/sympa.sqlite bs=4096 seek=1 conv=notrunc`,
    );
    await expect(server.exec("vigie-lists", "backup")).rejects.toThrow(/database is damaged.*restart the container/s);
    await expect(server.exec("/usr/local/bin/healthy")).rejects.toThrow();
    await docker("restart", "--time", "25", server.name);
    await server.healthy();
    expect(await server.logs()).toMatch(/the database was damaged; its last copy, of .*, takes its place/);
    expect(await server.subscribers("parents")).toEqual(before);
    await server.exec("vigie-canary", "find", planted);
    await expect(server.exec("vigie-canary", "find", `${planted}0`)).rejects.toThrow(/does not hold the value/);
    await settled("coop", "tom");
  });

  test("one list alone gets its subscribers back from its own folder", async () => {
    const before = await server.subscribers("parents");
    await server.exec(
      "sqlite3",
      `${DATA}/sympa.sqlite`,
      "DELETE FROM subscriber_table WHERE list_subscriber='parents'",
    );
    expect(await server.exec("vigie-lists", "readmit", "parents")).toContain(`${before[0]} is subscribed again`);
    expect(await server.subscribers("parents")).toEqual(before);
    // Somebody who came since, under a name that would be SQL.
    const late = "o''--@example.net";
    await server.exec(
      "sqlite3",
      `${DATA}/sympa.sqlite`,
      `INSERT INTO subscriber_table (list_subscriber, robot_subscriber, user_subscriber, subscribed_subscriber)
         SELECT list_subscriber, robot_subscriber, '${late}', 1 FROM subscriber_table WHERE list_subscriber = 'parents' LIMIT 1`,
    );
    expect(await server.exec("vigie-lists", "readmit", "parents")).toBe("");
    expect(await server.subscribers("parents")).toHaveLength(before.length + 1);
    expect((await server.exec("vigie-lists", "readmit", "parents", "--exact")).trim()).toBe(
      "o'--@example.net is subscribed no longer",
    );
    expect(await server.subscribers("parents")).toEqual(before);
    expect((await server.subscribers("coop")).length).toBeGreaterThan(1);
    await expect(server.exec("vigie-lists", "readmit", "parent")).rejects.toThrow(/there is no list 'parent'/);
  });

  test("does not start on a damaged database without a sound copy, and says what brings one back", async () => {
    await docker("stop", "--time", "25", server.name);
    await docker(
      ...["run", "--rm", "--volumes-from", server.name, "--entrypoint", "sh", "vigie-test/lists", "-c"],
      `for one in sympa saved; do head -c 60000 /dev/urandom | dd of=${DATA}/$one.sqlite bs=4096 seek=1 conv=notrunc; done`,
    );
    await docker("start", server.name);
    expect((await docker("wait", server.name)).trim()).toBe("78");
    expect(await server.logs()).toMatch(/no sound copy beside it: npm run restore/);
  });

  test("says what is wrong with a configuration, all at once, and does not start", async () => {
    const bad = { ...lists, domain: "nowhere", lists: [{ name: "UPPER" }, { name: "a", owners: [{ email: "no" }] }] };
    expect(await server.startInVain(bad)).toBe(78);
    expect(await server.logs()).toMatch(
      /domain is not a domain; 'UPPER' is not a list's name; a\.owners: 'no' is not an address/,
    );
  });
});
