import { XMLValidator } from "fast-xml-parser";
import { describe, expect, it } from "vitest";
import {
  appleProfile,
  differences,
  dnsRecords,
  isPlaceholder,
  mailFiles,
  mailHostnames,
  mailService,
  nameServersOf,
  pasted,
  recordsText,
  zoneText,
} from "../../../association/dns/index.ts";
import { characterStrings } from "../../../association/dns/zone.ts";
import { adviceOn } from "../../../association/index.ts";
import { demo } from "../../stacks/fixtures/demo.ts";
import { association, withSettings } from "../../stacks/services/mail/association.ts";

const recordsOf = (settings: Record<string, unknown> = {}) => dnsRecords(association(withSettings(settings)).inventory);
const lines = (domain: string, settings: Record<string, unknown> = {}) =>
  recordsOf(settings)[domain]!.map(({ name, type, value }) => `${name} ${type} ${value}`);

describe("the records of a domain", () => {
  it("lead its mail to the server, whose name has the host's address", () => {
    expect(lines("asso.example")).toEqual(
      expect.arrayContaining(["asso.example MX 10 mail.asso.example", "mail.asso.example A 192.0.2.10"]),
    );
    expect(lines("ecole.example")).toContain("ecole.example MX 10 mail.asso.example");
  });

  it("are warned of where they would have others insist on a name that the server has no certificate for", () => {
    const advice = (address: string, dns: object = {}) =>
      adviceOn(
        association((copy) => {
          copy.hosts.main.address = address;
          withSettings({ dns: { mtaSts: "enforce", ...dns } })(copy);
        }).inventory,
      ).filter((sentence) => sentence.includes("MTA-STS"));
    expect(advice("server.host.example")).toEqual([expect.stringMatching(/server\.host\.example.*dns\.addresses/)]);
    expect(advice("server.host.example", { addresses: ["192.0.2.10"] })).toEqual([]);
    expect(advice("server.host.example", { mtaSts: "testing" })).toEqual([]);
    expect(advice("192.0.2.10")).toEqual([]);
  });

  it("give the server the public addresses that are declared instead", () => {
    const found = lines("asso.example", { dns: { addresses: ["198.51.100.7", "2001:db8::7"] } });
    expect(found).toEqual(
      expect.arrayContaining(["mail.asso.example A 198.51.100.7", "mail.asso.example AAAA 2001:db8::7"]),
    );
    expect(found).not.toContain("mail.asso.example A 192.0.2.10");
  });

  it("never lead mail to an alias (RFC 2181)", () => {
    const built = association((copy) => {
      copy.hosts.main.address = "vps.host.example";
    });
    const found = dnsRecords(built.inventory)["asso.example"]!;
    expect(found).toContainEqual(expect.objectContaining({ type: "MX", value: "10 vps.host.example" }));
    expect(found.filter(({ name }) => name === "mail.asso.example").map(({ type }) => type)).toEqual(["CNAME"]);
  });

  it("allow declared senders, strictly once the DMARC policy is", () => {
    const dns = { otherSenders: { newsletter: { spf: "spf.letters.example" }, shop: { spf: "spf.letters.example" } } };
    expect(lines("asso.example", { dns })).toContain("asso.example TXT v=spf1 mx include:spf.letters.example ~all");
    expect(lines("asso.example", { dns: { ...dns, dmarc: "reject" } })).toContain(
      "asso.example TXT v=spf1 mx include:spf.letters.example -all",
    );
  });

  it.each([
    ["watch", "none"],
    ["quarantine", "quarantine"],
    ["reject", "reject"],
  ])("publish the DMARC stage %s as p=%s", (dmarc, policy) => {
    expect(lines("asso.example", { dns: { dmarc } })).toContain(
      `_dmarc.asso.example TXT v=DMARC1; p=${policy}; rua=mailto:vigie@asso.example`,
    );
  });

  it("have others report to the lookout's own box, to another where that is declared, to postmaster where there is neither", () => {
    const tls = (settings: Record<string, unknown>) =>
      lines("asso.example", settings).find((line) => line.startsWith("_smtp._tls"));
    expect(tls({})).toContain("mailto:vigie@asso.example");
    expect(tls({ dns: { reports: "rapports@asso.example" } })).toContain("mailto:rapports@asso.example");
    expect(tls({ probe: undefined })).toContain("mailto:postmaster@asso.example");
  });

  it("accept the reports of the other domains (RFC 7489 section 7.1)", () => {
    expect(lines("asso.example")).toContain("ecole.example._report._dmarc.asso.example TXT v=DMARC1");
  });

  it("publish both DKIM selectors: a placeholder until the key is known", () => {
    const built = association();
    const name = "vigie1._domainkey.asso.example";
    const found = dnsRecords(built.inventory, { [name]: "v=DKIM1; k=rsa; p=abc" })["asso.example"]!;
    expect(found.find((one) => one.name === name)).toMatchObject({ value: "v=DKIM1; k=rsa; p=abc" });
    expect(found.filter(isPlaceholder).map((one) => one.name)).toEqual(["vigie2._domainkey.asso.example"]);
  });

  it("publish what other senders ask for", () => {
    const dkim = { mail: { cname: "dkim.letters.example" }, k2: { txt: "v=DKIM1; p=def" } };
    const found = lines("asso.example", { dns: { otherSenders: { newsletter: { dkim } } } });
    expect(found).toEqual(
      expect.arrayContaining([
        "mail._domainkey.asso.example CNAME dkim.letters.example",
        "k2._domainkey.asso.example TXT v=DKIM1; p=def",
      ]),
    );
  });

  it("change the MTA-STS id with the policy, and only then", () => {
    const id = (settings = {}) => lines("asso.example", settings).find((line) => line.startsWith("_mta-sts."));
    expect(id()).toMatch(/^_mta-sts\.asso\.example TXT v=STSv1; id=[a-z0-9]{1,32}$/);
    expect(id({ messageMb: 30 })).toBe(id());
    expect(id({ dns: { mtaSts: "enforce" } })).not.toBe(id());
    expect(id({ dns: { mtaSts: "off" } })).toBeUndefined();
  });

  it("let mail programs find the server, and say that nothing is in clear", () => {
    expect(lines("ecole.example")).toEqual(
      expect.arrayContaining([
        "_imaps._tcp.ecole.example SRV 0 1 993 mail.asso.example",
        "_submissions._tcp.ecole.example SRV 0 1 465 mail.asso.example",
        "_imap._tcp.ecole.example SRV 0 0 0 .",
        "autoconfig.ecole.example A 192.0.2.10",
      ]),
    );
  });

  it("let programs find address books by every domain, where there are any", () => {
    const { inventory } = demo();
    const { hostname, port } = new URL(inventory.services.contacts!.url!);
    expect(dnsRecords(inventory)["tilleuls.localhost"]).toContainEqual(
      expect.objectContaining({
        name: "_carddavs._tcp.tilleuls.localhost",
        type: "SRV",
        value: `0 1 ${port} ${hostname}`,
      }),
    );
    expect(lines("asso.example").join()).not.toContain("_carddavs");
  });

  it("hold nothing twice, whatever the order of the declaration", () => {
    const found = lines("asso.example");
    expect(new Set(found).size).toBe(found.length);
    const reversed = association((copy) => {
      copy.domains = { "ecole.example": {}, "asso.example": {} };
    });
    expect(dnsRecords(reversed.inventory)).toEqual(recordsOf());
  });

  it("give our own name server an address, without which its zone does not load, and registrars' none", () => {
    expect(lines("asso.example")).toContain("ns1.asso.example A 192.0.2.10");
    expect(lines("ecole.example").join("\n")).not.toContain("ns1.");
    const theirs = association((copy) => {
      delete (copy.services as Record<string, unknown>).dns;
    }).inventory;
    expect(nameServersOf(theirs)).toEqual([]);
    expect(
      Object.values(dnsRecords(theirs))
        .flat()
        .filter(({ purpose }) => purpose === "names"),
    ).toEqual([]);
  });

  it("are of the web and the name server only where there is no mail server", () => {
    const built = association((copy) => {
      delete (copy.services as Record<string, unknown>).mail;
    });
    expect(Object.values(dnsRecords(built.inventory)).flat()).toMatchObject([{ name: "ns1.asso.example" }]);
  });
});

describe("the files at well-known places", () => {
  const files = mailFiles(association().inventory);

  it("hold the MTA-STS policy with CRLF (RFC 8461)", () => {
    expect(files.find(({ hostname }) => hostname === "mta-sts.asso.example")).toMatchObject({
      path: "/.well-known/mta-sts.txt",
      body: "version: STSv1\r\nmode: testing\r\nmx: mail.asso.example\r\nmax_age: 604800\r\n",
    });
  });

  it("hold settings for mail programs, with the association's name escaped", () => {
    const { body } = files.find(({ hostname }) => hostname === "autoconfig.ecole.example")!;
    expect(body).toContain("<displayName>L'Asso &amp; Cie</displayName>");
    expect(body).toContain("<hostname>mail.asso.example</hostname>\n      <port>993</port>");
  });

  it("set Apple's Mail up by a profile that is the same for everybody and leaves what is personal to be asked", () => {
    const { inventory } = association();
    const profile = appleProfile(mailService(inventory)!, "L'Asso & Cie");
    expect(XMLValidator.validate(profile)).toBe(true);
    expect(profile).toContain("<string>L'Asso &amp; Cie</string>");
    expect(profile).toContain("<key>IncomingMailServerPortNumber</key><integer>993</integer>");
    expect(profile).toContain("<key>OutgoingMailServerHostName</key><string>mail.asso.example</string>");
    expect(profile).not.toMatch(/<key>(EmailAddress|\w*Username|\w*MailServerPassword|IncomingPassword)</);
    const ids = profile.match(/[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-8[0-9A-F]{3}-[0-9A-F]{12}/g);
    expect(new Set(ids).size).toBe(2);
    expect(appleProfile(mailService(inventory)!, "Another name").match(/<string>[0-9A-F-]{36}/g)).toEqual(
      profile.match(/<string>[0-9A-F-]{36}/g),
    );
  });

  it("need certificates, as the mail server does", () => {
    expect(mailHostnames(association().inventory)).toContain("mail.asso.example");
    expect(mailHostnames(association().inventory)).toHaveLength(7);
  });
});

describe("a zone file", () => {
  const HEAD = {
    domain: "asso.example",
    nameServers: ["ns1.asso.example"],
    contact: "post.master@asso.example",
    serial: 7,
  };

  it("begins with its SOA, in which the contact's dots are escaped", () => {
    expect(zoneText(HEAD, [])).toContain("@ IN SOA ns1.asso.example. post\\.master.asso.example. 7 ");
  });

  it("writes names relative to the zone, targets with a final dot, and text in quotes", () => {
    const text = zoneText(HEAD, recordsOf()["asso.example"]!);
    expect(text).toContain("@ 3600 IN MX 10 mail.asso.example.\n");
    expect(text).toContain("_imap._tcp 3600 IN SRV 0 0 0 .\n");
    expect(text).toContain('@ 3600 IN TXT "v=spf1 mx ~all"\n');
  });

  it("leaves SOA and NS to the registrar where the registrar serves it", () => {
    const records = recordsOf()["asso.example"]!;
    const text = recordsText("asso.example", records);
    expect(text).not.toMatch(/ IN (SOA|NS) /);
    const head = /^@ IN (SOA|NS) .*\n/gm;
    expect(zoneText(HEAD, records).replace(head, "")).toBe(text);
  });

  it("cuts long texts into strings of 255 bytes that join to the same", () => {
    const key = "a".repeat(400);
    expect(characterStrings(key).map(({ length }) => length)).toEqual([255, 145]);
    expect(characterStrings(key).join("")).toBe(key);
    expect(characterStrings("")).toEqual([""]);
  });
});

describe("records to paste", () => {
  it("part the priority from the value", () => {
    expect(pasted(recordsOf()["asso.example"]!, "asso.example")).toContainEqual({
      name: "@",
      type: "MX",
      ttl: 3600,
      priority: 10,
      value: "mail.asso.example",
    });
  });
});

describe("the difference between the declaration and the DNS", () => {
  const records = recordsOf()["asso.example"]!;
  const answers =
    (change: (name: string, type: string, values: string[]) => string[] = (_, __, values) => values) =>
    (name: string, type: string) =>
      change(
        name,
        type,
        records.filter((one) => one.name === name && one.type === type).map(({ value }) => value),
      );

  it("is none where all is published, with quotes and final dots or without", () => {
    expect(differences(records, answers())).toEqual([]);
    expect(
      differences(
        records,
        answers((_, type, values) =>
          values.map((value) => (type === "TXT" ? `"${value}"` : `${value}.`.replace(/\.\.$/, "."))),
        ),
      ),
    ).toEqual([]);
  });

  it("tells what is missing", () => {
    const found = differences(
      records,
      answers((_, type, values) => (type === "MX" ? [] : values)),
    );
    expect(found).toEqual([{ name: "asso.example", type: "MX", missing: ["10 mail.asso.example"], unexpected: [] }]);
  });

  it("tells of a second SPF record, which makes both void, but not of other texts", () => {
    const others = ["v=spf1 include:old.example -all", "google-site-verification=1"];
    const found = differences(
      records,
      answers((name, type, values) => (name === "asso.example" && type === "TXT" ? [...values, ...others] : values)),
    );
    expect(found).toEqual([{ name: "asso.example", type: "TXT", missing: [], unexpected: [others[0]] }]);
  });

  it("tells of an address of the other kind, where senders would try first", () => {
    const found = differences(
      records,
      answers((name, type, values) => (name === "mail.asso.example" && type === "AAAA" ? ["2001:db8::1"] : values)),
    );
    expect(found).toEqual([{ name: "mail.asso.example", type: "AAAA", missing: [], unexpected: ["2001:db8::1"] }]);
  });

  it("tells of a mail server's name that is an alias, whose address is the declared one all the same", () => {
    const found = differences(
      records,
      answers((name, type, values) =>
        type === "CNAME" && name.startsWith("m") ? [...values, "host.example"] : values,
      ),
    );
    expect(found).toEqual([{ name: "mail.asso.example", type: "CNAME", missing: [], unexpected: ["host.example"] }]);
  });

  it("knows an IPv6 address however it is written", () => {
    const declared = recordsOf({ dns: { addresses: ["2001:DB8:0:0::7"] } })["asso.example"]!;
    const mailOnly = declared.filter(({ name, type }) => name === "mail.asso.example" && type === "AAAA");
    expect(differences(mailOnly, (_, type) => (type === "AAAA" ? ["2001:db8::7"] : []))).toEqual([]);
  });

  it("tells of whatever else stands under a name of one use, as a key without its version", () => {
    const other = "k=rsa; p=MIIB";
    const at = "_dmarc.asso.example";
    const found = differences(
      records,
      answers((name, type, values) => (name === at && type === "TXT" ? [...values, other] : values)),
    );
    expect(found).toEqual([{ name: at, type: "TXT", missing: [], unexpected: [other] }]);
  });

  it("tells of a change by hand in a record of any type, whatever is changed", () => {
    for (const { name, type, value } of records.filter((one) => !isPlaceholder(one))) {
      const changed: Record<string, string> = {
        A: "198.51.100.99",
        CNAME: "elsewhere.example",
        MX: value.replace(/^10/, "20"),
        SRV: value.replace(/^(\S+ \S+) \S+/, "$1 1"),
        TXT: `${value}x`,
      };
      const found = differences(
        records,
        answers((asked, kind, values) =>
          asked === name && kind === type ? values.map((one) => (one === value ? changed[type]! : one)) : values,
        ),
      );
      expect(found, `${name} ${type}`).toEqual([expect.objectContaining({ name, type, missing: [value] })]);
    }
  });

  it("does not ask for keys that are not known yet", () => {
    expect(differences(records, () => []).map(({ name }) => name)).not.toContain("vigie1._domainkey.asso.example");
  });
});
