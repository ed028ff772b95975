import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { mailHostnames } from "../../../../association/dns/index.ts";
import { deployedServices } from "../../../../stacks/context.ts";
import { caddyfile, internalReaders, proxyFiles } from "../../../../stacks/services/proxy/caddyfile.ts";
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
  it("has a site for each service with a host name and for the mail's own names, and no other", () => {
    const { inventory } = demo();
    const hostnames = [
      ...deployedServices(inventory).flatMap(({ hostname }) => hostname ?? []),
      ...mailHostnames(inventory),
    ];
    expect(hostnames.length).toBeGreaterThan(1);
    const sites = file()
      .match(/^[^\s{}][^{\n]* \{$/gm)!
      .map((line) => line.slice(0, -2));
    expect(sites.filter((site) => !site.startsWith("http://")).sort()).toEqual([...hostnames].sort());
  });

  it("serves what mail programs and other mail servers look for, each at a name of its own, and nothing else there", () => {
    const files = proxyFiles(demo().inventory, serviceOf("proxy"));
    const own = Object.keys(files).filter((path) => !/^files\/(mail\.|errors\/)/.test(path));
    expect(own.sort()).toEqual([
      "files/autoconfig.tilleuls.localhost/mail/config-v1.1.xml",
      "files/autodiscover.tilleuls.localhost/autodiscover/autodiscover.xml",
      "files/mta-sts.tilleuls.localhost/.well-known/mta-sts.txt",
      "shared",
    ]);
    expect(files["files/mta-sts.tilleuls.localhost/.well-known/mta-sts.txt"]).toContain("mode: enforce\r\n");
    const policy = block(file(), "mta-sts.tilleuls.localhost");
    expect(policy).toContain(
      "handle /.well-known/mta-sts.txt {\n\t\troot * /etc/vigie/files/mta-sts.tilleuls.localhost",
    );
    expect(policy).toContain("handle {\n\t\trespond 404\n\t}");
  });

  it("helps members to set up their mail programs at the mail server's own name, in both languages", () => {
    const files = proxyFiles(demo().inventory, serviceOf("proxy"));
    const page = (name: string) => files[`files/mail.tilleuls.localhost/${name}`]!;
    expect(page("index.html")).toContain('lang="fr"');
    expect(page("en.html")).toContain("Setting up your mail");
    for (const value of ["mail.tilleuls.localhost", "2991", "4656", "5878", "4194"])
      expect(page("index.html")).toContain(value);
    for (const [, path] of page("index.html").matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g))
      expect(page(path!.slice(1))).toBeTruthy();
    expect(page("index.html")).not.toMatch(/<script|style=|courriel\.example/);
    const site = block(file(), "mail.tilleuls.localhost");
    expect(site).toContain("handle / {");
    expect(site).toContain("Content-Security-Policy");
  });

  it("leaves the mail's names to the proxy of the mail server's host", () => {
    const without = changedDemo((copy) => {
      copy.services.mail.delivery = { by: "supplier", supplier: "hosting" };
      copy.services.mail.checks = [{ check: "http", url: "http://site.example/" }];
      // The lookout's own list needs a mail server of ours.
      delete copy.services.sympa.delivery.settings.probe;
    });
    const files = Object.keys(proxyFiles(without.inventory, serviceOf("proxy", without)));
    expect(files.filter((path) => !path.startsWith("files/errors/"))).toEqual([]);
    expect(file("internal", without)).not.toContain("mta-sts");
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
    // One that hangs must not keep its visitors waiting: they are told after a while.
    for (const name of ["wiki", "etat"])
      expect(block(file(), `${name}.tilleuls.localhost`)).toMatch(
        /transport http \{\s+response_header_timeout \d+[sm]/,
      );
  });

  it("asks for a volunteer's password before the lookout's internal pages, and nowhere else", () => {
    const state = block(file(), "etat.tilleuls.localhost");
    const lines = state.split("\n").map((line) => line.trim());
    const order = [
      "request_header -X-Vigie-User",
      "request_header -X-Vigie-Proof",
      "basicauth @internal {",
      "request_header @internal X-Vigie-User {http.auth.user.id}",
      "import /tmp/proof",
      "reverse_proxy lookout:9464 {",
    ].map((line) => lines.indexOf(line));
    expect(order).not.toContain(-1);
    expect(order, "what visitors claim is taken away before the proxy speaks").toEqual(order.toSorted((a, b) => a - b));
    for (const path of ["/oncall", "/runbooks", "/probe", "/metrics", "/directory"])
      expect(
        state
          .split("\n")
          .find((line) => line.includes("@internal not path"))!
          .split(" "),
      ).not.toContain(path);
    expect(block(file(), "wiki.tilleuls.localhost")).not.toContain("basicauth");
  });

  it("says itself that a service does not answer, in every language, and where to look", () => {
    const files = proxyFiles(demo().inventory, serviceOf("proxy"));
    for (const { id, hostname, name } of deployedServices(demo().inventory)) {
      const page = files[`files/errors/${id}.html`];
      if (hostname === undefined) expect(page, id).toBeUndefined();
      else {
        expect(page, id).toMatch(/^<!doctype html>\n<html lang="fr">/);
        expect(page, id).toContain(`${name.fr.replaceAll("'", "&#x27;")}\u00a0: pas de réponse</h1>`);
        expect(page, id).toContain(`<h2>${name.en.replaceAll("'", "&#x27;")}: no answer</h2>`);
        expect(block(file(), hostname), id).toContain(`rewrite * /${id}.html`);
      }
    }
    expect(files["files/errors/wiki.html"]).toContain('<a href="https://etat.tilleuls.localhost:8443/?lang&#x3D;fr">');
    // Where the page of states is what does not answer, it is no help: a role's address is.
    expect(files["files/errors/lookout.html"]).toContain('<a href="mailto:');
    expect(files["files/errors/lookout.html"]).not.toContain("etat.tilleuls");
    expect(files["files/errors/_locked.html"]).toContain("réservée aux bénévoles");
    expect(block(file(), "wiki.tilleuls.localhost")).not.toContain("_locked");
  });

  it("allows these pages their own style and nothing else", () => {
    const [page] = Object.entries(proxyFiles(demo().inventory, serviceOf("proxy"))).filter(([path]) =>
      path.endsWith("wiki.html"),
    );
    const style = /<style>([\s\S]*?)<\/style>/.exec(page![1])![1]!;
    const hash = createHash("sha256").update(style).digest("base64");
    expect(block(file(), "wiki.tilleuls.localhost")).toContain(`style-src 'sha256-${hash}'`);
    expect(page![1]).not.toMatch(/<script|<img|<link| style=/);
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
