import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { createDAVClient } from "tsdav";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCards } from "../../cli/contacts/vcard.ts";
import { cardsOf } from "../../cli/contacts.ts";
import { docker, until } from "../stacks/services/mail/server.ts";

const run = promisify(execFile);
const NAME = `vigie-test-contacts-${process.pid}`;
const IMAGE = "vigie-test/contacts";
const passwords: Record<string, string> = { lea: "first-of-lea-1", tom: "first-of-tom-2", zoe: "first-of-zoe-3" };

/** Léa and Tom keep the suppliers, Zoé only reads them; the other book is Tom's alone. */
const config = {
  association: "L'Asso",
  lang: "fr",
  logins: ["lea", "tom", "zoe"],
  directory: [
    {
      uid: "role-treasurer@asso.test",
      kind: "group",
      name: "Trésorier·ère",
      email: "tresor@asso.test",
      teams: ["Bureau"],
      note: "Léa",
    },
    {
      uid: "person-lea@asso.test",
      kind: "individual",
      name: "Léa; Martin",
      email: "lea@asso.test",
      title: "Trésorière",
      teams: [],
    },
  ],
  books: [
    { id: "suppliers", name: "Fournisseurs", writers: ["lea", "tom"], readers: ["zoe"] },
    { id: "private", name: "À Tom", writers: ["tom"], readers: [] },
  ],
};

let url = "";

async function start(declared: object): Promise<void> {
  await docker("rm", "--force", "--volumes", NAME).catch(() => "");
  await docker(
    ...["create", "--name", NAME, "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"],
    ...[
      "--pids-limit",
      "200",
      "--memory",
      "128m",
      "--memory-swap",
      "128m",
      "--tmpfs",
      "/tmp:rw,nosuid,nodev,noexec,size=16m,mode=1777",
    ],
    ...["--volume", "/etc/vigie", "--volume", `${NAME}:/var/lib/radicale`, "--publish", "127.0.0.1::5232"],
    IMAGE,
  );
  const folder = mkdtempSync(join(tmpdir(), "vigie-contacts-"));
  try {
    const files = {
      "contacts.json": JSON.stringify(declared),
      ...Object.fromEntries(
        Object.entries(passwords).map(([login, password]) => [`passwords/${login}`, `${password}\n`]),
      ),
    };
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    await docker("cp", `${folder}/.`, `${NAME}:/etc/vigie/`);
  } finally {
    rmSync(folder, { recursive: true });
  }
  await docker("start", NAME);
  await until("healthy", async () => (await docker("exec", NAME, "/usr/local/bin/healthy")) === "", 60);
  url = `http://127.0.0.1:${(await docker("port", NAME, "5232")).trim().split(":").at(-1)}`;
}

/** A CardDAV program that is told the address, a login and a password, and nothing else. */
const program = (login: string, password = passwords[login]!) =>
  createDAVClient({
    serverUrl: `${url}/`,
    credentials: { username: login, password },
    authMethod: "Basic",
    defaultAccountType: "carddav",
  });

async function books(login: string) {
  const client = await program(login);
  const found = await client.fetchAddressBooks();
  return { client, books: new Map(found.map((book) => [book.url.split("/").filter(Boolean).at(-1)!, book])) };
}

const card = (uid: string, name: string): string =>
  `BEGIN:VCARD\r\nVERSION:3.0\r\nUID:${uid}\r\nFN:${name}\r\nN:${name};;;;\r\nEMAIL:${uid}@x.example\r\nEND:VCARD\r\n`;

/** The image's own command, with something to read. */
async function command(input: string, ...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn("docker", ["exec", "--interactive", NAME, "vigie-contacts", ...words]);
    const said = { stdout: "", stderr: "" };
    child.stdout.on("data", (text) => (said.stdout += text));
    child.stderr.on("data", (text) => (said.stderr += text));
    child.on("close", (code) => resolve({ code: code ?? 1, ...said }));
    child.stdin.end(input);
  });
}

beforeAll(async () => {
  await run("docker", ["build", "--quiet", "--tag", IMAGE, "stacks/services/contacts/image"], { maxBuffer: 64e6 });
  await start(config);
}, 300_000);

afterAll(async () => {
  await docker("rm", "--force", "--volumes", NAME).catch(() => "");
  await docker("volume", "rm", "--force", NAME).catch(() => "");
});

describe("a CardDAV program", () => {
  test("finds the books that an account may see by itself, with their names", async () => {
    const names = async (login: string) =>
      [...(await books(login)).books.values()].map(({ displayName }) => displayName).sort();
    expect(await names("tom")).toEqual(["Annuaire", "Fournisseurs", "À Tom"].sort());
    expect(await names("zoe")).toEqual(["Annuaire", "Fournisseurs"]);
  });

  test("reads the directory as it was declared, and cannot change it", async () => {
    const { client, books: found } = await books("zoe");
    const directory = found.get("annuaire")!;
    const cards = readCards(
      (await client.fetchVCards({ addressBook: directory })).map(({ data }) => data).join("\r\n"),
    );
    expect(cards).toHaveLength(2);
    expect(cards).toContainEqual(
      expect.objectContaining({
        given: "Léa;",
        family: "Martin",
        emails: [expect.objectContaining({ value: "lea@asso.test" })],
      }),
    );
    expect(cards.find(({ emails }) => emails[0]?.value === "lea@asso.test")).not.toHaveProperty("shown");
    expect(cards).toContainEqual(
      expect.objectContaining({
        family: "Trésorier·ère",
        emails: [expect.objectContaining({ value: "tresor@asso.test" })],
        note: "Léa",
        categories: ["Bureau"],
      }),
    );
    const answer = await client.createVCard({ addressBook: directory, filename: "x.vcf", vCardString: card("x", "X") });
    expect(answer.status).toBe(403);
  });

  test("writes where its team may, and the others of the team see it; readers are refused", async () => {
    const tom = await books("tom");
    const made = await tom.client.createVCard({
      addressBook: tom.books.get("suppliers")!,
      filename: "bakery.vcf",
      vCardString: card("bakery", "Boulangerie Ço"),
    });
    expect(made.status).toBe(201);
    const lea = await books("lea");
    const [seen] = await lea.client.fetchVCards({ addressBook: lea.books.get("suppliers")! });
    expect(readCards(seen!.data)[0]).toMatchObject({ uid: "bakery", emails: [{ value: "bakery@x.example" }] });
    const zoe = await books("zoe");
    const refused = await zoe.client.deleteVCard({
      vCard: { url: `${zoe.books.get("suppliers")!.url}bakery.vcf`, etag: "" },
    });
    expect(refused.status).toBe(403);
  });

  test("is refused another's book by its address, another's home, and everything with a wrong password", async () => {
    const as = (login: string, path: string, password = passwords[login]!) =>
      fetch(`${url}${path}`, {
        method: "PROPFIND",
        headers: { depth: "1", authorization: `Basic ${btoa(`${login}:${password}`)}` },
      }).then(({ status }) => status);
    expect(await as("zoe", "/tom/private/")).toBe(403);
    expect(await as("zoe", "/tom/")).toBe(403);
    expect(await as("zoe", "/vigie/private/")).toBe(403);
    expect(await as("zoe", "/zoe/private/")).not.toBe(207);
    expect(await as("tom", "/tom/private/")).toBe(207);
    expect(await as("zoe", "/zoe/", "guessed")).toBe(401);
    expect((await fetch(`${url}/zoe/`, { method: "PROPFIND" })).status).toBe(401);
  });
});

describe("the command", () => {
  test("brings a spreadsheet of Outlook in, once, and gives it out again", async () => {
    const text =
      'Nom;Prénom;Société;Adresse de messagerie;Tél. mobile\r\n"Roux";"Hélène";"Ferme de l\'Été";"helene@x.example";"06 39 98 01 09"\r\n';
    const cards = cardsOf("a.csv", Buffer.from(text, "latin1"));
    expect(JSON.parse((await command(cards, "import", "suppliers", "--dry-run")).stdout)).toEqual({
      added: 1,
      replaced: 0,
    });
    expect((await command("", "export", "suppliers")).stdout).not.toContain("Roux");
    expect(JSON.parse((await command(cards, "import", "suppliers")).stdout)).toEqual({ added: 1, replaced: 0 });
    expect(JSON.parse((await command(cards, "import", "suppliers")).stdout)).toEqual({ added: 0, replaced: 1 });
    const all = readCards((await command("", "export", "suppliers")).stdout);
    expect(all).toContainEqual(
      expect.objectContaining({
        given: "Hélène",
        family: "Roux",
        organisation: "Ferme de l'Été",
        phones: [{ place: "mobile", value: "+33639980109" }],
      }),
    );
    const { client, books: found } = await books("zoe");
    expect(
      (await client.fetchVCards({ addressBook: found.get("suppliers")! })).some(({ data }) => data.includes("Hélène")),
    ).toBe(true);
  });

  test("takes cards of old programs (vCard 2.1) for what they are, and those without a UID once", async () => {
    const old = [
      ...["BEGIN:VCARD", "VERSION:2.1", "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Etch=C3=A9;Ma=C3=AFt=C3=A9;;;"],
      ...["FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Ma=C3=AFt=C3=A9 Etch=C3=A9", "TEL;CELL;PREF:0639980105"],
      ...["NOTE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Ligne une=0D=0A=", "ligne deux"],
      ...["PHOTO;TYPE=JPEG;ENCODING=BASE64:", " /9j/4AAQSkZJRgABAQAAAQABAAD/2wBD", "", "END:VCARD", ""],
    ].join("\r\n");
    const apple =
      "BEGIN:VCARD\r\nVERSION:3.0\r\nN:;;;;\r\nFN:Boulangerie Ço\r\nORG:Boulangerie Ço;\r\nTEL;type=MAIN:05 59 00 00 02\r\nEND:VCARD\r\n";
    expect(JSON.parse((await command(old + apple, "import", "suppliers")).stdout)).toEqual({ added: 2, replaced: 0 });
    expect(JSON.parse((await command(old + apple, "import", "suppliers")).stdout)).toEqual({ added: 0, replaced: 2 });
    const exported = (await command("", "export", "suppliers")).stdout;
    expect(exported).not.toContain("VERSION:2.1");
    expect(exported.replace(/\r\n /g, "")).toContain("PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQAAAQABAAD/2wBD");
    expect(readCards(exported)).toContainEqual(
      expect.objectContaining({
        given: "Maïté",
        family: "Etché",
        phones: [{ place: "mobile", value: "0639980105" }],
        note: "Ligne une\nligne deux",
      }),
    );
  });

  test("stores nothing of a file with a card that cannot be read, nor in the directory", async () => {
    const bad = await command(
      `${card("good", "Bon")}BEGIN:VCARD\r\nVERSION:3.0\r\nEMAIL:x@y.example\r\nEND:VCARD\r\n`,
      "import",
      "suppliers",
    );
    expect(bad).toMatchObject({ code: 65, stderr: expect.stringContaining("card 2: has no name") });
    expect((await command("", "export", "suppliers")).stdout).not.toContain("UID:good");
    expect(await command(card("a", "A"), "import", "annuaire")).toMatchObject({
      code: 66,
      stderr: expect.stringContaining("declaration"),
    });
  });
});

test("a planted value is found again, another is not", async () => {
  const canary = (...words: string[]) => docker("exec", NAME, "vigie-canary", ...words);
  await canary("plant", "canary-of-today");
  await canary("find", "canary-of-today");
  await expect(canary("find", "canary-of-yesterday")).rejects.toThrow(/does not hold the value/);
});

describe("another declaration", () => {
  test("changes the directory and who sees what, and leaves what members wrote", async () => {
    await start({
      ...config,
      directory: config.directory.slice(0, 1),
      books: [{ id: "suppliers", name: "Fournisseurs", writers: ["zoe"], readers: [] }],
    });
    const zoe = await books("zoe");
    expect([...zoe.books.keys()].sort()).toEqual(["annuaire", "suppliers"]);
    expect(await zoe.client.fetchVCards({ addressBook: zoe.books.get("annuaire")! })).toHaveLength(1);
    expect((await zoe.client.fetchVCards({ addressBook: zoe.books.get("suppliers")! })).length).toBeGreaterThan(1);
    expect([...(await books("tom")).books.keys()]).toEqual(["annuaire"]);
    await start(config);
    expect([...(await books("tom")).books.keys()].sort()).toEqual(["annuaire", "private", "suppliers"]);
  });
});
