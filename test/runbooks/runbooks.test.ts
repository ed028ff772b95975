import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { Inventory, People } from "../../association/index.ts";
import { ALERTS } from "../../dashboards/alerts.ts";
import { documentPage } from "../../dashboards/render.ts";
import { LANGUAGES, words } from "../../dashboards/words/index.ts";
import { inLanguage } from "../../runbooks/library.ts";
import { renderRunbook, runbookIndex, runbookNames } from "../../runbooks/render.ts";
import { ALL_HOSTILE, HOSTILE, skeleton, textOf, withTexts } from "../dashboards/hostile.ts";
import { demoInventory, emptyView, everythingDown, viewOf } from "../dashboards/views.ts";

let inventory: Inventory;
let people: People;
beforeAll(async () => {
  ({ inventory, people } = await demoInventory());
});

const HEADINGS = {
  fr: ["Signification", "Conséquences", "Diagnostic", "Remédiation"],
  en: ["Meaning", "Impact", "Diagnosis", "Mitigation"],
} as const;

/** None, those that we run with and without data, one of a supplier, one that is still a project. */
const SERVICES = [undefined, "wiki", "nas", "gate", "lookout", "till", "mail", "vault"];

const names = runbookNames();
const source = (name: string): string => {
  const family = (ALERTS as readonly string[]).includes(name) ? "alerts" : "services";
  return readFileSync(new URL(`../../runbooks/${family}/${name}.md.hbs`, import.meta.url), "utf8");
};
const decoded = (html: string): string =>
  html
    .replaceAll("&#x27;", "'")
    .replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&#x3D;", "=")
    .replaceAll("&amp;", "&");
/** The commands of a page, line by line. */
const commandsIn = (html: string): string[] =>
  [...html.matchAll(/<pre><code>([\s\S]*?)<\/code><\/pre>/g)].flatMap(([, code]) =>
    decoded(code!).trimEnd().split("\n"),
  );

const render = (name: string, service: string | undefined, lang: "fr" | "en", view = viewOf(inventory)) =>
  renderRunbook(name, { inventory, people, view, service, lang });

describe("every runbook", () => {
  it("is that of an alert, or named by a service or by a kind of service", () => {
    expect(runbookNames("alerts").sort()).toEqual([...ALERTS].sort());
    const kinds = readdirSync(new URL("../../stacks/services/", import.meta.url));
    const used = new Set([...Object.values(inventory.services).map(({ runbook }) => runbook), ...kinds]);
    for (const name of runbookNames("services")) expect(used, name).toContain(name);
    for (const { id, runbook } of Object.values(inventory.services)) expect(names, id).toContain(runbook);
  });

  it.each(names)("%s says meaning, impact, diagnosis and mitigation in both languages", (name) => {
    for (const lang of LANGUAGES) {
      const { html } = render(name, undefined, lang)!;
      const found = [...html.matchAll(/<h2>([^<]*)<\/h2>/g)].map(([, text]) => text);
      expect(found, lang).toEqual(HEADINGS[lang]);
      expect(html.match(/<h1>/g)).toHaveLength(1);
    }
  });

  it.each(names)("%s says the same in both languages: as many paragraphs, items and commands", (name) => {
    const shape = (lang: "fr" | "en") =>
      (inLanguage(source(name), lang) ?? "")
        .split("\n")
        .map((line) => /^(#+ |- |\d\. |```|\{\{)/.exec(line)?.[0] ?? (line === "" ? "" : "text"))
        .join("\n");
    expect(shape("en")).toBe(shape("fr"));
  });

  it.each(names)("%s is filled in for services of all sorts, whatever their state", (name) => {
    const views = [emptyView, viewOf(inventory), viewOf(inventory, { down: everythingDown(inventory) })];
    for (const service of SERVICES) {
      for (const lang of LANGUAGES) {
        for (const view of views) {
          const rendered = render(name, service, lang, view)!;
          expect(rendered.title).not.toBe("");
          expect(rendered.html).not.toMatch(/[\uE000\uE001]|\bundefined\b|\bnull\b|\[object|NaN/);
          expect(balanced(rendered.html), `${name} ${service} ${lang}`).toBe(true);
        }
      }
    }
  });

  it.each(names)("%s gives commands that a shell understands", (name) => {
    const commands = SERVICES.flatMap((service) =>
      LANGUAGES.flatMap((lang) => commandsIn(render(name, service, lang)!.html)),
    );
    const script = [...new Set(commands)].join("\n");
    expect(() => execFileSync("/bin/sh", ["-n"], { input: script, stdio: "pipe" }), script).not.toThrow();
  });
});

/** Whether tags close in the order in which they were opened. */
function balanced(html: string): boolean {
  const open: string[] = [];
  for (const [, slash, tag, self] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)[^<>]*?(\/?)>/g)) {
    if (self || ["br", "hr", "img"].includes(tag!)) continue;
    if (!slash) open.push(tag!);
    else if (open.pop() !== tag) return false;
  }
  return open.length === 0;
}

describe("a runbook read for a service", () => {
  it("has the service's own container, host, owner and last error", () => {
    const down = { "wiki/http": { reason: "wrong-status", message: "found status 502, expected 200" } };
    const { title, html } = render("CheckFailing", "wiki", "en", viewOf(inventory, { down }))!;
    expect(title).toBe("A check fails – Wiki");
    expect(commandsIn(html)).toContain("docker restart tilleuls-demo-wiki");
    for (const text of [
      "Main server",
      "IT on call",
      "Karim Benali",
      "tel:+33639980102",
      "IT lead",
      "Hébergeur coopératif",
      "found status 502, expected 200",
      "wrong status code",
      "Front door",
      "/runbooks/wiki?service&#x3D;wiki",
    ]) {
      expect(html, text).toContain(text);
    }
    expect(commandsIn(html).some((line) => line.includes("/probe?target=wiki&check=http"))).toBe(true);
  });

  it("asks about the check that fails rather than another", () => {
    const view = viewOf(inventory, { down: { "wiki/tls": { reason: "expired" } } });
    const lines = commandsIn(render("CertificateExpiring", "wiki", "fr", view)!.html);
    expect(lines.some((line) => line.includes("target=wiki&check=tls"))).toBe(true);
  });

  it("types commands on the machine it runs on", () => {
    const far = {
      ...inventory,
      hosts: { ...inventory.hosts, far: { ...inventory.hosts.main!, id: "far", engine: "ssh://root@far.example" } },
      services: {
        ...inventory.services,
        wiki: { ...inventory.services.wiki!, delivery: { ...inventory.services.wiki!.delivery, host: "far" } },
      },
    } as unknown as Inventory;
    const { html } = renderRunbook("ContainerUnhealthy", {
      inventory: far,
      people,
      view: emptyView,
      service: "wiki",
      lang: "fr",
    })!;
    expect(commandsIn(html)).toContain("docker -H ssh://root@far.example restart tilleuls-demo-wiki");
  });

  it("takes up the supplier's contract when the service is a supplier's, and gives no command to restart it", () => {
    const { html } = render("external-service", "till", "fr")!;
    expect(html).toContain("Éditeur de caisse");
    expect(html).toContain("intervention le jour même");
    const failing = commandsIn(render("CheckFailing", "till", "fr")!.html);
    expect(failing.filter((line) => line.includes("restart"))).toEqual([]);
  });

  it("names each volume to be restored, and says so when there is none", () => {
    const lines = commandsIn(render("nas", "nas", "en")!.html);
    const restores = lines.filter((line) => line.includes("SNAPSHOT"));
    expect(restores).toHaveLength(2);
    for (const volume of ["tilleuls-demo-nas-shares", "tilleuls-demo-nas-audit"]) {
      expect(
        restores.some((line) => line.includes(volume)),
        volume,
      ).toBe(true);
    }
    expect(
      commandsIn(render("BackupStale", "nas", "en")!.html).filter((line) => line.includes(" run nas-")),
    ).toHaveLength(2);
  });

  it("tells a project's gate and next step", () => {
    const { html } = render("project", "vault", "en")!;
    expect(html).toContain(words.en.oncall.gates.build);
    expect(html).toContain("Put the file in the office&#x27;s share");
  });
});

describe("a runbook read without a service", () => {
  it("holds words in capitals to be replaced, and links to the services it may be about", () => {
    const { title, html } = render("CheckFailing", undefined, "en")!;
    expect(title).toBe("A check fails");
    expect(commandsIn(html)).toContain("docker restart CONTAINER");
    expect(html).toContain("/runbooks/CheckFailing?service&#x3D;wiki&amp;lang&#x3D;en");
  });

  it("asks for no service where what it says is about none", () => {
    const { other } = words.en.runbook;
    expect(render("CheckFailing", undefined, "en")!.html).toContain(other);
    for (const name of ["RenewalDue", "RoleVacant", "LookoutDown"])
      expect(render(name, undefined, "en")!.html, name).not.toContain(other);
  });

  it("is about the first service that uses it, where it is a service's", () => {
    expect(render("wiki", undefined, "en")!.title).toBe("Wiki: procedure – Wiki");
  });

  it("does not exist for names that are no runbook's or no service's", () => {
    for (const name of ["", "nope", "../alerts/CheckFailing", "constructor", "checkfailing"]) {
      expect(render(name, "wiki", "fr")).toBeUndefined();
    }
    for (const service of ["nope", "constructor", "__proto__", ""]) {
      expect(render("CheckFailing", service, "fr")).toBeUndefined();
    }
  });
});

describe("the list of runbooks", () => {
  it("names all of them, with links", () => {
    for (const lang of LANGUAGES) {
      const { title, html } = runbookIndex({ inventory, people, view: emptyView, lang });
      expect(title).toBe(words[lang].runbook.index);
      for (const name of names) expect(html).toContain(`href="/runbooks/${name}?lang&#x3D;${lang}"`);
    }
  });
});

describe("hostile texts in runbooks", () => {
  it.each(names)("never change what %s is made of, nor run anything", (name) => {
    const made = (text: string, lang: "fr" | "en") => {
      const own = withTexts(inventory, text);
      const down = { "wiki/http": { reason: text, message: text }, "nas/backup": { reason: "too-old", message: text } };
      const input = { inventory: own, people: withTexts(people, text), view: viewOf(inventory, { down }), lang };
      return ["wiki", "till", "nas"].map((service) => {
        const rendered = renderRunbook(name, { ...input, service })!;
        return documentPage(own, { ...rendered, query: { service } }, lang);
      });
    };
    // Links to telephones come and go with the digits of a number: they are left out of the comparison.
    const shape = (html: string) => skeleton(html).filter((tag) => !/^\/?a\b/.test(tag));
    for (const lang of LANGUAGES) {
      const expected = made("plain", lang).map(shape);
      for (const text of [ALL_HOSTILE, ...(name === "CheckFailing" ? HOSTILE : [])]) {
        const pages = made(text, lang);
        expect(pages.map(shape), text).toEqual(expected);
        for (const page of pages) {
          expect(textOf(page)).not.toMatch(/[<>]/);
          expect(page).not.toMatch(/href="javascript/i);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is looked for
          expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]/);
        }
      }
    }
  });

  it("cannot leave their word in a command", () => {
    const container = "x; touch /tmp/hacked #";
    const wiki = { ...inventory.services.wiki!, container };
    const own = { ...inventory, services: { ...inventory.services, wiki } };
    const { html } = renderRunbook("ContainerUnhealthy", {
      inventory: own,
      people,
      view: emptyView,
      service: "wiki",
      lang: "en",
    })!;
    expect(commandsIn(html)).toContain(`docker restart '${container}'`);
  });
});

it("the runbook of a job that reports has the call that it makes, and where its token is", () => {
  const [service] = Object.values(inventory.checks)
    .filter(({ kind }) => kind === "heartbeat")
    .map((check) => check.service);
  for (const lang of LANGUAGES) {
    const commands = commandsIn(render("CheckFailing", service, lang)!.html);
    const path = commands.find((line) => line.startsWith("curl "))!.match(/\/push\/[a-z0-9/-]+$/)![0];
    expect(path).toMatch(new RegExp(`^/push/${service}/`));
    expect(commands.some((line) => line.includes(" exec ") && line.endsWith(`/etc/vigie/secrets/derived${path}`))).toBe(
      true,
    );
    expect(commandsIn(render("CheckFailing", "wiki", lang)!.html).join("\n")).not.toContain("/push/");
  }
});
