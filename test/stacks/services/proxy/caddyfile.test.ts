import { describe, expect, it } from "vitest";
import { deployedServices } from "../../../../stacks/context.ts";
import { caddyfile, internalReaders } from "../../../../stacks/services/proxy/caddyfile.ts";
import { changedDemo, demo, serviceOf } from "../../fixtures/demo.ts";

const file = (certificates: "acme" | "internal" = "internal", built = demo()) =>
  caddyfile(built.inventory, serviceOf("proxy", built), certificates);

/** The block that starts with a head, up to the brace that closes it. */
function block(text: string, head: string): string {
  const start = text.indexOf(`\n${head} {`) + 1;
  const end = text.indexOf("\n}", start);
  return start === 0 ? "" : text.slice(start, end + 2);
}

describe("the proxy's configuration", () => {
  it("has a site for each service with a host name, and no other", () => {
    const hostnames = deployedServices(demo().inventory).flatMap(({ hostname }) => hostname ?? []);
    expect(hostnames.length).toBeGreaterThan(1);
    const sites = file()
      .match(/^[^\s{}][^{\n]* \{$/gm)!
      .map((line) => line.slice(0, -2));
    expect(sites.filter((site) => !site.startsWith("http://")).sort()).toEqual([...hostnames].sort());
  });

  it("sends members who come without encryption to the address that has it, port included", () => {
    expect(block(file(), "http://wiki.tilleuls.localhost")).toBe(
      "http://wiki.tilleuls.localhost {\n\tredir https://wiki.tilleuls.localhost:8443{uri} permanent\n}",
    );
    const plain = file()
      .match(/^http:\/\/(?!:)[^\n{]+(?= \{$)/gm)!
      .map((site) => site.slice("http://".length));
    expect(plain).toEqual(deployedServices(demo().inventory).flatMap(({ hostname }) => hostname ?? []));
  });

  it("passes requests on to the service by its name on their network", () => {
    expect(block(file(), "wiki.tilleuls.localhost")).toContain("reverse_proxy wiki:8080");
    expect(block(file(), "etat.tilleuls.localhost")).toContain("reverse_proxy lookout:9464");
  });

  it("asks for a volunteer's password before the lookout's internal pages, and nowhere else", () => {
    const state = block(file(), "etat.tilleuls.localhost");
    expect(state).toMatch(/@internal not path \/ [^\n]*\n\tbasicauth @internal \{\n\t\timport \S+\n\t\}/);
    for (const path of ["/oncall", "/runbooks", "/probe", "/metrics", "/directory"])
      expect(
        state
          .split("\n")
          .find((line) => line.includes("@internal not path"))!
          .split(" "),
      ).not.toContain(path);
    expect(block(file(), "wiki.tilleuls.localhost")).not.toContain("basicauth");
  });

  it("signs its own certificates only where told to", () => {
    expect(file("internal")).toContain("\tlocal_certs\n");
    expect(file("acme")).not.toContain("local_certs");
    expect(file("acme")).not.toContain("root.crt");
  });

  it("listens on the ports of this stack, offset included, and keeps its administration closed", () => {
    const moved = changedDemo(() => {});
    expect(file("internal", moved)).toMatch(/^\{\n\tadmin off\n\thttp_port 8080\n\thttps_port 8443\n/);
    expect(file("internal", demo({ prefix: "tilleuls-demo", portOffset: 500 }))).toMatch(
      /\thttp_port 8580\n\thttps_port 8943\n/,
    );
  });

  it("gives the address that certificates' warnings go to", () => {
    const told = changedDemo((copy) => {
      copy.services.proxy.delivery.settings = { acmeEmail: "it@tilleuls.example" };
    });
    expect(file("acme", told)).toContain("\temail it@tilleuls.example\n");
    expect(file("acme")).not.toContain("email");
  });

  it("closes as many braces as it opens, and none on the way", () => {
    let depth = 0;
    for (const line of file().split("\n")) {
      if (line.trim() === "}") depth -= 1;
      expect(depth).toBeGreaterThanOrEqual(0);
      expect(line.startsWith("\t".repeat(depth)) || line === "", line).toBe(true);
      if (line.endsWith("{")) depth += 1;
    }
    expect(depth).toBe(0);
  });
});

describe("the readers of internal pages", () => {
  it("are the members of the lookout's reading teams, each once", () => {
    const { inventory, people } = demo();
    expect(internalReaders(inventory, people.teams)).toEqual(people.teams.it);
    const more = changedDemo((copy) => {
      copy.services.lookout.delivery.settings.readers = ["it", "office", "it"];
    });
    const expected = [...new Set([...more.people.teams.it!, ...more.people.teams.office!])].sort();
    expect(internalReaders(more.inventory, more.people.teams)).toEqual(expected);
  });
});
