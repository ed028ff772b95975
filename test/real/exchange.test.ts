import { randomBytes } from "node:crypto";
import { ImapFlow } from "imapflow";
import { simpleParser } from "mailparser";
import { createTransport } from "nodemailer";
import { createDAVClient } from "tsdav";
import { beforeAll, describe, expect, test } from "vitest";
import type { Inventory } from "../../association/index.ts";
import { readCards } from "../../cli/contacts/vcard.ts";
import { message } from "../stacks/services/mail/server.ts";
import { demo, docker, eventually, fetchFrom, inside, readDemo, STACK, vigie } from "./demo.ts";
import { fetchHere, lookoutPage, plainText, Visitor } from "./web.ts";

const DOMAIN = "tilleuls.localhost";
const MAIL = `mail.${DOMAIN}`;
let inventory: Inventory;
beforeAll(async () => {
  inventory = await readDemo();
});

const account = (port: "submissions" | "imaps", login: string) => ({
  host: "127.0.0.1",
  port: inventory.services.mail!.ports[port]!.published!,
  secure: true,
  servername: MAIL,
  tls: { ca: demo().authority, servername: MAIL },
  auth: { user: login, pass: demo().passwords[login]! },
});

const write = (login: string, to: string, fields: { subject: string; text: string }) =>
  createTransport(account("submissions", login)).sendMail({ from: `lea.martin@${DOMAIN}`, to, ...fields });

async function reader(login: string): Promise<ImapFlow> {
  const client = new ImapFlow({ ...account("imaps", login), logger: false });
  client.on("error", () => {});
  await client.connect();
  return client;
}

/** Has the lookout run a check now; its answer in Prometheus' words. */
const probe = (service: string, check: string): string =>
  fetchFrom("lookout", `http://127.0.0.1:9464/probe?target=${service}&check=${check}`).text;

describe("the demo's lists", () => {
  test("have the members of their teams, and the lookout's list nobody else", () => {
    const subscribers = (list: string) => inside("sympa", "vigie-lists", "subscribers", list);
    expect(subscribers("cooperateurs")).toContain(`paul.faure@${DOMAIN}`);
    expect(subscribers("parents-regents")).toContain(`maite.etcheverry@${DOMAIN}`);
    expect(subscribers("vigie-probe").trim().split("\n")).toEqual([expect.stringContaining(`vigie@${DOMAIN}`)]);
  });

  test("carry what a member writes to the boxes of subscribers, from the list and signed, and show it in the archive", async () => {
    const subject = `Arrivage ${randomBytes(6).toString("hex")}`;
    const paul = await reader("paul-faure");
    await write("lea-martin", `cooperateurs@${DOMAIN}`, { subject, text: "Des pommes à partir de jeudi" });
    const got = await simpleParser(await message(paul, subject, "INBOX", 120));
    await paul.logout();
    expect(got.from?.value[0]).toMatchObject({ address: `cooperateurs@${DOMAIN}` });
    expect(got.replyTo?.value[0]).toMatchObject({ address: `lea.martin@${DOMAIN}` });
    expect(got.text).toContain("Des pommes à partir de jeudi");
    expect(String(got.headerLines.find(({ key }) => key === "dkim-signature")?.line)).toContain(`d=${DOMAIN}`);
    const site = demo().urls.sympa!;
    const home = await new Visitor().get(`${site}/sympa/lists`);
    expect(home.status).toBe(200);
    expect(home.text).toContain("cooperateurs");
    expect(home.text).not.toContain("vigie-probe");
    await eventually(async () => {
      const visitor = new Visitor();
      const archive = await visitor.get(`${site}/sympa/arc/cooperateurs`);
      const month = archive.headers.location;
      const page = month === undefined ? archive : await visitor.get(new URL(String(month), site).href);
      expect(plainText(page.text)).toContain(subject);
      // Whoever harvests addresses finds none (N35).
      expect(page.text).not.toContain(`lea.martin@${DOMAIN}`);
    }, 120);
  });

  test("come back one by one from a snapshot, with their subscribers of then", async () => {
    const folder = "/var/lib/vigie-lists/lists/parents-regents";
    const asked = (query: string) => inside("sympa", "sqlite3", "/var/lib/vigie-lists/sympa.sqlite", query);
    const saved = await vigie(["backup", "--stack", STACK, "--service", "sympa"]);
    expect(saved.code, saved.stderr).toBe(0);
    inside("sympa", "rm", "-r", folder);
    asked("DELETE FROM subscriber_table WHERE list_subscriber = 'parents-regents'");
    const words = ["restore", "--stack", STACK, "--service", "sympa", "--snapshot", "latest"];
    const restored = await vigie([...words, "--item", "list:parents-regents", "--in-place", "--yes"]);
    expect(restored.code, restored.stderr).toBe(0);
    expect(inside("sympa", "vigie-lists", "subscribers", "parents-regents")).toContain(`maite.etcheverry@${DOMAIN}`);
    expect(inside("sympa", "stat", "-c", "%U", `${folder}/config`)).toBe("sympa\n");
  });

  test("say no to a stranger at the door of a list that there is not", async () => {
    await expect(write("lea-martin", `nulle-part@${DOMAIN}`, { subject: "x", text: "x" })).rejects.toThrow(/5\.1\.1/);
  });
});

describe("the demo's address books", () => {
  test("are found by a member's program through the proxy, with the address and the first password alone", async () => {
    const client = await createDAVClient({
      serverUrl: `${demo().urls.contacts!}/`,
      credentials: { username: "jeanne-roux", password: demo().passwords["jeanne-roux"]! },
      authMethod: "Basic",
      defaultAccountType: "carddav",
      fetch: fetchHere,
    });
    const books = await client.fetchAddressBooks();
    const named = new Map(books.map((book) => [String(book.displayName), book]));
    expect([...named.keys()].sort()).toEqual(["Annuaire", "Fournisseurs", "Partenaires"]);
    const cards = await client.fetchVCards({ addressBook: named.get("Annuaire")! });
    const directory = readCards(cards.map(({ data }) => data).join("\r\n"));
    expect(directory.flatMap(({ emails }) => emails.map(({ value }) => value))).toEqual(
      expect.arrayContaining([`tresor@${DOMAIN}`, `lea.martin@${DOMAIN}`]),
    );
    const name = `Mairie ${randomBytes(6).toString("hex")}`;
    const uid = name.replace(" ", "-");
    const written = await client.createVCard({
      addressBook: named.get("Partenaires")!,
      filename: `${uid}.vcf`,
      vCardString: `BEGIN:VCARD\r\nVERSION:3.0\r\nUID:${uid}\r\nFN:${name}\r\nN:${name};;;;\r\nEND:VCARD\r\n`,
    });
    expect(written.status).toBe(201);
    expect(inside("contacts", "vigie-contacts", "export", "partenaires")).toContain(`FN:${name}`);
  });

  test("are closed to who has no password", async () => {
    for (const path of ["/jeanne-roux/annuaire/", "/vigie/annuaire/", "/vigie-probe/", "/nobody/"])
      expect([path, (await new Visitor().get(demo().urls.contacts! + path)).status]).toEqual([path, 401]);
  });
});

describe("the lookout", () => {
  test.each([
    ["sympa", "list-round-trip"],
    ["sympa", "http"],
    ["contacts", "carddav"],
    ["contacts", "http"],
  ])("finds %s well by its check %s", async (service, check) => {
    await eventually(() => expect(probe(service, check)).toMatch(/^probe_success(?:\{[^}]*\})? 1$/m), 240);
  });

  test("measures how long a list takes, and shows lists and address books on the public page", async () => {
    await eventually(async () => {
      const metrics = fetchFrom("lookout", "http://127.0.0.1:9464/metrics").text;
      expect(metrics).toMatch(/^vigie_list_delivery_seconds\{service="sympa"[^}]*\} [\d.e-]+$/m);
    }, 240);
    const page = plainText(await lookoutPage("/"));
    expect(page).toContain("Listes de l'association");
    expect(page).toContain("Carnets d'adresses");
  });

  test("keeps the passwords of lists and address books out of what the engine tells", () => {
    for (const name of ["sympa", "contacts"]) {
      const text = docker("inspect", `${demo().prefix}-${name}`);
      for (const password of Object.values(demo().passwords)) expect(text).not.toContain(password);
    }
  });
});
