import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { XMLParser } from "fast-xml-parser";
import { ImapFlow } from "imapflow";
import { authenticate } from "mailauth";
import { createTransport } from "nodemailer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dnsRecords, isPlaceholder } from "../../association/dns/index.ts";
import type { Inventory } from "../../association/index.ts";
import { answersOf } from "../../cli/dns/answers.ts";
import { ROOT } from "../../cli/places.ts";
import { run } from "../../cli/run.ts";
import { copyDemo, type DemoCopy } from "./copy.ts";
import { attemptInside, demo, docker, eventually, fetchFrom, inside, readDemo, STACK, vigie } from "./demo.ts";
import { Visitor } from "./web.ts";

const DOMAIN = "tilleuls.localhost";
let inventory: Inventory;
let httpsPort: number;
beforeAll(async () => {
  inventory = await readDemo();
  httpsPort = inventory.services.proxy!.ports.https!.published!;
});

const site = (host: string, path: string) => `https://${host}.${DOMAIN}:${httpsPort}${path}`;
const token = (): string => `t${Math.random().toString(36).slice(2)}`;

/** A server as autoconfig describes it. */
interface Described {
  "@_type": string;
  hostname: string;
  port: string;
  socketType: string;
  username: string;
}

/** What a mail program learns from an address alone, as Thunderbird does. */
async function autoconfigured(address: string) {
  const { status, text } = await new Visitor().get(site("autoconfig", `/mail/config-v1.1.xml?emailaddress=${address}`));
  expect(status).toBe(200);
  const parsed = new XMLParser({ ignoreAttributes: false, parseTagValue: false }).parse(text);
  const { incomingServer, outgoingServer } = parsed.clientConfig.emailProvider as Record<string, Described>;
  const place = (server: Described) => ({
    host: server.hostname,
    port: Number(server.port),
    secure: server.socketType === "SSL",
    user: server.username.replace("%EMAILADDRESS%", address),
  });
  return { incoming: place(incomingServer!), outgoing: place(outgoingServer!) };
}

/** `.localhost` is this machine. */
const here = { lookup: undefined };
const tls = (servername: string) => ({ ca: demo().authority, servername });

async function reader(address: string, login: string, pass = demo().passwords[login]!): Promise<ImapFlow> {
  const { incoming } = await autoconfigured(address);
  const client = new ImapFlow({
    host: "127.0.0.1",
    port: incoming.port,
    secure: incoming.secure,
    servername: incoming.host,
    tls: tls(incoming.host),
    auth: { user: login, pass },
    logger: false,
  });
  client.on("error", () => {});
  await client.connect();
  return client;
}

async function sender(address: string, login: string) {
  const { outgoing } = await autoconfigured(address);
  return createTransport({
    ...here,
    host: "127.0.0.1",
    port: outgoing.port,
    secure: outgoing.secure,
    tls: tls(outgoing.host),
    auth: { user: login, pass: demo().passwords[login]! },
  });
}

/** The source of the message with a subject, once it is there. */
const arrived = (client: ImapFlow, folder: string, subject: string): Promise<Buffer> =>
  eventually(async () => {
    const lock = await client.getMailboxLock(folder);
    try {
      await client.noop();
      const [uid] = (await client.search({ header: { subject } }, { uid: true })) || [];
      expect(uid).toBeDefined();
      const found = await client.fetchOne(String(uid), { source: true }, { uid: true });
      return (found as { source: Buffer }).source;
    } finally {
      lock.release();
    }
  }, 60);

describe("mail in the demo", () => {
  it("works with a mail program that knows nothing but an address and a password", async () => {
    const address = `lea.martin@${DOMAIN}`;
    const subject = token();
    const transport = await sender(address, "lea-martin");
    await transport.sendMail({ from: address, to: `tresor@${DOMAIN}`, subject, text: "Bonjour, é" });
    const jeanne = await reader(address, "jeanne-roux");
    const source = await arrived(jeanne, "tresor", subject);
    await jeanne.logout();
    // A receiver believes it, by what the DNS answers.
    const { dkim } = await authenticate(source, { trustReceived: false, resolver: await zoneResolver() });
    expect(dkim.results[0]).toMatchObject({ signingDomain: DOMAIN, status: { result: "pass" } });
  });

  it("tells Outlook its settings in whatever case it asks, and Apple's Mail by a profile that the members' page offers", async () => {
    const visitor = new Visitor();
    for (const path of [
      "/autodiscover/autodiscover.xml",
      "/Autodiscover/Autodiscover.xml",
      "/AutoDiscover/AutoDiscover.xml",
    ]) {
      const { status, text } = await visitor.get(site("autodiscover", path));
      expect([status, text], path).toEqual([200, expect.stringContaining(`<Server>mail.${DOMAIN}</Server>`)]);
    }
    const help = await visitor.get(site("mail", "/"));
    const [, link = ""] = /<a href="([^"]+\.mobileconfig)">/.exec(help.text) ?? [];
    const { status, text } = await visitor.get(site("mail", link));
    expect([status, text]).toEqual([200, expect.stringContaining("<key>IncomingMailServerHostName</key>")]);
  });

  /** Asks the demo's own name server, as it answers now. */
  const zoneResolver = async () => {
    const names = inventory.services.names!.ports.dns!.published!;
    const records = dnsRecords(inventory, await publicKeys());
    const answers = await answersOf(records[DOMAIN]!, `127.0.0.1:${names}`);
    return async (name: string, type: string): Promise<string[][]> => {
      const found = answers(name, type as "TXT");
      if (found.length === 0) throw Object.assign(new Error(name), { code: "ENOTFOUND" });
      return found.map((value) => [value]);
    };
  };

  const publicKeys = async (): Promise<Record<string, string>> => {
    const { records } = JSON.parse(inside("mail", "cat", "/var/lib/vigie-mail-public/dkim.json")) as {
      records: { name: string; value: string }[];
    };
    return Object.fromEntries(records.map(({ name, value }) => [name, value]));
  };

  it("has a zone that answers what is declared, to the last record", async () => {
    const keys = await publicKeys();
    expect(dnsRecords(inventory, keys)[DOMAIN]!.filter(isPlaceholder)).toEqual([]);
    await eventually(async () => {
      const { code, stdout, stderr } = await vigie(["dns", "--check", "--stack", STACK]);
      expect([code, stdout], stderr).toEqual([0, ""]);
    }, 60);
  });

  it("writes that zone, and its records for a registrar's form", async () => {
    const zone = await vigie(["dns", DOMAIN, "--stack", STACK]);
    expect(zone.stdout).toMatch(
      /^\$ORIGIN tilleuls\.localhost\.\n\$TTL 3600\n@ IN SOA ns\.tilleuls\.localhost\. postmaster/,
    );
    expect(zone.stdout).toContain('vigie1._domainkey 3600 IN TXT "v=DKIM1; k=rsa; p=');
    const paste = await vigie(["dns", "--paste", "--stack", STACK]);
    expect(paste.stdout).toMatch(/^@ +MX +3600 +10 +mail\.tilleuls\.localhost$/m);
    expect(await vigie(["dns", "tileuls.localhost", "--stack", STACK])).toMatchObject({ code: 1 });
  });

  it("tells other servers that they must use TLS, and helps members to set their programs up", async () => {
    const policy = await new Visitor().get(site("mta-sts", "/.well-known/mta-sts.txt"));
    expect(policy.text).toContain(`mode: enforce\r\nmx: mail.${DOMAIN}\r\n`);
    const help = await new Visitor().get(site("mail", "/"));
    expect(help.status).toBe(200);
    expect(help.text).toContain(String(inventory.services.mail!.ports.imaps!.published));
    expect((await new Visitor().get(site("mail", "/en.html"))).text).toContain("Setting up your mail");
    expect((await new Visitor().get(site("mail", "/etc/passwd"))).status).toBe(404);
  });

  it("is watched: all its checks are up, and the internal page shows it", async () => {
    // Each asked now, by itself: at their own pace some are run every quarter of an hour, and all of them first while mail still starts.
    const kinds = [
      "smtp",
      "imap",
      "mail-policy",
      "mail-queue",
      "mail-boxes",
      "mail-keys",
      "mail-round-trip",
      "mail-reports",
    ];
    for (const kind of kinds)
      await eventually(() => {
        const { text } = fetchFrom("lookout", `http://127.0.0.1:9464/probe?target=mail&check=${kind}&debug=true`);
        expect(text, text).toMatch(/^probe_success 1$/m);
      }, 90);
    const { status, text } = await new Visitor("lea-martin").get(site("etat", "/mail?lang=en"));
    expect(status).toBe(200);
    expect(text).toContain(`tresor@${DOMAIN}`);
    expect((await new Visitor().get(site("etat", "/mail"))).status).toBe(401);
  });

  it("changes its key while mail flows, and every message verifies by what the DNS answers", async () => {
    const address = `lea.martin@${DOMAIN}`;
    const transport = await sender(address, "lea-martin");
    const run = token();
    let flowing = true;
    // Two a second, and fewer than an account may send in an hour.
    const flow = (async () => {
      let sent = 0;
      for (; flowing && sent < 90; sent++) {
        await transport.sendMail({ from: address, to: address, subject: `${run} ${sent}`, text: "Ça coule" });
        await setTimeout(500);
      }
      return sent;
    })();
    // The next key is too young for the world to know it: refused, unless it is insisted on.
    const hasty = await vigie(["dkim", "rotate", "--stack", STACK]);
    expect(hasty).toMatchObject({ code: 1 });
    expect(hasty.stderr).toMatch(/resolvers may not know it yet|still published/);
    const rotated = await vigie(["dkim", "rotate", "--force", "--stack", STACK]);
    // A kept demo has rotated before, and its overlap lasts two weeks.
    if (rotated.code !== 0) expect(rotated.stderr).toContain("still published");
    const lea = await reader(address, "lea-martin");
    const sources = async (): Promise<Buffer[]> => {
      const lock = await lea.getMailboxLock("INBOX");
      try {
        await lea.noop();
        const uids = (await lea.search({ header: { subject: run } }, { uid: true })) || [];
        if (uids.length === 0) return [];
        return (await lea.fetchAll(uids, { source: true }, { uid: true })).map(({ source }) => source!);
      } finally {
        lock.release();
      }
    };
    const selectorsOf = (messages: readonly Buffer[]) =>
      messages.map((source) => /^DKIM-Signature:[\s\S]*?\bs=(\w+);/m.exec(source.toString())?.[1]);
    const other = rotated.code === 0 ? 2 : 1;
    await eventually(async () => {
      const recent = selectorsOf(await sources());
      expect(new Set(recent).size).toBe(other);
      // Some more after the change.
      expect(recent.filter((selector) => selector === recent.at(-1)).length).toBeGreaterThan(4);
    }, 90);
    flowing = false;
    const sent = await flow;
    const messages = await eventually(async () => {
      const found = await sources();
      expect(found).toHaveLength(sent);
      return found;
    }, 60);
    await lea.logout();
    const resolver = await zoneResolver();
    for (const source of messages) {
      const { dkim } = await authenticate(source, { trustReceived: false, resolver });
      expect(dkim.results[0]).toMatchObject({ signingDomain: DOMAIN, status: { result: "pass", aligned: DOMAIN } });
    }
    expect(await vigie(["dns", "--check", "--stack", STACK])).toMatchObject({ code: 0, stdout: "" });
  });

  it("reads other servers' reports from the lookout's box", async () => {
    const xml = `<feedback><report_metadata><org_name>big.example</org_name><report_id>${token()}</report_id><date_range><begin>1</begin><end>${Math.floor(Date.now() / 1000)}</end></date_range></report_metadata><policy_published><domain>${DOMAIN}</domain></policy_published><record><row><source_ip>192.0.2.77</source_ip><count>4</count><policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>pass</spf></policy_evaluated></row></record></feedback>`;
    const { gzipSync } = await import("node:zlib");
    const address = `lea.martin@${DOMAIN}`;
    const transport = await sender(address, "lea-martin");
    await transport.sendMail({
      from: address,
      to: `vigie@${DOMAIN}`,
      subject: `Report Domain: ${DOMAIN}`,
      text: "report",
      attachments: [
        { filename: "big.example!tilleuls.xml.gz", content: gzipSync(xml), contentType: "application/gzip" },
      ],
    });
    await eventually(() => {
      const { text } = fetchFrom("lookout", "http://127.0.0.1:9464/probe?target=mail&check=mail-reports");
      expect(text).toMatch(/failing\{source="192\.0\.2\.77"\} 0/);
      expect(text).toMatch(/passing\{source="192\.0\.2\.77"\} [48]/);
    }, 90);
  });

  it("gives an emptied box back alone, as it was at a time, and can undo that", async () => {
    const box = `epicerie@${DOMAIN}`;
    const save = (user: string, subject: string, folder = "INBOX") => {
      const text = `From: a@b.example\nSubject: ${subject}\n\nbody\n`;
      const { code, stderr } = attemptInside("mail", ["doveadm", "save", "-u", user, "-m", folder], text);
      expect(code, stderr).toBe(0);
    };
    const subjects = (user: string, folder = "INBOX"): string[] =>
      inside("mail", "doveadm", "-f", "tab", "fetch", "-u", user, "hdr.subject", "mailbox", folder, "all")
        .trim()
        .split("\n")
        .slice(1)
        .sort();
    const restored = async (...words: string[]): Promise<string> => {
      const { code, stderr } = await vigie(["restore", "--stack", STACK, "--service", "mail", ...words, "--yes"]);
      expect(code, stderr).toBe(0);
      await eventually(() => inside("mail", "/usr/local/bin/healthy"), 60);
      return stderr;
    };
    const backUp = async () => {
      const { code, stdout, stderr } = await vigie(["backup", "--stack", STACK, "--service", "mail"]);
      expect(code, stderr).toBe(0);
      expect(stdout).toMatch(/mail-boxes: ok, snapshot [0-9a-f]{8}/);
    };
    inside("mail", "doveadm", "expunge", "-u", box, "mailbox", "INBOX", "all");
    save(box, "kept-1");
    save(box, "kept-2");
    attemptInside("mail", ["doveadm", "mailbox", "create", "-u", box, "Factures"]);
    save(box, "kept-3", "Factures");
    await backUp();
    const then = new Date().toISOString();

    // What came later is saved too: the time asked for decides, not the youngest snapshot.
    save(box, "later");
    await backUp();
    const elsewhere = token();
    save("lea-martin", elsewhere);
    for (const folder of ["INBOX", "Factures"])
      inside("mail", "doveadm", "expunge", "-u", box, "mailbox", folder, "all");
    inside("mail", "doveadm", "mailbox", "delete", "-u", box, "Factures");
    expect(subjects(box)).toEqual([]);

    const item = ["--item", `mailbox:${box}`, "--in-place"];
    const said = await restored("--at", then, ...item);
    expect(subjects(box)).toEqual(["kept-1", "kept-2"]);
    expect(subjects(box, "Factures")).toEqual(["kept-3"]);
    expect(subjects("lea-martin")).toContain(elsewhere);
    // Its holder finds it there, too.
    const paul = await reader(box, "paul-faure");
    await arrived(paul, "epicerie/Factures", "kept-3");
    await paul.logout();

    const [, undo] = /To undo: npm run restore -- .*(--snapshot \w+) /.exec(said)!;
    await restored(...undo!.split(" "), ...item, "--exact");
    expect(subjects(box)).toEqual([]);
    expect(subjects("lea-martin")).toContain(elsewhere);
  });

  it("has the one certificate that the proxy copies for it, and none of the proxy's other keys", async () => {
    const seen = inside("mail", "find", "/srv/certificates", "-type", "f").trim().split("\n").sort();
    expect(seen).toEqual([`/srv/certificates/mail.${DOMAIN}.crt`, `/srv/certificates/mail.${DOMAIN}.key`]);
    const mounts = JSON.parse(docker("inspect", "--format", "{{json .Mounts}}", `${demo().prefix}-mail`)) as {
      Name: string;
    }[];
    expect(mounts.map(({ Name }) => Name)).not.toContain(`${demo().prefix}-proxy-data`);
    const own = inside(
      "proxy",
      "sh",
      "-c",
      `cat /var/lib/caddy/caddy/certificates/*/mail.${DOMAIN}/mail.${DOMAIN}.crt`,
    );
    expect(inside("mail", "cat", "/run/vigie/tls/cert.pem")).toBe(own);
  });

  it("keeps what can be made again out of its snapshots", () => {
    const state = Number(inside("mail", "du", "-sm", "/var/lib/vigie-mail").split("\t")[0]);
    expect(state).toBeLessThan(20);
    expect(inside("mail", "ls", "/var/cache/vigie-mail/rspamd")).toMatch(/\.hsmp/);
  });

  it("takes a password that its owner types, instead of the first one", async () => {
    const [login, first] = ["tom-wilson", demo().passwords["tom-wilson"]!];
    const choose = (password: string) =>
      run(process.execPath, [join(ROOT, "bin", "vigie.mjs"), "password", login, "--choose", "--stack", STACK], {
        cwd: ROOT,
        env: { ...process.env, ...demo().env },
        input: `${password}\n`,
      });
    const signsIn = (password: string) =>
      reader(`tresor@${DOMAIN}`, login, password).then(
        (client) => client.logout().then(() => true),
        () => false,
      );
    expect(await choose("court")).toMatchObject({ code: 65 });
    expect(await signsIn(first)).toBe(true);
    expect(await choose("trois petits chats 17")).toMatchObject({ code: 0 });
    await eventually(async () => expect(await signsIn(first)).toBe(false), 30);
    expect(await signsIn("trois petits chats 17")).toBe(true);
    expect(await choose(first)).toMatchObject({ code: 0 });
    await eventually(async () => expect(await signsIn(first)).toBe(true), 30);
  });

  it("keeps its passwords out of sight", () => {
    const text = docker("inspect", `${demo().prefix}-mail`);
    for (const password of Object.values(demo().passwords)) expect(text).not.toContain(password);
  });
});

describe("a hand-over", () => {
  const path = "associations/tilleuls/people.ts";
  const box = `direction.ecole@${DOMAIN}`;
  const folder = "direction.ecole";
  const [former, next] = ["maite-etcheverry", "paul-faure"];
  const history = token();
  let copy: DemoCopy;
  let handedOver = false;
  beforeAll(() => {
    copy = copyDemo({ sharesState: true });
    copy.edit(path, `team: "school",\n    holders: ["${former}"]`, `team: "school",\n    holders: ["${next}"]`);
  });
  /** The declaration of this checkout still has the former holder. */
  const handBack = async () => {
    const { code, stderr } = await vigie(["up", "--stack", STACK]);
    expect(code, stderr).toBe(0);
    handedOver = false;
  };
  afterAll(async () => {
    copy.remove();
    if (handedOver) await handBack();
  });

  const refused = async (login: string) => {
    const client = await reader(box, login);
    await expect(client.mailboxOpen(folder)).rejects.toThrow();
    expect((await client.list()).map(({ path: name }) => name).filter((name) => name.startsWith(folder))).toEqual([]);
    await client.logout();
    const transport = await sender(box, login);
    await expect(
      transport.sendMail({ from: box, to: `tresor@${DOMAIN}`, subject: token(), text: "x" }),
    ).rejects.toMatchObject({ responseCode: 553 });
  };
  const admitted = async (login: string) => {
    const client = await reader(box, login);
    await arrived(client, folder, history);
    await client.logout();
    const transport = await sender(box, login);
    await transport.sendMail({ from: box, to: box, subject: token(), text: "x" });
  };

  it("is announced, and at the next `up` the new holder has the box with its history, the former one nothing, open sessions included", async () => {
    const transport = await sender(`lea.martin@${DOMAIN}`, "lea-martin");
    await transport.sendMail({ from: `lea.martin@${DOMAIN}`, to: box, subject: history, text: "Inscription" });
    const open = await reader(box, former!);
    await arrived(open, folder, history);
    await refused(next!);
    const closed = new Promise((resolve) => open.once("close", () => resolve("closed")));

    const preview = await copy.vigie("preview", "--stack", STACK);
    expect(preview.stdout).toContain(
      `role school-head: Maïté Etcheverry → Paul Faure; mailbox ${box} keeps its history, Maïté Etcheverry no longer gets in`,
    );
    expect(preview.stdout.match(/^role /gm)).toHaveLength(1);
    handedOver = true;
    const up = await copy.vigie("up", "--stack", STACK);
    expect(up.code, up.stderr).toBe(0);

    expect(await closed).toBe("closed");
    await admitted(next!);
    // Maïté has a box of her own still, and nothing of the role's.
    await refused(former!);
  });

  it("and goes back the same way", async () => {
    await handBack();
    await admitted(former!);
    await refused(next!);
  });
});
