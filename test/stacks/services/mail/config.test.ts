import { describe, expect, it } from "vitest";
import { certificateVolume, mailConfig, memoryFor, programLogins } from "../../../../stacks/services/mail/config.ts";
import { demo, serviceOf } from "../../fixtures/demo.ts";
import { association, deployed, withSettings } from "./association.ts";

const configOf = (built = association()) => mailConfig(deployed("mail", built), built.inventory, built.people);
const boxOf = (address: string, config = configOf()) => config.boxes.find((box) => box.address === address);

describe("the mail server's configuration", () => {
  it("gives a role's box to the logins of its holders", () => {
    expect(boxOf("tresor@asso.example")).toEqual({
      address: "tresor@asso.example",
      kind: "role",
      delegates: ["jeanne-roux", "tom"],
      aliases: [],
      quotaMb: 500,
    });
  });

  it("changes the delegates of one box, and nothing else, when a role changes hands among those who have mail", () => {
    const before = configOf();
    const after = configOf(
      association((copy) => {
        copy.roles.treasurer.holders = ["jeanne", "jeanne"];
      }),
    );
    expect(boxOf("tresor@asso.example", after)?.delegates).toEqual(["jeanne-roux"]);
    const without = (config: typeof before) => config.boxes.filter(({ address }) => address !== "tresor@asso.example");
    expect(without(after)).toEqual(without(before));
    expect({ ...after, boxes: [], accounts: [] }).toEqual({ ...before, boxes: [], accounts: [] });
  });

  it("makes an account for those who read something, and for nobody else", () => {
    expect(configOf().accounts.map(({ login }) => login)).toEqual(["jeanne-roux", "tom", "vigie-probe"]);
    const after = configOf(
      association((copy) => {
        copy.roles.treasurer.holders = ["zoe"];
      }),
    );
    expect(after.accounts.map(({ login }) => login)).toEqual(["jeanne-roux", "vigie-probe", "zoe"]);
  });

  it("has an account that sends alerts and nothing else, and gives what comes back to the postmaster", () => {
    const built = demo();
    const mail = serviceOf("mail", built);
    const { accounts, boxes } = mailConfig(mail, built.inventory, built.people);
    expect(accounts).toContainEqual({ login: "vigie-alerts", sendAs: ["alerts@tilleuls.localhost"] });
    expect(programLogins(mail, built.inventory)).toContain("vigie-alerts");
    expect(boxes.find(({ aliases }) => aliases.includes("alerts@tilleuls.localhost"))?.address).toBe(
      "commission.technique@tilleuls.localhost",
    );
    // Where nothing raises alerts, there is none.
    expect(configOf().accounts.map(({ login }) => login)).not.toContain("vigie-alerts");
  });

  it("sends postmaster and abuse of every domain to the contact's box where nobody has them", () => {
    expect(boxOf("secretariat@asso.example")?.aliases).toEqual([
      "abuse@asso.example",
      "abuse@ecole.example",
      "contact@asso.example",
      "postmaster@asso.example",
      "postmaster@ecole.example",
    ]);
  });

  it("leaves a reserved name where it was declared", () => {
    const built = association(
      (copy) => void Object.assign(copy.mailboxes.treasurer, { aliases: ["abuse@asso.example"] }),
    );
    expect(boxOf("tresor@asso.example", configOf(built))?.aliases).toEqual(["abuse@asso.example"]);
    expect(boxOf("secretariat@asso.example", configOf(built))?.aliases).not.toContain("abuse@asso.example");
  });

  it("makes a box for the reserved names of a role that has none", () => {
    const built = association((copy) => {
      delete (copy.mailboxes as Record<string, unknown>).secretary;
    });
    expect(boxOf("postmaster@asso.example", configOf(built))).toMatchObject({
      kind: "role",
      delegates: ["jeanne-roux"],
      aliases: ["abuse@asso.example", "postmaster@ecole.example", "abuse@ecole.example"],
    });
  });

  it("sends them to the role that the settings name", () => {
    expect(
      boxOf("tresor@asso.example", configOf(association(withSettings({ postmaster: "treasurer" }))))?.aliases,
    ).toHaveLength(4);
  });

  it("lets a program send as what is declared, and read nothing", () => {
    const config = configOf(association(withSettings({ sendOnly: { alerts: ["alertes@asso.example"] } })));
    expect(config.accounts).toContainEqual({ login: "alerts", sendAs: ["alertes@asso.example"] });
    expect(config.boxes.flatMap(({ owner, delegates }) => [owner, ...delegates])).not.toContain("alerts");
  });

  it("tells programs' passwords from people's", () => {
    const built = association(withSettings({ sendOnly: { alerts: ["alertes@asso.example"] } }));
    expect(programLogins(deployed("mail", built), built.inventory)).toEqual(["alerts", "vigie-probe"]);
  });

  it("names the address that a catch-all mailbox has", () => {
    const config = configOf(association(withSettings({ catchAll: { "ecole.example": "secretary" } })));
    expect(config.catchAll).toEqual({ "ecole.example": "secretariat@asso.example" });
  });

  it("lets strangers write in our name only where others are declared, who have to prove it", () => {
    expect(configOf().ownDomain).toBe("refuse");
    const others = { dns: { otherSenders: { newsletter: { spf: "spf.letters.example" } } } };
    expect(configOf(association(withSettings(others))).ownDomain).toBe("authenticated");
  });

  it("keeps a relay's password in a file, and its name out of sight where there is none", () => {
    const relay = { host: "smtp.host.example", port: 587 };
    expect(configOf(association(withSettings({ relay: { ...relay, login: "asso" } }))).relay).toEqual({
      ...relay,
      login: "asso",
      passwordFile: "/etc/vigie/secrets/relay",
    });
    expect(configOf(association(withSettings({ relay }))).relay).toEqual(relay);
  });

  it("reads the one certificate that a proxy on the same host copies for it, and of no other", () => {
    const built = association();
    expect(certificateVolume(deployed("mail", built), built.inventory)).toEqual({
      "asso-test-proxy-certificates": "/srv/certificates",
    });
    const apart = association((copy) => {
      Object.assign(copy.hosts, {
        other: { name: { fr: "a", en: "a" }, address: "192.0.2.11", engine: "ssh://root@other" },
      });
      Object.assign(copy.services.proxy.delivery, { host: "other" });
    });
    expect(certificateVolume(deployed("mail", apart), apart.inventory)).toEqual({});
  });
});

describe("the memory of a mail server", () => {
  const memoryWith = (settings: Record<string, unknown>) =>
    memoryFor(deployed("mail", association(withSettings(settings))));

  it("is what mail takes as it comes, and grows with the largest message that is let in", () => {
    expect([memoryWith({}), memoryWith({ messageMb: 10 }), memoryWith({ messageMb: 100 })]).toEqual([768, 768, 1068]);
  });
});

describe("the settings of a mail server", () => {
  const refused = (settings: Record<string, unknown>): string => {
    try {
      association(withSettings(settings));
    } catch (error) {
      return (error as Error).message;
    }
    return "accepted";
  };

  it("refuses what names nothing declared", () => {
    expect(refused({ postmaster: "nobody" })).toMatch(/services\.mail\.delivery\.settings\.postmaster[\s\S]*"nobody"/);
    expect(refused({ catchAll: { "asso.example": "tresorier" } })).toContain('found "tresorier"');
    expect(refused({ dns: { otherSenders: { x: { supplier: "brevo" } } } })).toContain('found "brevo"');
  });

  it("refuses two DKIM selectors of one name, as a rotation needs two", () => {
    expect(refused({ dns: { selectors: ["one", "one"] } })).toContain("two different selectors");
  });

  it("gives the lookout its checks, the round trip only where there is a box for it", () => {
    const kinds = (built = association()) =>
      Object.values(built.inventory.checks)
        .filter(({ service }) => service === "mail")
        .map(({ kind }) => kind);
    expect(kinds()).toEqual(expect.arrayContaining(["smtp", "imap", "mail-policy", "mail-round-trip"]));
    expect(kinds(association(withSettings({ probe: undefined })))).not.toContain("mail-round-trip");
  });

  it("has every domain's records evaluated, and the server's own address once", () => {
    const policies = Object.values(
      association((copy) => {
        Object.assign(copy.domains, { "xn--cole-9oa.example": {} });
      }).inventory.checks,
    ).filter(({ kind }) => kind === "mail-policy");
    expect(policies.map(({ id, target, params }) => [id, target, params.reverse])).toEqual([
      ["mail/mail-policy", "asso.example", true],
      ["mail/mail-policy-ecole-example", "ecole.example", false],
      ["mail/mail-policy-xn-cole-9oa-example", "xn--cole-9oa.example", false],
    ]);
  });
});
