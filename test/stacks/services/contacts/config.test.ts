import { describe, expect, it } from "vitest";
import { contactsConfig } from "../../../../stacks/services/contacts/config.ts";
import { association, type declaration, deployed } from "../mail/association.ts";

const build = (settings: Record<string, unknown> = {}, change: (copy: typeof declaration) => void = () => {}) =>
  association((copy) => {
    const delivery = { by: "us", kind: "contacts", host: "main", settings };
    Object.assign(copy.services, { contacts: { ...copy.services.mail, runbook: "contacts", delivery } });
    change(copy);
  });
const configOf = (built: ReturnType<typeof build>) =>
  contactsConfig(deployed("contacts", built), built.inventory, built.people);

describe("the directory", () => {
  const { directory } = configOf(build());

  it("has a card for each role, by its mailbox, which a change of holder leaves alone", () => {
    const card = directory.find(({ uid }) => uid === "role-secretary@asso.example");
    expect(card).toMatchObject({ kind: "group", name: "Secretary", email: "secretariat@asso.example", note: "Jeanne" });
    const after = configOf(build({}, ({ roles }) => (roles.secretary.holders = ["zoe"]))).directory;
    expect(after.find(({ uid }) => uid === card!.uid)).toEqual({ ...card, note: "Zoé" });
  });

  it("has a card for each person, by their box at the association where they have one", () => {
    expect(directory.find(({ uid }) => uid === "person-jeanne-roux@asso.example")).toEqual({
      uid: "person-jeanne-roux@asso.example",
      kind: "individual",
      name: "Jeanne",
      email: "jeanne@asso.example",
      title: "Secretary, Treasurer",
      teams: ["Office"],
    });
    expect(directory.find(({ uid }) => uid === "person-zoe@asso.example")).toMatchObject({
      email: "z@home.example",
      teams: [],
    });
  });

  it("keeps telephone numbers to itself unless they are declared to be shown", () => {
    const phones = (copy: typeof declaration) => Object.assign(copy.holders.tom, { phone: "+33639980101" });
    expect(JSON.stringify(configOf(build({}, phones)))).not.toContain("+33639980101");
    expect(JSON.stringify(configOf(build({ phones: true }, phones)))).toContain("+33639980101");
  });
});

describe("a shared book", () => {
  const book = { name: { fr: "Fournisseurs", en: "Suppliers" }, editors: ["office"] };

  it("is written by the members of its editors' teams, and seen by nobody else unless declared", () => {
    expect(configOf(build({ books: { suppliers: book } })).books).toEqual([
      { id: "suppliers", name: "Fournisseurs", writers: ["jeanne-roux", "tom"], readers: [] },
    ]);
    expect(configOf(build({ books: { suppliers: { ...book, readers: "members" } } })).books[0]).toMatchObject({
      writers: ["jeanne-roux", "tom"],
      readers: ["zoe"],
    });
  });

  it("of an unknown team, or with the directory's own name, is refused", () => {
    expect(() => build({ books: { suppliers: { ...book, editors: ["ofice"] } } })).toThrow(/office/);
    expect(() => build({ books: { annuaire: book } })).toThrow(/annuaire/);
  });
});
