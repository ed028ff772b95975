import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { buildInventory, loadVocabulary } from "../../association/index.ts";
import declaration from "../../associations/tilleuls/index.ts";

const ROOT = new URL("../../", import.meta.url);
const vocabulary = await loadVocabulary();
const { inventory, people } = buildInventory(declaration, vocabulary);
const services = Object.values(inventory.services);

/** The systems that the four associations asked for. */
const NEEDS = [
  ...["N10", "N11", "N12", "N13", "N14", "N15", "N16", "N17"],
  ...["N18", "N19", "N20", "N21", "N22", "N23", "N24", "N25"],
];

describe("the demo association", () => {
  it.each(NEEDS)("has a service for need %s", (need) => {
    expect(services.filter(({ needs }) => needs.includes(need)).map(({ id }) => id)).not.toEqual([]);
  });

  it("shows every way that a service can exist", () => {
    expect(new Set(services.map(({ delivery }) => delivery.by))).toEqual(new Set(["us", "supplier", "project"]));
    const gates = services.flatMap(({ delivery }) => (delivery.by === "project" ? [delivery.gate] : []));
    expect(new Set(gates)).toEqual(new Set(["opportunity", "study", "build"]));
  });

  it("has somebody behind every role that answers for a service, and a second level for those on call", () => {
    for (const { id, owner } of services) expect(inventory.roles[owner]!.holderCount, id).toBeGreaterThan(0);
    expect(inventory.roles["it-on-call"]!.escalatesTo).toBe("it-lead");
  });

  it("invents its people: their addresses end in .example, their numbers are those kept for fiction", () => {
    for (const { email, phone } of Object.values(people.holders)) {
      expect(email).toMatch(/\.example$/);
      expect(phone ?? "+33639980000").toMatch(/^\+3363998\d{4}$/);
    }
  });

  it("calls nobody real: everything watched is on this machine, in the stack or under .example", () => {
    const ours = new Set(services.map(({ id }) => id));
    for (const { id, kind, target } of Object.values(inventory.checks)) {
      if (["container", "disk", "drift", "heartbeat"].includes(kind) || kind.startsWith("backup")) continue;
      const host = /^(?:https?:\/\/)?([^:/]+)/.exec(target)![1]!;
      expect(ours.has(host) || /(\.example|\.localhost)$/.test(host), `${id} watches ${target}`).toBe(true);
    }
  });

  it("has its suppliers' sites played by its own stand-in", () => {
    const stage = inventory.services["supplier-sites"]!.delivery;
    const { names } = (stage.by === "us" ? stage.settings : {}) as { names: string[] };
    const watched = Object.values(inventory.checks).flatMap(({ target }) => /[\w.-]+\.example/.exec(target)?.[0] ?? []);
    expect(new Set(watched)).toEqual(new Set(names));
  });
});

const kinds = [...new Set(services.flatMap(({ delivery }) => (delivery.by === "us" ? [delivery.kind] : [])))].sort();

describe.each(kinds)("the kind %s", (kind) => {
  const folder = new URL(`stacks/services/${kind}/`, ROOT);

  it("has a component", async () => {
    expect(existsSync(new URL("index.ts", folder)), `stacks/services/${kind}/index.ts`).toBe(true);
    const { default: component } = await import(new URL("index.ts", folder).href);
    expect(component.prototype.constructor.name).toMatch(/^[A-Z]\w+$/);
  });

  it("has an image with a health check, its own or another kind's", () => {
    const source = readFileSync(new URL("index.ts", folder), "utf8");
    const from = /this\.image\("([\w-]+)"/.exec(source)?.[1] ?? kind;
    const image = new URL(`stacks/services/${from}/image/`, ROOT);
    expect(readdirSync(image)).toContain("Dockerfile");
    expect(readFileSync(new URL("Dockerfile", image), "utf8")).toMatch(/\/usr\/local\/bin\/|healthy/);
  });

  it("has a runbook", () => {
    for (const { delivery, runbook } of services)
      if (delivery.by === "us" && delivery.kind === kind) expect(vocabulary.runbooks).toContain(runbook);
  });
});
