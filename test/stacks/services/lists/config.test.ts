import { describe, expect, it } from "vitest";
import { DeclarationError } from "../../../../association/index.ts";
import { listServersFor, listsConfig, memoryFor, relayLogin } from "../../../../stacks/services/lists/config.ts";
import { mailConfig, programLogins } from "../../../../stacks/services/mail/config.ts";
import { association, type declaration, deployed } from "../mail/association.ts";

type Change = (copy: typeof declaration & { lists: Record<string, Record<string, unknown>> }) => void;

/** The mail tests' association with a list server and two lists. */
const withLists =
  (change: Change = () => {}) =>
  (copy: typeof declaration) => {
    const { mail } = copy.services;
    Object.assign(copy.services, {
      sympa: {
        ...mail,
        runbook: "lists",
        hostname: "listes.asso.example",
        delivery: {
          by: "us",
          host: "main",
          kind: "lists",
          settings: { domain: "asso.example", masters: ["treasurer"], probe: "vigie@asso.example" },
        },
      },
    });
    const both = Object.assign(copy, {
      lists: {
        office: {
          address: "bureau@asso.example",
          purpose: { fr: "Le bureau", en: "The office" },
          owners: ["secretary"],
          teams: ["office"],
          service: "sympa",
          digest: ["wednesday", "sunday"],
        },
        news: {
          address: "nouvelles@asso.example",
          purpose: { fr: "Nouvelles", en: "News" },
          owners: ["treasurer"],
          editors: ["secretary"],
          service: "sympa",
          posting: "moderated",
          subscription: "confirmed",
          archive: "public",
          replyTo: "list",
          listed: false,
        } as Record<string, unknown>,
      } as Record<string, Record<string, unknown>>,
    });
    change(both);
  };

const build = (change?: Change) => association(withLists(change));
const configOf = (built: ReturnType<typeof build>) =>
  listsConfig(deployed("sympa", built), built.inventory, built.people);
const listOf = (name: string, built = build()) => configOf(built).lists.find((list) => list.name === name);

const problemsOf = (change: Change): string => {
  try {
    build(change);
  } catch (error) {
    if (error instanceof DeclarationError) return error.message;
    throw error;
  }
  return "";
};

describe("the lists that the image is given", () => {
  it("subscribe the teams' members and the owners, by their box at the association where they have one", () => {
    expect(listOf("bureau")).toMatchObject({
      subject: "Le bureau",
      owners: [{ email: "jeanne@asso.example", name: "Jeanne" }],
      members: [
        { email: "jeanne@asso.example", name: "Jeanne" },
        { email: "t@home.example", name: "Tom" },
      ],
      send: "privateoreditorkey",
      subscribe: "auth_owner",
      archive: "private",
      digest: [0, 3],
      replyTo: "sender",
      visible: true,
    });
  });

  it("have editors of their own, or their owners", () => {
    expect(listOf("nouvelles")?.editors.map(({ email }) => email)).toEqual(["jeanne@asso.example"]);
    expect(listOf("bureau")?.editors.map(({ email }) => email)).toEqual(["jeanne@asso.example"]);
    expect(listOf("nouvelles")).toMatchObject({
      send: "editorkey",
      subscribe: "auth",
      archive: "public",
      replyTo: "list",
      visible: false,
    });
  });

  it.each([
    ["anyone", "moderated", "public"],
    ["members", "moderated", "privateoreditorkey"],
    ["members", "refused", "private"],
    ["owners", "moderated", "declared_owners"],
    ["moderated", "refused", "editorkey"],
  ])("let %s write, and have others %s, by Sympa's scenario %s", (posting, strangers, scenario) => {
    const built = build(({ lists }) => Object.assign(lists.office!, { posting, strangers }));
    expect(listOf("bureau", built)?.send).toBe(scenario);
  });

  it("follow a change of holder, and change in nothing else", () => {
    const [before, after] = [build(), build(({ roles }) => (roles.secretary.holders = ["zoe"]))].map(configOf);
    expect(after!.lists.find(({ name }) => name === "bureau")?.owners).toEqual([
      { email: "z@home.example", name: "Zoé" },
    ]);
    expect(after!.lists.map(({ name, send }) => [name, send])).toEqual(
      before!.lists.map(({ name, send }) => [name, send]),
    );
    expect({ ...after, lists: [] }).toEqual({ ...before, lists: [] });
  });

  it("leave a list whose role nobody holds without owners, for the listmasters to take", () => {
    const built = build(({ roles }) => (roles.secretary.holders = []));
    expect(listOf("bureau", built)?.owners).toEqual([]);
    expect(configOf(built).listmasters).toEqual(["jeanne@asso.example", "t@home.example"]);
  });

  it("have one more for the lookout, hidden and closed", () => {
    expect(listOf("vigie-probe")).toMatchObject({
      members: [{ email: "vigie@asso.example", name: "Vigie" }],
      visible: false,
      subscribe: "closed",
      send: "private",
    });
    const { checks } = build().inventory;
    expect(checks["sympa/list-round-trip"]).toMatchObject({
      target: "vigie-probe@asso.example",
      params: {
        submit: "mail:465",
        read: "mail:993",
        serverName: "mail.asso.example",
        archive: "https://listes.asso.example/sympa/arc/vigie-probe",
      },
    });
  });

  it("have memory for the largest message that they take: 610 MB were seen at 9.8 MB, 920 at 20", () => {
    const memoryAt = (messageMb: number) => {
      const built = association(
        withLists((copy) =>
          Object.assign(
            (copy.services as unknown as Record<string, { delivery: { settings: object } }>).sympa!.delivery.settings,
            {
              messageMb,
            },
          ),
        ),
      );
      return memoryFor(deployed("sympa", built));
    };
    expect(memoryAt(10)).toBeGreaterThan(610);
    expect(memoryAt(20)).toBeGreaterThan(920);
  });

  it("send through the mail service", () => {
    expect(configOf(build()).relay).toEqual({
      host: "mail",
      port: 2465,
      login: "lists-sympa",
      passwordFile: "/etc/vigie/secrets/relay",
    });
  });
});

describe("the mail service beside a list server", () => {
  const built = build();
  const mail = deployed("mail", built);
  const [server] = listServersFor(mail, built.inventory, built.people);

  it("knows every address of the lists and of the server", () => {
    expect(server).toMatchObject({ login: relayLogin(deployed("sympa", built)), host: "sympa", port: 25 });
    expect(server!.addresses).toEqual(
      expect.arrayContaining(
        [
          ...["bureau", "bureau-request", "bureau-owner", "bureau-editor", "bureau-subscribe", "bureau-unsubscribe"],
          ...["nouvelles", "vigie-probe", "sympa", "bounce"],
        ].map((name) => `${name}@asso.example`),
      ),
    );
  });

  it("gives it a login whose password is a program's", () => {
    const config = mailConfig(mail, built.inventory, built.people);
    expect(config.accounts).toContainEqual({ login: "lists-sympa", sendAs: [] });
    expect(config.lists).toEqual([server]);
    expect(programLogins(mail, built.inventory)).toContain("lists-sympa");
  });

  it("does not carry its words where there is none", () => {
    const alone = association();
    expect(mailConfig(deployed("mail", alone), alone.inventory, alone.people)).not.toHaveProperty("lists");
  });
});

describe("a declaration of lists is refused where", () => {
  it("a list is in another domain than its server", () => {
    expect(problemsOf(({ lists }) => (lists.office!.address = "bureau@ecole.example"))).toContain(
      'found "bureau@ecole.example"; expected an address in asso.example, the domain of sympa',
    );
  });

  it("a name ends like the addresses that come with a list", () => {
    expect(problemsOf(({ lists }) => (lists.office!.address = "bureau-request@asso.example"))).toContain(
      "not ending in",
    );
  });

  it("a box has an address that comes with a list, or the list server's own", () => {
    const said = problemsOf(({ mailboxes }) => {
      mailboxes.jeanne.address = "bureau-owner@asso.example";
      mailboxes.secretary.aliases = ["sympa@asso.example"];
    });
    expect(said).toContain("mailboxes.jeanne.address has this one");
    expect(said).toContain("mailboxes.secretary.aliases[0] has this one");
  });

  it("an editor role does not exist", () => {
    expect(problemsOf(({ lists }) => (lists.news!.editors = ["secretery"]))).toContain("lists.news.editors[0]");
  });
});
