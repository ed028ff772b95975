import { describe, expect, it } from "vitest";
import type { DeclarationError } from "../../association/index.ts";
import { association, withSettings } from "../stacks/services/mail/association.ts";

type Change = Parameters<typeof association>[0];

/** What is wrong, as path and expectation. */
function problems(change: Change): [path: string, expected: string][] {
  try {
    association(change);
    return [];
  } catch (error) {
    return (error as DeclarationError).problems.map(({ path, expected }) => [path, expected]);
  }
}

const SETTINGS = "services.mail.delivery.settings";

describe("a mail server", () => {
  it("as it is declared in the tests has nothing wrong", () => {
    expect(problems(() => {})).toEqual([]);
  });

  it("has its name in a domain of the association, and not the domain itself", () => {
    for (const hostname of ["mail.elsewhere.example", "asso.example"])
      expect(problems(withSettings({ hostname }))).toEqual([
        [`${SETTINGS}.hostname`, "a name in a domain of the association (asso.example, ecole.example)"],
      ]);
  });

  it("has the lookout's box and its programs' addresses in a domain of the association", () => {
    const foreign = {
      probe: "vigie@elsewhere.example",
      sendOnly: { wiki: ["wiki@asso.example", "wiki@else.example"] },
    };
    expect(problems(withSettings(foreign)).map(([path]) => path)).toEqual([
      `${SETTINGS}.probe`,
      `${SETTINGS}.sendOnly.wiki[1]`,
    ]);
  });

  it("shares the lookout's box with no mailbox and no alias: what is in it is deleted", () => {
    for (const probe of ["tresor@asso.example", "contact@asso.example"])
      expect(problems(withSettings({ probe }))[0]![1]).toMatch(
        /lookout's own: mailboxes\.(treasurer|secretary) has this one/,
      );
  });

  it("is alone", () => {
    const two: Change = (copy) => {
      const { services } = copy as unknown as { services: Record<string, unknown> };
      services.zmail = structuredClone(copy.services.mail);
    };
    expect(problems(two).map(([path, expected]) => `${path}: ${expected}`)).toContain(
      "services.zmail.delivery.kind: one mail server: mail is one already",
    );
  });

  it("keeps the names that mail programs and other servers look for, and its own, from other services", () => {
    for (const hostname of ["mta-sts.asso.example", "autoconfig.ecole.example", "mail.asso.example"]) {
      const found = problems((copy) => {
        const { services } = copy as unknown as { services: Record<string, unknown> };
        services.wiki = {
          ...copy.services.proxy,
          delivery: { by: "us", host: "main", kind: "wiki", settings: { title: "Wiki", administrators: ["office"] } },
          runbook: "wiki",
          hostname,
        };
      });
      expect(
        found.map(([path]) => path),
        hostname,
      ).toEqual(["services.wiki.hostname"]);
    }
  });

  it("gives what nobody has to a mailbox that exists", () => {
    expect(problems(withSettings({ catchAll: { "asso.example": "tresurer" } }))[0]![0]).toBe(
      `${SETTINGS}.catchAll["asso.example"]`,
    );
  });
});
