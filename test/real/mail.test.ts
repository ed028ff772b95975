import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { authenticate } from "mailauth";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Check } from "../../association/index.ts";
import { alertOf } from "../../dashboards/alerts.ts";
import imapCheck from "../../monitors/checks/imap.ts";
import boxesCheck from "../../monitors/checks/mail-boxes.ts";
import roundTrip from "../../monitors/checks/mail-round-trip.ts";
import smtpCheck from "../../monitors/checks/smtp.ts";
import { resources, runCheck } from "../monitors/helpers/run.ts";
import { Dialogue, envelope, smtp } from "../stacks/services/mail/dialogue.ts";
import { dismiss, docker, MailServer, message, prepare, subjects, until } from "../stacks/services/mail/server.ts";

/** Jeanne keeps the treasury at first, then Tom does; Zoé is there for those who guess passwords. */
const config = {
  hostname: "mail.asso.test",
  // The second is école.test, as the DNS has it.
  domains: ["asso.test", "xn--cole-9oa.test"],
  boxes: [
    { address: "jeanne@asso.test", kind: "person", owner: "jeanne-roux", aliases: ["jeanne.roux@asso.test"] },
    { address: "tom@asso.test", kind: "person", owner: "tom" },
    { address: "zoe@asso.test", kind: "person", owner: "zoe", quotaMb: 1 },
    { address: "tresor@asso.test", kind: "role", delegates: ["jeanne-roux"], aliases: ["postmaster@asso.test"] },
    { address: "cantine@xn--cole-9oa.test", kind: "person", owner: "lou", aliases: ["menu@xn--cole-9oa.test"] },
    { address: "vigie@asso.test", kind: "person", owner: "vigie-probe" },
  ],
  accounts: [{ login: "jeanne-roux" }, { login: "tom" }, { login: "zoe" }, { login: "lou" }, { login: "vigie-probe" }],
  limits: { messageMb: 2, perSourcePerMinute: 0 },
};
const passwords: Record<string, string> = {
  "jeanne-roux": "first-of-jeanne-4821",
  tom: "first-of-tom-9317",
  zoe: "first-of-zoe-7742",
  lou: "first-of-lou-3308",
  "vigie-probe": "what-the-lookout-has-5519",
};
const handedOver = {
  ...config,
  boxes: config.boxes.map((box) => (box.kind === "role" ? { ...box, delegates: ["tom"] } : box)),
};

const server = new MailServer("main");
const token = (): string => randomBytes(6).toString("hex");
const SUBMIT = { from: "jeanne@asso.test", to: "tom@asso.test", text: "bonjour" };

beforeAll(async () => {
  await prepare();
  await server.start(config, passwords);
}, 240_000);

afterAll(async () => {
  await server.remove();
  await dismiss();
}, 60_000);

describe("receiving", () => {
  test("delivers a stranger's message to a box, an alias and a detailed address", async () => {
    const client = await server.imap("jeanne-roux");
    for (const to of ["jeanne@asso.test", "jeanne.roux@asso.test", "jeanne+cantine@asso.test"]) {
      const subject = token();
      await server.stranger().sendMail({ from: "parent@example.net", to, subject, text: "Bonjour" });
      expect((await message(client, subject)).toString()).toContain("Bonjour");
    }
    await client.logout();
  });

  test("carries 8-bit text and names outside ASCII unharmed, and takes a sender whose address has accents", async () => {
    const client = await server.imap("jeanne-roux");
    const subject = token();
    const talk = await smtp(server.ports.smtp);
    expect(await talk.say("MAIL FROM:<jérôme@example.net> SMTPUTF8 BODY=8BITMIME")).toMatch(/^250/);
    expect(await talk.say("RCPT TO:<jeanne@asso.test>")).toMatch(/^250/);
    expect(await talk.say("DATA")).toMatch(/^354/);
    talk.send(
      `From: Jérôme <jérôme@example.net>\r\nTo: jeanne@asso.test\r\nSubject: ${subject} été\r\nDate: ${new Date().toUTCString()}\r\n` +
        `Message-ID: <${subject}@example.net>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nÀ bientôt, cœur 💌\r\n`,
    );
    expect(await talk.say(".")).toMatch(/^250/);
    talk.close();
    expect((await message(client, subject)).toString()).toContain("À bientôt, cœur 💌");
    await client.logout();
  });

  test("leaves what is signed as it was written, to the byte: spaces at ends of lines, dots, lines of any length", async () => {
    const client = await server.imap("jeanne-roux");
    for (const kind of ["application/pgp-signature", "application/pkcs7-signature"]) {
      const subject = token();
      const body = [
        "--signed",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        ...[
          "",
          "Accès  ",
          "From the start",
          ".",
          "..",
          ".dot",
          "tab \t ",
          `${"é".repeat(3000)}é`,
          "x".repeat(100_000),
          "",
          "",
        ],
        ...["--signed", `Content-Type: ${kind}`, "", "not verified here", "--signed--", ""],
      ].join("\r\n");
      const talk = await smtp(server.ports.smtp);
      expect(await talk.say(`MAIL FROM:<${subject}@example.net> BODY=8BITMIME`)).toMatch(/^250/);
      expect(await talk.say("RCPT TO:<jeanne@asso.test>")).toMatch(/^250/);
      expect(await talk.say("DATA")).toMatch(/^354/);
      talk.send(
        `From: a@example.net\r\nTo: jeanne@asso.test\r\nSubject: ${subject}\r\nDate: ${new Date().toUTCString()}\r\nMessage-ID: <${subject}@example.net>\r\n` +
          `MIME-Version: 1.0\r\nContent-Type: multipart/signed; protocol="${kind}"; boundary=signed\r\n\r\n${body.replace(/^\./gm, "..")}`,
      );
      expect(await talk.say(".")).toMatch(/^250/);
      talk.close();
      const source = (await message(client, subject)).toString();
      expect(source.slice(source.indexOf("\r\n\r\n") + 4) === body, kind).toBe(true);
    }
    await client.logout();
  });

  test("takes mail for a domain with accents, as people write it or as the DNS does, and lets only its own write in its name", async () => {
    const client = await server.imap("lou");
    for (const to of [
      "cantine@xn--cole-9oa.test",
      "cantine@école.test",
      "menu@école.test",
      "cantine+lundi@École.test",
    ]) {
      const subject = token();
      const talk = await smtp(server.ports.smtp);
      expect(await talk.say("MAIL FROM:<parent@example.net> SMTPUTF8")).toMatch(/^250/);
      expect(await talk.say(`RCPT TO:<${to}>`), to).toMatch(/^250/);
      expect(await talk.say("DATA")).toMatch(/^354/);
      const head = `From: parent@example.net\r\nTo: ${to}\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@example.net>`;
      expect(await talk.say(`${head}\r\nDate: ${new Date().toUTCString()}\r\n\r\nQuel menu ?\r\n.`), to).toMatch(
        /^250/,
      );
      talk.close();
      expect((await message(client, subject)).toString()).toContain(`To: ${to}`);
    }
    await client.logout();
    for (const from of ["cantine@xn--cole-9oa.test", "cantine@école.test"]) {
      const said = await envelope(server.ports.smtp, `MAIL FROM:<${from}> SMTPUTF8`, "RCPT TO:<tom@asso.test>");
      expect(said, from).toMatch(/^550 5\.7\.1/);
    }
    expect(
      await envelope(server.ports.smtp, "MAIL FROM:<a@example.net> SMTPUTF8", "RCPT TO:<rien@école.test>"),
    ).toMatch(/^550 5\.1\.1/);
    const lou = { from: "menu@xn--cole-9oa.test", to: "tom@asso.test", subject: token(), text: "Purée" };
    await server.submitter("lou").sendMail(lou);
    await expect(server.submitter("tom").sendMail(lou)).rejects.toMatchObject({ responseCode: 553 });
  });

  test("refuses to relay for strangers, however the address is dressed up", async () => {
    for (const to of [
      "victim@example.org",
      "victim%example.org@asso.test",
      '"victim@example.org"@asso.test',
      "@asso.test:victim@example.org",
      "victim@[192.0.2.1]",
      "example.org!victim",
    ]) {
      expect(await envelope(server.ports.smtp, "MAIL FROM:<a@example.net>", `RCPT TO:<${to}>`), to).toMatch(/^5\d\d/);
    }
  });

  test("refuses names that nobody has, before taking the message", async () => {
    expect(await envelope(server.ports.smtp, "MAIL FROM:<a@example.net>", "RCPT TO:<nobody@asso.test>")).toMatch(
      /^550 5\.1\.1/,
    );
  });

  test("refuses a stranger who writes in our name, in the envelope or in From", async () => {
    expect(await envelope(server.ports.smtp, "MAIL FROM:<tresor@asso.test>", "RCPT TO:<tom@asso.test>")).toMatch(
      /^550 5\.7\.1/,
    );
    await expect(
      server.stranger().sendMail({
        envelope: { from: "bounce@example.net", to: "tom@asso.test" },
        from: "Trésor <tresor@asso.test>",
        to: "tom@asso.test",
        subject: "Virement urgent",
        text: "…",
      }),
    ).rejects.toMatchObject({ responseCode: 554 });
  });

  test.each([
    ["a name below ours", "Trésor <tresor@compta.asso.test>"],
    ["a group", "Bureau: tresor@asso.test;"],
    ["a final dot", "<tresor@asso.test.>"],
    ["comments", "tresor(du)@(bureau)asso.test"],
    ["spaces", "<tresor @ asso.test>"],
    ["a name without quotes", "tresor@asso.test <parent@example.net>"],
    ["nothing but Sender", undefined],
  ])("refuses a stranger who dresses our name up with %s", async (_, from) => {
    const talk = await smtp(server.ports.smtp);
    await talk.say("MAIL FROM:<parent@example.net> SMTPUTF8");
    await talk.say("RCPT TO:<tom@asso.test>");
    await talk.say("DATA");
    const author = from === undefined ? "Sender: tresor@asso.test" : `From: ${from}`;
    const head = `${author}\r\nTo: tom@asso.test\r\nSubject: Virement\r\nMessage-ID: <${token()}@example.net>`;
    expect(await talk.say(`${head}\r\nDate: ${new Date().toUTCString()}\r\n\r\nVite\r\n.`)).toMatch(
      /^554 5\.7\.1 Not authenticated as (compta\.)?asso\.test/,
    );
    talk.close();
  });

  test("delivers a message to many addresses of one box at once", async () => {
    const to = Array.from({ length: 24 }, (_, index) => `zoe+classe${index}@asso.test`);
    const subject = token();
    await server.stranger().sendMail({ from: "parent@example.net", to, subject, text: "Bonjour" });
    const client = await server.imap("zoe");
    await until("all copies", async () => {
      await client.noop();
      return (await subjects(client)).filter((one) => one === subject).length === to.length;
    });
    await client.logout();
  });

  test("refuses a message above the limit, announced or not", async () => {
    const announced = await envelope(server.ports.smtp, "MAIL FROM:<a@example.net> SIZE=3000000");
    expect(announced).toMatch(/^552 5\.3\.4/);
    const talk = await smtp(server.ports.smtp);
    await talk.say("MAIL FROM:<a@example.net>");
    await talk.say("RCPT TO:<tom@asso.test>");
    await talk.say("DATA");
    talk.send(`Subject: big\r\n\r\n${`${"x".repeat(76)}\r\n`.repeat(30_000)}`);
    expect(await talk.say(".")).toMatch(/^552 5\.3\.4/);
    talk.close();
  });

  test("ends a loop: a message that has been through too many servers is refused", async () => {
    const talk = await smtp(server.ports.smtp);
    await talk.say("MAIL FROM:<a@example.net>");
    await talk.say("RCPT TO:<tom@asso.test>");
    await talk.say("DATA");
    talk.send("Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000\r\n".repeat(60));
    expect(await talk.say("From: a@example.net\r\nSubject: round and round\r\n\r\n.")).toMatch(/^554 5\.4\.0/);
    talk.close();
  });

  /** What other servers have taken for the end of a message (CVE-2023-51764 and its kin): only CR LF . CR LF is. */
  test.each([
    ["\n.\n", /^550 5\.5\.2/],
    ["\n.\r\n", /^550 5\.5\.2/],
    ["\r\n.\n", /^550 5\.5\.2/],
    ["\r.\r", /^(250|5\d\d|451 4\.7\.1) /],
    ["\r\n.\r", /^(250|5\d\d|451 4\.7\.1) /],
    ["\r\n\0.\r\n", /^(250|5\d\d|451 4\.7\.1) /],
  ])("is not fooled by a second message smuggled behind %j", async (end, answer) => {
    const subject = token();
    const eol = end.endsWith("\r\n") ? "\r\n" : end.at(-1)!;
    const talk = await smtp(server.ports.smtp);
    await talk.say("MAIL FROM:<a@example.net>");
    await talk.say("RCPT TO:<tom@asso.test>");
    await talk.say("DATA");
    const head = `From: a@example.net\r\nMessage-ID: <${subject}@example.net>\r\nDate: ${new Date().toUTCString()}\r\nSubject: outer`;
    const inner = [
      "MAIL FROM:<a@example.net>",
      "RCPT TO:<tom@asso.test>",
      "DATA",
      `Subject: inner-${subject}`,
      "",
      "x",
    ];
    talk.send(`${head}\r\n\r\nouter${end}${inner.join(eol)}`);
    expect(await talk.say("\r\n.")).toMatch(answer);
    // Nothing else was said: neither to the commands of the second message, nor before.
    expect(await talk.say("QUIT")).toMatch(/^(221 2\.0\.0|$)/);
    talk.close();
    const client = await server.imap("tom");
    await until("the queue is empty", async () => (await server.exec("postqueue", "-j")) === "");
    for (const folder of ["INBOX", "Junk"]) expect(await subjects(client, folder)).not.toContain(`inner-${subject}`);
    await client.logout();
  });

  test.each([
    ["no header at all", "body only"],
    ["a header without an end", `Subject: ${"x".repeat(900)}`],
    ["a line of a megabyte", `From: a@example.net\r\nSubject: long\r\n\r\n${"x".repeat(1_000_000)}`],
    ["bytes that are no text", `From: a@example.net\r\nSubject: \u0000\u0001\u00ff\r\n\r\n\u0000\u0000`],
    ["two authors", "From: a@example.net, b@example.net\r\nFrom: c@example.net\r\nSubject: two\r\n\r\nx"],
    [
      "coded words that end nowhere",
      "From: =?utf-8?B?////?= <a@example.net>\r\nSubject: =?x?Q?=?= =?utf-8?B?!!!?=\r\n\r\nx",
    ],
    [
      "a thousand parts within parts",
      `From: a@example.net\r\nMIME-Version: 1.0\r\n${Array.from({ length: 1000 }, (_, n) => `Content-Type: multipart/mixed; boundary="b${n}"\r\n\r\n--b${n}\r\n`).join("")}x`,
    ],
    ["base64 that is none", "From: a@example.net\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!===%%%%"],
    ["a date of no calendar", "From: a@example.net\r\nDate: Smarch 32nd\r\nMessage-ID: <<<>>>\r\n\r\nx"],
  ])("takes, refuses or puts off a message with %s, at once, and goes on", async (_, text) => {
    const talk = await smtp(server.ports.smtp);
    await talk.say("MAIL FROM:<a@example.net>");
    await talk.say("RCPT TO:<tom@asso.test>");
    await talk.say("DATA");
    talk.socket.write(Buffer.from(text, "latin1"));
    // 451 4.7.1: Rspamd has a stranger with a suspicious message come again (greylisting).
    expect(await talk.say("\r\n.")).toMatch(/^(250|5\d\d|451 4\.7\.1) /);
    talk.close();
    await until("nothing waits", async () => (await server.exec("postqueue", "-j")) === "");
  });

  test("refuses what certainly is spam, and files in Junk what may be", async () => {
    const certain = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";
    const mail = { from: "seller@example.net", to: "tom@asso.test", subject: token() };
    await expect(server.stranger().sendMail({ ...mail, text: certain })).rejects.toMatchObject({ responseCode: 554 });
    const subject = token();
    await server.stranger().sendMail({ ...mail, subject, text: certain.replace("XJS", "YJS") });
    const client = await server.imap("tom");
    expect((await message(client, subject, "Junk")).toString()).toMatch(/^X-Spam: Yes/m);
    await client.logout();
  });

  test("takes nobody for a spammer because they come by a private address, which can have no name", async () => {
    const subject = token();
    const address = await server.address();
    // From a container beside it, as from behind the engine's own proxy; of a domain that nobody here has heard of.
    const said = await server.elsewhere(`
import email.message, email.utils, smtplib
message = email.message.EmailMessage()
message["From"], message["To"], message["Subject"] = "parent@elsewhere.example", "tom@asso.test", "${subject}"
message["Date"], message["Message-ID"] = email.utils.formatdate(), email.utils.make_msgid(domain="elsewhere.example")
message.set_content("Bonjour, la réunion de jeudi est-elle maintenue ?")
with smtplib.SMTP("${address}", local_hostname="mx.elsewhere.example") as talk:
    print(talk.send_message(message))`);
    expect(said.trim()).toBe("{}");
    const client = await server.imap("tom");
    expect((await message(client, subject)).toString()).not.toMatch(/^X-Spam: Yes/m);
    await client.logout();
  });

  test("says that a box is full instead of losing what comes, and takes mail again when there is room", async () => {
    // Words, as a long run of one letter would look like spam.
    const line = "Compte rendu de la réunion de mardi, point numéro";
    const text = Array.from({ length: 12_000 }, (_, number) => `${line} ${number}`).join("\n");
    for (const subject of ["first", "second"]) {
      await server.submitter("jeanne-roux").sendMail({ from: "jeanne@asso.test", to: "zoe@asso.test", subject, text });
      await until(`${subject} delivered`, async () => (await server.exec("postqueue", "-j")) === "");
    }
    const rcpt = () => envelope(server.ports.smtp, "MAIL FROM:<a@example.net>", "RCPT TO:<zoe@asso.test>");
    expect(await rcpt(), await server.exec("doveadm", "quota", "get", "-u", "zoe")).toMatch(/^552 5\.2\.2/);
    await expect(
      server.submitter("tom").sendMail({ from: "tom@asso.test", to: "zoe@asso.test", subject: "third", text: "!" }),
    ).rejects.toMatchObject({ responseCode: 552 });
    const client = await server.imap("zoe");
    expect((await client.getQuota("INBOX")) || {}).toMatchObject({ storage: { limit: 1024 * 1024 } });
    const lock = await client.getMailboxLock("INBOX");
    await client.messageDelete("1:*");
    lock.release();
    expect(await until("room again", async () => (await rcpt()).startsWith("250") && "room")).toBe("room");
    await client.logout();
  }, 60_000);
});

describe("sending", () => {
  test("asks for a password, and for TLS before it", async () => {
    const plain = await smtp(server.ports.submission);
    expect(await plain.say("AUTH PLAIN AHRvbQB0b20=")).toMatch(/^5\d\d/);
    plain.close();
    const tls = await smtp(server.ports.submissions, true);
    expect(await tls.say("MAIL FROM:<tom@asso.test>")).toMatch(/^(250|530)/);
    expect(await tls.say("RCPT TO:<victim@example.org>")).toMatch(/^5\d\d/);
    tls.close();
    const outside = await smtp(server.ports.smtp);
    expect(await outside.say("AUTH PLAIN AHRvbQB0b20=")).toMatch(/^503/);
    outside.close();
  });

  test("lets people write as themselves and as their role, on both ports, by login or address", async () => {
    const client = await server.imap("tom");
    for (const [user, port, from] of [
      ["jeanne-roux", "submissions", "jeanne@asso.test"],
      ["jeanne-roux", "submission", "tresor@asso.test"],
      ["jeanne@asso.test", "submissions", "postmaster@asso.test"],
    ] as const) {
      const subject = token();
      await server.submitter(user, passwords["jeanne-roux"], port).sendMail({ ...SUBMIT, from, subject });
      expect((await message(client, subject)).toString()).toContain(from);
    }
    await client.logout();
  });

  test("lets nobody write as another, in the envelope or in From", async () => {
    const tom = server.submitter("tom");
    await expect(tom.sendMail({ ...SUBMIT, from: "jeanne@asso.test" })).rejects.toMatchObject({ responseCode: 553 });
    await expect(tom.sendMail({ ...SUBMIT, from: "tresor@asso.test" })).rejects.toMatchObject({ responseCode: 553 });
    await expect(tom.sendMail({ ...SUBMIT, from: "someone@example.org" })).rejects.toMatchObject({ responseCode: 553 });
    const disguised = { ...SUBMIT, envelope: { from: "tom@asso.test", to: "jeanne@asso.test" } };
    await expect(tom.sendMail({ ...disguised, from: "jeanne@asso.test" })).rejects.toMatchObject({ responseCode: 554 });
    const nobody = { ...SUBMIT, envelope: { from: "", to: "jeanne@asso.test" } };
    await expect(tom.sendMail({ ...nobody, from: "tresor@asso.test" })).rejects.toThrow();
  });

  test.each([
    ["Sender", { sender: "jeanne@asso.test" }],
    ["Resent-From", { headers: { "Resent-From": "Jeanne <jeanne@asso.test>", "Resent-To": "tom@asso.test" } }],
    ["the name beside the address", { from: '"Jeanne jeanne@asso.test" <tom@asso.test>' }],
    ["a coded name", { from: { name: "trésor <tresor@asso.test>", address: "tom@asso.test" } }],
  ])("lets nobody pretend by %s to be another", async (_, fields) => {
    const disguised = { ...SUBMIT, from: "tom@asso.test", to: "zoe@asso.test", ...fields };
    await expect(server.submitter("tom").sendMail(disguised)).rejects.toMatchObject({
      responseCode: 554,
      response: expect.stringMatching(/tom may not send as (jeanne|tresor)@asso\.test/),
    });
  });

  test("lets people name their own addresses wherever programs do", async () => {
    const client = await server.imap("tom");
    const subject = token();
    await server.submitter("jeanne-roux").sendMail({
      ...SUBMIT,
      from: '"Trésor (tresor@asso.test), parent@example.net" <tresor@asso.test>',
      sender: "jeanne+liste@asso.test",
      subject,
    });
    expect((await message(client, subject)).toString()).toContain("Sender: jeanne+liste@asso.test");
    await client.logout();
  });

  test("takes as many messages in a minute, each by a connection of its own, as a program with members to remind sends", async () => {
    const sent = Array.from({ length: 30 }, () => token());
    for (const subject of sent) await server.submitter("jeanne-roux").sendMail({ ...SUBMIT, subject });
    const client = await server.imap("tom");
    await until("all of them", async () => {
      await client.noop();
      const seen = new Set(await subjects(client));
      return sent.every((subject) => seen.has(subject));
    });
    await client.logout();
  });

  test("signs for a domain with accents, however its author writes it, by the name that the DNS knows", async () => {
    const records = await publishedKeys();
    const client = await server.imap("tom");
    for (const domain of ["xn--cole-9oa.test", "école.test"]) {
      const subject = token();
      const from = `cantine@${domain}`;
      const talk = await smtp(server.ports.submissions, true);
      expect(await talk.say(`AUTH PLAIN ${btoa(`\0lou\0${passwords.lou}`)}`)).toMatch(/^235/);
      expect(await talk.say(`MAIL FROM:<${from}> SMTPUTF8 BODY=8BITMIME`)).toMatch(/^250/);
      expect(await talk.say("RCPT TO:<tom@asso.test>")).toMatch(/^250/);
      await talk.say("DATA");
      const head = `From: ${from}\r\nTo: tom@asso.test\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@asso.test>`;
      expect(await talk.say(`${head}\r\nDate: ${new Date().toUTCString()}\r\n\r\nPurée\r\n.`)).toMatch(/^250/);
      talk.close();
      const { dkim } = await verified(await message(client, subject), records);
      expect(dkim.results[0], from).toMatchObject({
        signingDomain: "xn--cole-9oa.test",
        status: { result: "pass" },
      });
    }
    await client.logout();
  });

  test("signs what leaves so that a receiver verifies it, before, during and after a change of key", async () => {
    const records: Record<string, string | undefined> = await publishedKeys();
    expect(Object.keys(records)).toEqual(
      config.domains.flatMap((domain) => ["vigie1", "vigie2"].map((selector) => `${selector}._domainkey.${domain}`)),
    );
    const client = await server.imap("tom");
    const jeanne = server.submitter("jeanne-roux");
    const selectors = new Set<string>();
    const sendAndVerify = async () => {
      const subject = token();
      await jeanne.sendMail({ ...SUBMIT, subject, html: "<p>bonjour, é</p>" });
      const { dkim } = await verified(await message(client, subject), records);
      const [result] = dkim.results;
      expect(result).toMatchObject({ signingDomain: "asso.test", status: { result: "pass", aligned: "asso.test" } });
      const selector = result?.selector ?? "unsigned";
      selectors.add(selector);
      return selector;
    };
    expect(await sendAndVerify()).toBe("vigie1");
    await expect(server.exec("vigie-dkim", "rotate")).rejects.toThrow(/resolvers may not know it yet/);
    await server.exec("vigie-dkim", "rotate", "--force");
    await until("the new key signs", async () => (await sendAndVerify()) === "vigie2");
    expect([...selectors]).toEqual(["vigie1", "vigie2"]);
    expect(await publishedKeys()).toEqual(records);
    expect(await server.exec("vigie-dkim", "status")).toMatch(/vigie1\tretired.*\nvigie2\tsigns/);
    await client.logout();
  }, 90_000);

  /** What a receiver finds that knows these TXT records and no others. */
  const verified = (source: Buffer, records: Record<string, string | undefined>) =>
    authenticate(source, {
      trustReceived: false,
      resolver: async (name, type) => {
        const found = type === "TXT" ? records[name] : undefined;
        if (found === undefined) throw Object.assign(new Error(`${type} ${name}`), { code: "ENOTFOUND" });
        return [[found]];
      },
    });

  const publishedKeys = async (): Promise<Record<string, string>> =>
    Object.fromEntries(
      (await server.exec("vigie-dkim", "records", "--paste"))
        .trim()
        .split("\n")
        .map((line) => line.split("\t"))
        .map(([name = "", , value = ""]) => [name, value]),
    );
});

describe("signing in", () => {
  test("speaks TLS 1.2 and later only", async () => {
    const { connect } = await import("node:tls");
    const attempt = (version: "TLSv1.1" | "TLSv1.2" | "TLSv1.3") =>
      new Promise<string>((resolve) => {
        const socket = connect(
          {
            host: "127.0.0.1",
            port: server.ports.imaps,
            minVersion: version,
            maxVersion: version,
            ciphers: "DEFAULT:@SECLEVEL=0",
            rejectUnauthorized: false,
          },
          () => resolve(socket.getProtocol() ?? ""),
        );
        socket.on("error", () => resolve("refused"));
      });
    expect(await attempt("TLSv1.1")).toBe("refused");
    expect(await attempt("TLSv1.2")).toBe("TLSv1.2");
    expect(await attempt("TLSv1.3")).toBe("TLSv1.3");
  });

  test("slows down, then blocks, one who guesses, on every protocol, and nobody else", async () => {
    // Tom is known here: others will guess his password from elsewhere at the same time.
    await (await server.imap("tom")).logout();
    together = guessTogether();
    const started = Date.now();
    for (let guess = 0; guess < 8; guess++) {
      await expect(server.imap("zoe", `guess-${guess}`)).rejects.toThrow();
    }
    // Two seconds after each failure, and four more before the later ones.
    expect(Date.now() - started).toBeGreaterThan(20_000);
    await expect(server.imap("zoe")).rejects.toThrow();
    await expect(server.submitter("zoe").verify()).rejects.toThrow();
    const tom = await server.imap("tom");
    await tom.logout();
  }, 120_000);

  test("slows down, then blocks, those who guess together from several addresses, and lets the owner in from home", async () => {
    together ??= guessTogether();
    expect((await together).join("")).not.toContain("in\n");
    expect((await server.elsewhere(login(await server.address(), passwords.tom!))).trim()).toBe("refused");
    const back = await server.imap("tom");
    await back.logout();
  }, 180_000);

  /** Begun by the test before, which waits as long: most of it is waiting. */
  let together: Promise<string[]> | undefined;

  /** Four strangers, each on a machine of its own: six guesses are too few for any of them to be blocked alone. */
  async function guessTogether(): Promise<string[]> {
    const address = await server.address();
    const guesses = (stranger: number) => Array.from({ length: 6 }, (_, guess) => `guess-${stranger}-${guess}`);
    return Promise.all([1, 2, 3, 4].map((stranger) => server.elsewhere(login(address, ...guesses(stranger)))));
  }

  /** Python that signs in as Tom with one password after the other, and says how each fared. */
  const login = (address: string, ...tried: string[]): string => `
import imaplib, json, ssl
for password in json.loads('${JSON.stringify(tried)}'):
    try:
        imaplib.IMAP4_SSL("${address}", ssl_context=ssl._create_unverified_context()).login("tom", password)
        print("in")
    except imaplib.IMAP4.error:
        print("refused")`;

  test("counts guesses on an account wherever they come from, for a while, and spares its owner's own addresses", async () => {
    const python = `
from vigie_mail.guard import BLOCK_ACCOUNT_AFTER, OWNERS_FOR, SLOW_ACCOUNT_AFTER, WINDOW, Guard
now = [0.0]
guard = Guard(lambda: now[0])
guard.report("tom", "home", "right", True)
for guess in range(SLOW_ACCOUNT_AFTER):
    guard.report("tom", f"bot-{guess}", f"wrong-{guess}", False)
slowed = guard.allow("tom", "fresh"), guard.allow("tom", "home"), guard.allow("zoe", "fresh")
# The same wrong one again, from everywhere, is a forgotten telephone and a half: no new guess.
for source in range(100):
    guard.report("tom", f"bot-{source}", "wrong-0", False)
repeated = guard.allow("tom", "fresh")
for guess in range(BLOCK_ACCOUNT_AFTER):
    guard.report("tom", f"bot-{guess}", f"other-{guess}", False)
blocked = guard.allow("tom", "fresh"), guard.allow("tom", "home"), guard.allow("zoe", "fresh")
now[0] = WINDOW + 1.0
later = guard.allow("tom", "fresh")
now[0] = OWNERS_FOR + 1.0
guard.report("tom", "home", "wrong", False)
print(slowed, repeated, blocked, later, len(guard.strangers["tom"]))
for account in range(12_000):
    guard.report(f"a{account}", f"s{account}", "x", False)
    guard.report("zoe", f"s{account}", "right", True)
print(len(guard.failures) <= 10_000, len(guard.strangers) <= 10_000, len(guard.owners["zoe"]))`;
    expect((await server.exec("python3", "-c", python)).trim().split("\n")).toEqual([
      "(4, 0, 0) 4 (-1, 0, 0) 0 1",
      "True True 50",
    ]);
  });

  test("knows after a restart from where owners sign in, and starts without where that is damaged", async () => {
    await (await server.imap("tom")).logout();
    await docker("restart", "--time", "20", server.name);
    await server.healthy();
    const python = `
from pathlib import Path
from vigie_mail.guard import BLOCK_ACCOUNT_AFTER, FILE, OWNERS_FOR, Guard
guard = Guard(file=FILE)
home = next(iter(guard.owners["tom"]))
for guess in range(BLOCK_ACCOUNT_AFTER):
    guard.report("tom", f"bot-{guess}", f"wrong-{guess}", False)
later = guard.clock() + OWNERS_FOR + 1
print(guard.allow("tom", "fresh"), guard.allow("tom", home), Guard(lambda: later, FILE).owners)
damaged = Path("/tmp/owners.json")
for text in ('{"tom": {"home": ', '["tom"]', '{"tom": ["home"]}'):
    damaged.write_text(text)
    print(Guard(file=damaged).owners)`;
    const said = await server.exec("python3", "-c", python);
    expect(said).toMatch(/^-1 0 {}$/m);
    expect(said.match(/is not to be read, owners are to be learnt again.*\n{}$/gm)).toHaveLength(3);
    await server.exec("rm", "/tmp/owners.json");
  });

  test("keeps a password that its owner chose, until another one is declared", async () => {
    expect(await server.feed("mine alone, since today\n", "vigie-password", "jeanne-roux")).toBe(0);
    expect(await server.feed("short\n", "vigie-password", "jeanne-roux")).toBe(65);
    // Dovecot looks for a new password file once a second.
    const refused = () =>
      server.imap("jeanne-roux").then(
        (client) => client.logout().then(() => false),
        () => true,
      );
    await until("the old password to be refused", refused, 20);
    await server.start(config, passwords);
    const client = await server.imap("jeanne-roux", "mine alone, since today");
    await client.logout();
    await server.start(config, { ...passwords, "jeanne-roux": "declared-anew-5530" });
    const again = await server.imap("jeanne-roux");
    await again.logout();
    await expect(server.imap("jeanne-roux", "mine alone, since today")).rejects.toThrow();
    await server.start(config, passwords);
  }, 90_000);

  test("takes a new certificate while it runs", async () => {
    const before = await server.exec("cat", "/run/vigie/tls/cert.pem");
    expect(await server.logs()).toContain("self-signed");
    await server.exec("sh", "-c", selfSigned("/tmp"));
    await server.give({
      "tls/key.pem": await server.exec("cat", "/tmp/key.pem"),
      "tls/cert.pem": await server.exec("cat", "/tmp/cert.pem"),
    });
    const { connect } = await import("node:tls");
    const fingerprint = (port: number) =>
      new Promise<string>((resolve, reject) => {
        const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false }, () => {
          resolve(String(socket.getPeerCertificate().subject.CN));
          socket.destroy();
        });
        socket.on("error", reject);
      });
    await until("the new certificate", async () => (await fingerprint(server.ports.imaps)) === "new.asso.test", 40);
    await until("the new certificate", async () => (await fingerprint(server.ports.submissions)) === "new.asso.test");
    expect(await server.exec("cat", "/run/vigie/tls/cert.pem")).not.toBe(before);
  }, 60_000);

  const selfSigned = (folder: string): string =>
    `cd ${folder} && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=new.asso.test -keyout key.pem -out cert.pem 2>/dev/null`;
});

describe("roles", () => {
  test("hands a box over with its history, and ends the former holder's access and sessions", async () => {
    const subject = token();
    await server.stranger().sendMail({ from: "bank@example.net", to: "tresor@asso.test", subject, text: "Relevé" });
    const jeanne = await server.imap("jeanne-roux");
    await message(jeanne, subject, "tresor");
    await jeanne.mailboxCreate("tresor/2026");
    await jeanne.mailboxOpen("tresor");
    await jeanne.messageMove({ header: { subject } }, "tresor/2026");
    expect((await jeanne.list({ listOnly: true } as never)).map(({ path }) => path)).toContain("tresor/2026");
    const tomBefore = await server.imap("tom");
    await expect(tomBefore.mailboxOpen("tresor")).rejects.toThrow();
    const ended = new Promise((resolve) => jeanne.once("close", () => resolve("ended")));

    await server.start(handedOver, passwords);

    expect(await ended).toBe("ended");
    const tom = await server.imap("tom");
    expect(await subjects(tom, "tresor/2026")).toContain(subject);
    expect((await tom.list()).filter(({ subscribed }) => subscribed).map(({ path }) => path)).toContain("tresor");
    await server.submitter("tom").sendMail({ ...SUBMIT, from: "tresor@asso.test" });
    const former = await server.imap("jeanne-roux");
    await expect(former.mailboxOpen("tresor")).rejects.toThrow();
    await expect(former.mailboxOpen("tresor/2026")).rejects.toThrow();
    expect((await former.list()).map(({ path }) => path).filter((path) => path.startsWith("tresor"))).toEqual([]);
    await expect(
      server.submitter("jeanne-roux").sendMail({ ...SUBMIT, from: "tresor@asso.test" }),
    ).rejects.toMatchObject({ responseCode: 553 });
    await tom.logout();
    await former.logout();
  }, 60_000);

  test("lets nobody in who is no longer declared", async () => {
    const without = { ...handedOver, accounts: handedOver.accounts.filter(({ login }) => login !== "jeanne-roux") };
    const boxes = without.boxes.map((box) => (box.address === "jeanne@asso.test" ? { ...box, owner: undefined } : box));
    const { "jeanne-roux": _, ...others } = passwords;
    await server.start({ ...without, boxes }, others);
    await expect(server.imap("jeanne-roux", passwords["jeanne-roux"])).rejects.toThrow();
    await expect(server.imap("jeanne@asso.test", passwords["jeanne-roux"])).rejects.toThrow();
    await server.start(handedOver, passwords);
    const back = await server.imap("jeanne-roux");
    expect((await subjects(back)).length).toBeGreaterThan(0);
    await back.logout();
  }, 60_000);
});

describe("rules of one's own", () => {
  test("answers for an absent person, by a script that a ManageSieve client put there", async () => {
    const talk = await Dialogue.open(server.ports.sieve);
    expect(await talk.sieveAnswer()).toContain("STARTTLS");
    talk.send("STARTTLS\r\n");
    expect(await talk.sieveAnswer()).toMatch(/^OK/);
    const { connect } = await import("node:tls");
    talk.socket.removeAllListeners("data");
    const secure = connect({ socket: talk.socket, rejectUnauthorized: false });
    let heard = "";
    secure.on("data", (chunk: Buffer) => {
      heard += chunk;
    });
    const says = (text: string, pattern: RegExp) => {
      heard = "";
      secure.write(text);
      return until(`ManageSieve: ${pattern}`, async () => pattern.test(heard));
    };
    await until("capabilities over TLS", async () => /^OK/m.test(heard));
    const credentials = Buffer.from(`\0tom\0${passwords.tom}`).toString("base64");
    await says(`AUTHENTICATE "PLAIN" "${credentials}"\r\n`, /^OK/m);
    const script = 'require ["vacation"];\r\nvacation :days 1 :subject "Absent" "De retour lundi";\r\n';
    await says(`PUTSCRIPT "absent" {${Buffer.byteLength(script)}+}\r\n${script}\r\n`, /^OK/m);
    await says(`SETACTIVE "absent"\r\n`, /^OK/m);
    secure.destroy();

    await server.submitter("jeanne-roux").sendMail({ ...SUBMIT, subject: token() });
    const jeanne = await server.imap("jeanne-roux");
    const reply = (await message(jeanne, "Absent")).toString();
    expect(reply).toMatch(/^Auto-Submitted: auto-replied/m);
    expect(reply).toMatch(/^DKIM-Signature:/m);

    // Once is enough for one correspondent, and machines are not answered at all.
    const tom = await server.imap("tom");
    const delivered = async (send: (subject: string) => Promise<unknown>) => {
      const subject = token();
      await send(subject);
      await message(tom, subject);
      await until("nothing waits", async () => (await server.exec("postqueue", "-j")) === "");
    };
    await delivered((subject) => server.submitter("jeanne-roux").sendMail({ ...SUBMIT, subject }));
    await delivered((subject) =>
      server.submitter("lou").sendMail({
        ...{ from: "cantine@xn--cole-9oa.test", to: "tom@asso.test", subject, text: "Lettre" },
        headers: { Precedence: "bulk", "List-Id": "<lettre.example.net>", "Auto-Submitted": "auto-generated" },
      }),
    );
    await tom.logout();
    expect((await subjects(jeanne)).filter((subject) => subject === "Absent")).toHaveLength(1);
    await jeanne.logout();
    const lou = await server.imap("lou");
    expect(await subjects(lou)).not.toContain("Absent");
    await lou.logout();
    await server.exec("doveadm", "sieve", "deactivate", "-u", "tom");
  }, 90_000);

  test("ends when two people send on to each other, and each has the message", async () => {
    const redirecting = [
      ["tom", "zoe@asso.test"],
      ["zoe", "tom@asso.test"],
    ] as const;
    for (const [user, to] of redirecting) {
      const script = `require ["copy"];\nredirect :copy "${to}";\n`;
      expect(await server.feed(script, "doveadm", "sieve", "put", "-u", user, "-a", "round")).toBe(0);
    }
    const subject = token();
    await server.submitter("jeanne-roux").sendMail({ ...SUBMIT, subject });
    const tom = await server.imap("tom");
    // By way of the machine: guessing has locked Zoé's own programs out for a while.
    const ofZoe = () => server.exec("doveadm", "fetch", "-u", "zoe", "uid", "mailbox", "INBOX", "subject", subject);
    await message(tom, subject);
    await until("it has come to both, and nothing goes round any more", async () => {
      return (await ofZoe()).includes("uid:") && (await server.exec("postqueue", "-j")) === "";
    });
    expect((await subjects(tom)).filter((one) => one === subject).length).toBeLessThanOrEqual(2);
    expect((await ofZoe()).match(/uid:/g)!.length).toBeLessThanOrEqual(2);
    await tom.logout();
    for (const [user] of redirecting) await server.exec("doveadm", "sieve", "deactivate", "-u", user);
  }, 60_000);
});

describe("when things break", () => {
  /** The server's log lines on a message, by the names under which it came and was queued, and the boxes that hold it. */
  const whatBecameOf = async (id: string): Promise<string> => {
    const lines = (await server.logs()).split("\n");
    const queued = lines
      .filter((line) => line.includes(id))
      .flatMap((line) => line.match(/: (\w{10,}): message-id=/)?.[1] ?? []);
    const boxes = await server.exec("doveadm", "fetch", "-A", "user mailbox hdr.subject", "SUBJECT", id);
    return [...lines.filter((line) => [id, ...queued].some((name) => line.includes(name))), boxes].join("\n");
  };

  test("loses no accepted message when all is killed in the middle of two thousand", async () => {
    const run = token();
    const accepted = new Set<string>();
    const total = 2000;
    let next = 0;
    const worker = async () => {
      while (next < total) {
        const number = next++;
        const id = `${run}-${number}`;
        // As a mail server does: tries again until it is answered 250; a killed one may therefore deliver one twice.
        await until(
          `message ${number} accepted`,
          async () => {
            const talk = await smtp(server.ports.smtp);
            try {
              while (true) {
                if (!(await talk.say("MAIL FROM:<a@example.net>")).startsWith("250")) return false;
                if (!(await talk.say("RCPT TO:<jeanne@asso.test>")).startsWith("250")) return false;
                if (!(await talk.say("DATA")).startsWith("354")) return false;
                const text = `From: a@example.net\r\nTo: jeanne@asso.test\r\nSubject: ${id}\r\nMessage-ID: <${id}@example.net>\r\nDate: ${new Date().toUTCString()}\r\n\r\nNuméro ${number}\r\n.`;
                if (!(await talk.say(text)).startsWith("250")) return false;
                accepted.add(id);
                return true;
              }
            } finally {
              talk.close();
            }
          },
          120,
        );
      }
    };
    const kills = async () => {
      for (const at of [400, 900, 1500]) {
        await until(`${at} accepted`, async () => accepted.size >= at, 240);
        await docker("kill", "--signal", "KILL", server.name);
        await docker("start", server.name);
        await server.healthy();
      }
    };
    await Promise.all([...Array.from({ length: 8 }, worker), kills()]);
    expect(accepted.size).toBe(total);
    await until("the queue is empty", async () => (await server.exec("postqueue", "-j")) === "", 120);
    const client = await server.imap("jeanne-roux");
    const found = new Set((await subjects(client)).filter((subject) => subject.startsWith(run)));
    const missing = [...accepted].filter((id) => !found.has(id));
    // What became of the first of them says more than its number.
    const told = missing.length === 0 ? "" : await whatBecameOf(missing[0]!);
    expect(missing, told).toEqual([]);
    await client.logout();
  }, 300_000);

  test("shows what comes to a box that somebody had locked when all was killed", async () => {
    await docker("kill", "--signal", "KILL", server.name);
    // The number in the lock is of a process that lives again: it would be believed for as long.
    await docker(
      ...["run", "--rm", "--volumes-from", server.name, "--entrypoint", "sh", "vigie-test/mail", "-c"],
      "cd /var/mail/boxes/jeanne@asso.test/Maildir && printf 1:mail >dovecot-uidlist.lock && chown vmail:vmail dovecot-uidlist.lock",
    );
    await docker("start", server.name);
    await server.healthy();
    const subject = token();
    await server.stranger().sendMail({ from: "parent@example.net", to: "jeanne@asso.test", subject, text: "Bonjour" });
    const client = await server.imap("jeanne-roux");
    expect((await message(client, subject)).toString()).toContain("Bonjour");
    await client.logout();
  }, 120_000);

  test("counts nothing as waiting that its sender had not finished when all was killed", async () => {
    const talk = await smtp(server.ports.smtp);
    await talk.say("MAIL FROM:<a@example.net>");
    await talk.say("RCPT TO:<tom@asso.test>");
    await talk.say("DATA");
    talk.send(`Subject: half\r\n\r\n${"Une ligne parmi d'autres\r\n".repeat(4000)}`);
    const halves = () =>
      server.exec("find", "/var/lib/vigie-mail/queue/incoming", "-type", "f", "-not", "-perm", "-u=x");
    await until("half a message on disk", async () => (await halves()) !== "");
    await docker("kill", "--signal", "KILL", server.name);
    talk.close();
    await docker("start", server.name);
    await server.healthy();
    expect(await halves()).not.toBe("");
    const counted = "from vigie_mail import status; print(status.queue())";
    expect((await server.exec("python3", "-c", counted)).trim()).toBe(
      "{'active': 0, 'deferred': 0, 'hold': 0, 'oldest': None}",
    );
  }, 60_000);

  test("keeps what it has accepted while a disk is full, and delivers it afterwards", async () => {
    const small = new MailServer("small");
    try {
      await docker(
        "volume",
        "create",
        ...["--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", "o=size=8m"],
        small.volumes[0]!,
      );
      await small.start(config, passwords);
      const client = await small.imap("tom");
      await small.exec("dd", "if=/dev/zero", "of=/var/mail/filler", "bs=64k").catch(() => "full");
      await small
        .stranger()
        .sendMail({ from: "a@example.net", to: "tom@asso.test", subject: "during", text: "x".repeat(200_000) });
      await until("it waits in the queue", async () => (await small.exec("postqueue", "-j")).includes("delay_reason"));
      await small.exec("rm", "/var/mail/filler");
      await small.exec("postqueue", "-f");
      await message(client, "during", "INBOX", 60);
      await client.logout();
    } finally {
      await small.remove();
    }
  }, 120_000);

  test("asks senders to try again when its own disk has no room for another message", async () => {
    const narrow = new MailServer("narrow");
    try {
      await docker(
        "volume",
        "create",
        ...["--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", "o=size=160m"],
        narrow.volumes[1]!,
      );
      await narrow.start(config, passwords);
      // Rspamd still gives back room just after its start: the disk is filled until it stays full.
      await until("452", async () => {
        await narrow.exec("dd", "if=/dev/zero", "of=/var/lib/vigie-mail/filler", "bs=64k").catch(() => "full");
        const answer = await envelope(narrow.ports.smtp, "MAIL FROM:<a@example.net> SIZE=1000000");
        return answer.startsWith("452 4.3.1");
      });
    } finally {
      await narrow.remove();
    }
  }, 120_000);

  test("stops at once, says so, and starts again clean when one of its servers dies", async () => {
    const pid = (
      await server.exec("sh", "-c", "cat /proc/[0-9]*/stat | grep '(rspamd)' | cut -d' ' -f1 | sort -n | head -1")
    ).trim();
    await server.exec("kill", "-KILL", pid);
    await until("the container stopped", async () =>
      (await docker("inspect", "--format", "{{.State.Running}} {{.State.ExitCode}}", server.name)).startsWith(
        "false 1",
      ),
    );
    expect(await server.logs()).toContain("rspamd has ended by itself");
    await docker("start", server.name);
    await server.healthy();
    const client = await server.imap("tom");
    await client.logout();
  }, 60_000);
});

describe("the lookout's checks", () => {
  const trusting = async () => {
    const { createSecureContext } = await import("node:tls");
    const secureContext = createSecureContext({ ca: await server.exec("cat", "/run/vigie/tls/cert.pem") });
    return resources({ trust: { secureContext: () => secureContext } as never });
  };
  const at = (port: "smtp" | "imaps" | "submissions") => `127.0.0.1:${server.ports[port]}`;
  const common = async () => ({ own: await trusting(), timeoutMs: 30_000 });
  const serverName = "mail.asso.test";

  test("find the real server well: it greets, offers TLS with its certificate, and relays for nobody", async () => {
    expect(await runCheck(smtpCheck, { address: at("smtp"), serverName, minSize: 1000 }, await common())).toMatchObject(
      { ok: true },
    );
    expect(await runCheck(smtpCheck, { address: at("smtp"), serverName }, await common())).toMatchObject({
      reason: "wrong-reply",
    });
    expect(await runCheck(smtpCheck, { address: at("smtp"), minSize: 0 }, { timeoutMs: 30_000 })).toMatchObject({
      ok: false,
    });
  });

  test("sign in, and tell a wrong password from a server that is down", async () => {
    await withPassword(passwords.tom!, async (file) => {
      const account = { login: "tom", password: { file } };
      expect(await runCheck(imapCheck, { address: at("imaps"), serverName, account }, await common())).toMatchObject({
        ok: true,
      });
    });
    await withPassword("not-this-one", async (file) => {
      const account = { login: "tom", password: { file } };
      expect(await runCheck(imapCheck, { address: at("imaps"), serverName, account }, await common())).toMatchObject({
        ok: false,
        reason: "wrong-password",
      });
    });
  });

  test("send a message round and leave nothing behind", async () => {
    await withPassword(passwords.tom!, async (file) => {
      const input = {
        address: "tom@asso.test",
        submit: at("submissions"),
        read: at("imaps"),
        serverName,
        login: "tom",
        password: { file },
      };
      const outcome = await runCheck(roundTrip, input, await common());
      expect(outcome).toMatchObject({ ok: true, measures: { delivery_seconds: expect.any(Number) } });
    });
    const client = await server.imap("tom");
    expect((await subjects(client)).filter((subject) => subject.startsWith("vigie-probe"))).toEqual([]);
    await client.logout();
  });

  async function withPassword(password: string, use: (file: string) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), "vigie-mail-"));
    try {
      await writeFile(join(folder, "password"), password, { mode: 0o600 });
      await use(join(folder, "password"));
    } finally {
      await rm(folder, { recursive: true });
    }
  }
});

describe("what the lookout is told", () => {
  const ask = (authorization: string) =>
    server.exec(
      ...["python3", "-c"],
      `import urllib.request as u
try:
  print(u.urlopen(u.Request("http://127.0.0.1:4002/status", headers={"Authorization": "${authorization}"})).read().decode())
except u.HTTPError as error:
  print(error.code)`,
    );

  test("is the queue, the boxes and the key, and nothing to whoever has no token", async () => {
    // It looks every twenty seconds, and the server has just been started anew.
    const told = await until(
      "the boxes are known and the queue is empty",
      async () => {
        const found = JSON.parse(await ask("Bearer what-opens-the-state-to-the-tests"));
        expect(found).toMatchObject({
          queue: { active: 0, deferred: 0, hold: 0, oldest: null },
          keys: { active: expect.any(String) },
          boxes: expect.arrayContaining([expect.objectContaining({ address: "zoe@asso.test" })]),
        });
        return found;
      },
      60,
    );
    expect(told.boxes.find(({ address }: { address: string }) => address === "zoe@asso.test")).toMatchObject({
      limit: 1_048_576,
      owner: "zoe",
    });
    for (const wrong of ["", "Bearer", "Bearer wrong", "what-opens-the-state-to-the-tests"])
      expect((await ask(wrong)).trim(), wrong).toBe("401");
  });

  test("makes the boxes' check fail, and thereby MailboxFull fire, once a box uses nine tenths of its quota", async () => {
    await withToken(async (token) => {
      const look = async () => {
        // As the server does every five minutes for the boxes.
        await server.exec("python3", "-c", "from vigie_mail import config, status; status.gather(config.read())");
        return runCheck(boxesCheck, { url: `http://127.0.0.1:${server.ports.status}/status`, token });
      };
      await server.exec("doveadm", "expunge", "-u", "zoe", "mailbox", "INBOX", "all");
      expect(await look()).toMatchObject({ ok: true });
      const text = `From: a@example.net\nSubject: large\n\n${`${"x".repeat(70)}\n`.repeat(13_600)}`;
      expect(await server.feed(text, "doveadm", "save", "-u", "zoe", "-m", "INBOX")).toBe(0);
      expect(await look()).toMatchObject({
        ok: false,
        reason: "box-full",
        message: expect.stringMatching(/^almost full: zoe@asso\.test \(9[1-4] %\)$/),
      });
      await server.exec("doveadm", "expunge", "-u", "zoe", "mailbox", "INBOX", "all");
      expect(await look()).toMatchObject({ ok: true });
    });
    expect(alertOf({ kind: "mail-boxes" } as Check)).toBe("MailboxFull");
  });

  const withToken = async (use: (token: { file: string }) => Promise<void>): Promise<void> => {
    const folder = await mkdtemp(join(tmpdir(), "vigie-mail-"));
    try {
      await writeFile(join(folder, "token"), "what-opens-the-state-to-the-tests", { mode: 0o600 });
      await use({ file: join(folder, "token") });
    } finally {
      await rm(folder, { recursive: true });
    }
  };

  test("dates a message from its arrival, however often it was tried since", async () => {
    const python = `
import time
from vigie_mail import status
now = time.time()
digits = status.DIGITS
def identifier(seconds):
    text = ""
    while seconds:
        seconds, digit = divmod(seconds, 52)
        text = digits[digit] + text
    return text
print(status.arrival(identifier(int(now)) + "0000zABC") == int(now), status.arrival("ABC123"), status.arrival("zzzzzzzzzzzzzz"))`;
    expect((await server.exec("python3", "-c", python)).trim()).toBe("True None None");
    const listed = await server.exec("postconf", "enable_long_queue_ids");
    expect(listed).toContain("yes");
  });
});

describe("its own resolver", () => {
  const python = (code: string) =>
    server.exec("python3", "-c", `from vigie_mail import config, keys, resolver\n${code}`);

  test("answers what name servers answer, and tells what is not there from what does not answer", async () => {
    expect(await python('print(resolver.texts("example.net"))')).toMatch(/^\['v=spf1 ip4:/);
    expect((await python('print(resolver.texts("nothing.example.net"))')).trim()).toBe("[]");
    expect((await python('print(resolver.texts("example.net", port=1))')).trim()).toBe("None");
  });

  test("asks where our zones are served, and follows that server when it moves", async () => {
    const conf = await python(`
declared = {"dns": {"host": "names", "port": 53}, "domains": ["asso.test"], "spam": {"askOthers": False}}
print(resolver.conf(declared, "192.0.2.53", ["127.0.0.11"]))
print("---")
print(resolver.conf({**declared, "spam": {"askOthers": True}}, None, ["127.0.0.11"]))`);
    const [beside, alone] = conf.split("---\n");
    expect(beside).toContain('stub-zone:\n  name: "asso.test."\n  stub-addr: 192.0.2.53@53');
    expect(beside).toContain("forward-addr: 127.0.0.11");
    expect(alone).not.toMatch(/stub-zone|forward-zone/);
  });

  test("keeps a key from signing before the world finds it", async () => {
    expect(
      await python(
        'print(keys.unpublished(config.read(), keys.waiting(keys.load(), config.read()["dkim"]["selectors"])))',
      ),
    ).toMatch(/_domainkey\.asso\.test/);
    const due = `
import time
declared = {**config.read()}
declared["dkim"] = {**declared["dkim"], "lifeDays": 30}
before = keys.load()
known = {record["name"]: [record["value"]] for record in keys.records(declared)}
saved = []
keys.save = lambda declared, state: saved.append(state.active)
later = time.time() + 31 * 86400
keys.hand_over_if_due(declared, time.time(), known.get)
keys.hand_over_if_due(declared, later, lambda name: [])
keys.hand_over_if_due(declared, later, known.get)
print(len(saved), before.retired == {} and saved == [keys.waiting(before, declared["dkim"]["selectors"])])`;
    // The tests have handed over once already: the other key is still published, and must not sign again.
    expect((await python(due)).trim().split("\n").at(-1)).toMatch(/^(1 True|0 False)$/);
  });
});

describe("what is planted in it, to be found in what is restored", () => {
  const canary = (...words: string[]): Promise<number> => server.feed("", "vigie-canary", ...words);

  test("is in the lookout's own box alone, is found by its whole value, and missed where it is gone", async () => {
    expect(await canary("plant", "canary-first-1")).toBe(0);
    expect(await canary("plant", "canary-second-2")).toBe(0);
    // Older snapshots hold the value of their time.
    for (const value of ["canary-first-1", "canary-second-2"]) expect(await canary("find", value), value).toBe(0);
    for (const value of ["canary-third-3", "canary-second"]) expect(await canary("find", value), value).toBe(1);
    const client = await server.imap("vigie-probe");
    expect(await subjects(client, "Canaries")).toEqual(["Vigie: canary-first-1", "Vigie: canary-second-2"]);
    expect((await subjects(client)).filter((subject) => subject.includes("canary"))).toEqual([]);
    await client.logout();
    await server.exec("doveadm", "expunge", "-u", "vigie-probe", "mailbox", "Canaries", "all");
    expect(await canary("find", "canary-second-2")).toBe(1);
    for (const wrong of [["plant"], ["dig", "canary-first-1"], ["plant", "../../etc/passwd"], ["plant", "short"]])
      expect(await canary(...wrong), wrong.join(" ")).toBe(64);
  });
});

describe("what it costs and shows", () => {
  test("stays under 600 MB at rest", async () => {
    const bytes = Number(
      await server.exec(
        "sh",
        "-c",
        "cat /sys/fs/cgroup/memory.current 2>/dev/null || cat /sys/fs/cgroup/memory/memory.usage_in_bytes",
      ),
    );
    expect(bytes).toBeLessThan(600e6);
  });

  test("does nothing while there is nothing to do, with a certificate that was given to it", async () => {
    await server.give({
      "tls/key.pem": await server.exec("cat", "/run/vigie/tls/key.pem"),
      "tls/cert.pem": await server.exec("cat", "/run/vigie/tls/cert.pem"),
    });
    // Hundredths of a second, of the process that watches over the others and of all that it has started and buried.
    const used = async (): Promise<number> =>
      (await server.exec("cut", "-d ", "-f14-17", "/proc/1/stat"))
        .trim()
        .split(" ")
        .reduce((sum, ticks) => sum + Number(ticks), 0);
    // The end of any program wakes it.
    await server.exec("kill", "-CHLD", "1");
    const before = await used();
    await wait(10_000);
    expect((await used()) - before).toBeLessThan(100);
  });

  test("writes no password in its log, its processes' arguments or its environment", async () => {
    const everything =
      (await server.logs()) +
      (await server.exec("sh", "-c", "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\0' ' '"));
    for (const secret of Object.values(passwords)) {
      expect(everything).not.toContain(secret);
      expect(everything).not.toContain(createHash("sha256").update(secret).digest("hex"));
    }
  });

  test("names everything that is wrong with its configuration in one line", async () => {
    const broken = new MailServer("broken");
    try {
      const boxes = [{ address: "a@other.test", kind: "role", delegates: ["x"] }];
      const said = await broken.startInVain({ hostname: "mail", domains: ["asso.test"], boxes });
      expect(said.trim().split("\n")).toHaveLength(1);
      expect(said).toMatch(
        /\/etc\/vigie\/mail\.json: hostname is 'mail'.*'a@other\.test' is not an address in asso\.test.*no account 'x'/,
      );
    } finally {
      await broken.remove();
    }
  }, 120_000);
});
