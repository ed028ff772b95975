import { XMLParser } from "fast-xml-parser";
import { ImapFlow } from "imapflow";
import { authenticate } from "mailauth";
import { createTransport } from "nodemailer";
import { beforeAll, describe, expect, it } from "vitest";
import { dnsRecords, isPlaceholder } from "../../association/dns/index.ts";
import type { Inventory } from "../../association/index.ts";
import { answersOf } from "../../cli/dns/answers.ts";
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

async function reader(address: string, login: string): Promise<ImapFlow> {
  const { incoming } = await autoconfigured(address);
  const client = new ImapFlow({
    host: "127.0.0.1",
    port: incoming.port,
    secure: incoming.secure,
    servername: incoming.host,
    tls: tls(incoming.host),
    auth: { user: login, pass: demo().passwords[login]! },
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
    const names = inventory.services.names!.ports.dns!.published!;
    const records = dnsRecords(inventory, await publicKeys());
    const answers = await answersOf(records[DOMAIN]!, `127.0.0.1:${names}`);
    const { dkim } = await authenticate(source, {
      trustReceived: false,
      resolver: async (name: string, type: string) => {
        const found = answers(name, type as "TXT");
        if (found.length === 0) throw Object.assign(new Error(name), { code: "ENOTFOUND" });
        return found.map((value) => [value]);
      },
    });
    expect(dkim.results[0]).toMatchObject({ signingDomain: DOMAIN, status: { result: "pass" } });
  });

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
    await eventually(() => {
      const metrics = fetchFrom("lookout", "http://127.0.0.1:9464/metrics").text;
      for (const kind of kinds)
        expect(metrics).toMatch(new RegExp(`^vigie_check_success\\{service="mail",check="${kind}"[^}]*\\} 1$`, "m"));
    }, 240);
    const { status, text } = await new Visitor("lea-martin").get(site("etat", "/mail?lang=en"));
    expect(status).toBe(200);
    expect(text).toContain(`tresor@${DOMAIN}`);
    expect((await new Visitor().get(site("etat", "/mail"))).status).toBe(401);
  });

  it("changes its key while mail flows, and every message verifies", async () => {
    const records = await publicKeys();
    const address = `lea.martin@${DOMAIN}`;
    const transport = await sender(address, "lea-martin");
    const lea = await reader(address, "lea-martin");
    const selectors: string[] = [];
    const send = async (): Promise<string> => {
      const subject = token();
      await transport.sendMail({ from: address, to: address, subject, text: "x" });
      const { dkim } = await authenticate(await arrived(lea, "INBOX", subject), {
        trustReceived: false,
        resolver: async (name: string) => [[records[name] ?? ""]],
      });
      expect(dkim.results[0]!.status.result).toBe("pass");
      selectors.push(dkim.results[0]!.selector!);
      return selectors.at(-1)!;
    };
    const first = await send();
    // The next key is too young for the world to know it: refused, unless it is insisted on.
    const hasty = await vigie(["dkim", "rotate", "--stack", STACK]);
    expect(hasty).toMatchObject({ code: 1 });
    expect(hasty.stderr).toMatch(/resolvers may not know it yet|still published/);
    const rotated = await vigie(["dkim", "rotate", "--force", "--stack", STACK]);
    if (rotated.code !== 0) return; // a kept demo has rotated before, and its overlap lasts two weeks
    await eventually(async () => expect(await send()).not.toBe(first), 120);
    expect(new Set(selectors).size).toBe(2);
    await lea.logout();
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

  it("gives one box back as it was, beside what has come since, and leaves the others alone", async () => {
    const box = `epicerie@${DOMAIN}`;
    const save = (user: string, subject: string) => {
      const text = `From: a@b.example\nSubject: ${subject}\n\nbody\n`;
      const { code, stderr } = attemptInside("mail", ["doveadm", "save", "-u", user, "-m", "INBOX"], text);
      expect(code, stderr).toBe(0);
    };
    const subjects = (user: string): string[] =>
      inside("mail", "doveadm", "-f", "tab", "fetch", "-u", user, "hdr.subject", "mailbox", "INBOX", "all")
        .trim()
        .split("\n")
        .slice(1)
        .sort();
    inside("mail", "doveadm", "expunge", "-u", box, "mailbox", "INBOX", "all");
    save(box, "kept-1");
    save(box, "kept-2");
    const { stdout } = await vigie(["backup", "--stack", STACK, "--service", "mail"]);
    const snapshot = /mail-boxes: ok, snapshot ([0-9a-f]{8})/.exec(stdout)?.[1];
    expect(snapshot, stdout).toBeDefined();
    inside("mail", "doveadm", "expunge", "-u", box, "mailbox", "INBOX", "all");
    save(box, "later");
    const elsewhere = token();
    save("lea-martin", elsewhere);
    const words = ["restore", "--stack", STACK, "--service", "mail", "--snapshot", snapshot!];
    const restored = await vigie([...words, "--file", `boxes/${box}`, "--in-place", "--yes"]);
    expect(restored.code, restored.stderr).toBe(0);
    inside("mail", "doveadm", "force-resync", "-u", box, "*");
    expect(subjects(box)).toEqual(["kept-1", "kept-2", "later"]);
    expect(subjects("lea-martin")).toContain(elsewhere);
  });

  it("has no path to its neighbours, and keeps its passwords out of sight", () => {
    const text = docker("inspect", `${demo().prefix}-mail`);
    for (const password of Object.values(demo().passwords)) expect(text).not.toContain(password);
  });
});
