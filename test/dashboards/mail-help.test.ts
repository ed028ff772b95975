import { describe, expect, it } from "vitest";
import { mailHelpFiles } from "../../dashboards/mail-help.ts";
import { changedDemo, demo } from "../stacks/fixtures/demo.ts";

describe("the page that helps members to set up their mail", () => {
  const page = (inventory = demo().inventory, path = "/index.html") => mailHelpFiles(inventory)[path]!.body;

  it("says where address books are, in each language", () => {
    const { url } = demo().inventory.services.contacts!;
    expect(page()).toContain(`<code>${url}</code>`);
    expect(page(demo().inventory, "/en.html")).toContain(`<code>${url}</code>`);
  });

  it("says nothing of address books where there are none", () => {
    const { inventory } = changedDemo((copy) => delete copy.services.contacts);
    expect(page(inventory)).not.toContain("CardDAV");
    expect(page(inventory)).toContain("IMAP");
  });

  it("says with each port how its connection is made safe", () => {
    for (const [, rest] of page().matchAll(/port (.*?)<\/dd>/gis)) expect(rest).toMatch(/TLS/);
  });
});
