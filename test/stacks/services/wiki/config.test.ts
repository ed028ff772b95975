import { describe, expect, it } from "vitest";
import { wikiConfig } from "../../../../stacks/services/wiki/config.ts";
import { changedDemo, demo, serviceOf } from "../../fixtures/demo.ts";

const config = ({ inventory, people } = demo()) =>
  wikiConfig(serviceOf("wiki", { inventory, people }), inventory, people);
const withNamespace = (namespace: object) =>
  changedDemo((copy) => {
    copy.services.wiki.delivery.settings.namespaces = { essai: namespace };
  });

describe("what the wiki is told", () => {
  it("is closed to strangers and readable by members unless said otherwise", () => {
    expect(config().acl.slice(0, 2)).toEqual([
      { namespace: "", group: "everyone", level: "none" },
      { namespace: "", group: "members", level: "read" },
    ]);
  });

  it("lets administrators' teams do everything", () => {
    expect(config().superuserGroups).toEqual(["it"]);
    expect(config().acl).toContainEqual({ namespace: "", group: "it", level: "delete" });
  });

  it.each([
    [
      "members read what they do not edit",
      { editors: ["shop"] },
      [{ namespace: "essai", group: "shop", level: "delete" }],
    ],
    [
      "nobody but its editors reads a namespace without readers",
      { editors: ["office"], readers: [] },
      [
        { namespace: "essai", group: "members", level: "none" },
        { namespace: "essai", group: "office", level: "delete" },
      ],
    ],
    [
      "a team reads and another writes",
      { editors: ["office"], readers: ["school"] },
      [
        { namespace: "essai", group: "members", level: "none" },
        { namespace: "essai", group: "school", level: "read" },
        { namespace: "essai", group: "office", level: "delete" },
      ],
    ],
  ])("says that %s", (_, namespace, expected) => {
    expect(config(withNamespace(namespace)).acl.filter((rule) => rule.namespace === "essai")).toEqual(expected);
  });

  it("lets everybody read what is open to everyone, members too", () => {
    const rules = config(withNamespace({ editors: ["outreach"], readers: "everyone" })).acl;
    expect(rules).toContainEqual({ namespace: "essai", group: "everyone", level: "read" });
    expect(rules).toContainEqual({ namespace: "essai", group: "outreach", level: "delete" });
  });

  it("has an account for each person with the groups of the person's teams, and no password", () => {
    const { accounts } = config();
    expect(accounts.map(({ login }) => login)).toEqual(Object.keys(demo().people.holders).sort());
    expect(accounts.find(({ login }) => login === "tom-wilson")).toEqual({
      login: "tom-wilson",
      name: "Tom Wilson",
      email: "tom.wilson@courriel.example",
      groups: ["it"],
    });
  });

  it("speaks the association's main language at the service's own address", () => {
    expect(config()).toMatchObject({
      title: "Les Tilleuls",
      lang: "fr",
      baseUrl: "https://wiki.tilleuls.localhost:8443",
    });
  });
});
