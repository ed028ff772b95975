import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Inventory, People } from "../../../association/index.ts";
import { fileOf } from "../../../cli/export/addresses.ts";
import { askBy } from "../../../cli/export/ask.ts";
import { filesOf } from "../../../cli/export/files.ts";
import { replaceFolder } from "../../../cli/export/folder.ts";
import { type Ask, gather } from "../../../cli/export/gather.ts";
import { placesIn, unescaped, withFileLinks } from "../../../cli/export/links.ts";
import { run } from "../../../cli/run.ts";
import { assetsByPath } from "../../../dashboards/assets.ts";
import { baseOf } from "../../../dashboards/pages/incidents.ts";
import { paramsOf, renderPage, site } from "../../../dashboards/site.ts";
import type { LookoutView } from "../../../dashboards/view.ts";
import { ALL_HOSTILE, textOf, withTexts } from "../../dashboards/hostile.ts";
import { demoInTrouble, incidentsOf, NOW, viewOf, worksOf } from "../../dashboards/views.ts";

let inventory: Inventory;
let people: People;
let view: LookoutView;
beforeAll(async () => {
  ({ inventory, people, view } = await demoInTrouble());
});

/** A lookout that would show everything to whoever asks, internal pages too; what it was asked for. */
function lookout(of: { inventory: Inventory; people: People; view: LookoutView }) {
  const asked: string[] = [];
  const ask: Ask = async (addresses) =>
    addresses.map((address) => {
      asked.push(address);
      const { pathname, searchParams } = new URL(address, "http://lookout");
      const asset = assetsByPath.get(pathname);
      if (asset) return { status: 200, body: asset.body.toString("utf8") };
      for (const page of Object.values(site)) {
        const params = paramsOf(page.path, pathname);
        const body = params && renderPage(page, of, searchParams.get("lang") as "fr", { params, query: {} });
        if (body !== undefined) return { status: 200, body };
      }
      return { status: 404, body: "" };
    });
  return { ask, asked };
}

const exported = async (of = { inventory, people, view }, at?: string) => {
  const edition = { inventory, people, now: NOW, base: baseOf(inventory), ...(at === undefined ? {} : { at }) };
  return filesOf(await gather(of.inventory, lookout(of).ask), edition);
};

const pagesOf = (files: ReadonlyMap<string, string>) => [...files].filter(([file]) => file.endsWith(".html"));

describe("an export", () => {
  it("holds every public page, feed, calendar, badge and asset, in each language", async () => {
    const files = await exported();
    for (const lang of ["fr", "en"])
      for (const file of [
        "index.html",
        "incidents/index.html",
        "incidents/auto-wiki-1/index.html",
        "incidents/2026-03-02-shop-offline/index.html",
        "status/wiki/index.html",
        "badges/wiki.svg",
        "feeds/status.atom",
        "feeds/status.rss",
        "feeds/status.json",
        "feeds/maintenance.ics",
      ])
        expect([...files.keys()]).toContain(`${lang}/${file}`);
    for (const path of assetsByPath.keys())
      if (/vigie\.\w+\.(css|svg)$/.test(path)) expect([...files.keys()]).toContain(path.slice(1));
    expect(files.get("index.html")).toContain('<html lang="fr">');
    expect(files.get("en/index.html")).toContain('<html lang="en">');
  });

  it("asks for public addresses only, each once", async () => {
    const { ask, asked } = lookout({ inventory, people, view });
    await gather(inventory, ask);
    expect(new Set(asked).size).toBe(asked.length);
    for (const address of asked) expect(address).toMatch(/^\/(\?|incidents[/?]|status\/|badges\/|feeds\/|assets\/)/);
  });

  it("tells nothing of people, machines, messages and internal services", async () => {
    const secrets = [
      ...Object.values(people.holders).flatMap(({ name, email, phone, login }) => [name, email, login, phone ?? name]),
      ...Object.values(inventory.services).flatMap(({ container }) => container ?? []),
      ...Object.values(inventory.suppliers).flatMap(({ contact: { email, phone } }) =>
        [email ?? [], phone ?? []].flat(),
      ),
      "detail-of-the-failure",
      "auto-prometheus-1",
      "/oncall",
      "/runbooks",
      "/log/",
    ];
    for (const [file, body] of await exported())
      for (const secret of secrets) expect(unescaped(body), file).not.toContain(secret);
  });

  it("has links that lead to its own files or to another site, and none that leads nowhere", async () => {
    const files = await exported();
    let followed = 0;
    for (const [file, body] of pagesOf(files))
      for (const [, written] of body.matchAll(/\s(?:href|src)="([^"]*)"/g)) {
        const link = unescaped(written!);
        if (/^(https?:|mailto:|tel:|#)/.test(link)) continue;
        const target = posix.join(dirname(file), decodeURIComponent(link.replace(/#.*/, "")));
        expect([...files.keys()], `${file} → ${link}`).toContain(target);
        followed++;
      }
    expect(followed).toBeGreaterThan(100);
    expect(files.get("fr/status/wiki/index.html")).toContain('href="../../../en/status/wiki/index.html"');
  });

  it("says on each page when it was made, on the association's clocks, and where the newest is", async () => {
    const files = await exported();
    for (const [file, body] of pagesOf(files))
      expect(body, file).toContain(`<time datetime="${new Date(NOW).toISOString()}">`);
    expect(files.get("fr/index.html")).toContain("10 mars 2026, 14:05");
    expect(files.get("en/index.html")).toContain(`href="${baseOf(inventory)}/?lang=en"`);
    for (const [file, body] of pagesOf(files))
      expect(/<p class="updated">[\s\S]*?<\/p>/.exec(body)?.[0] ?? "", file).not.toMatch(/il y a| ago|maintenant|now/);
    expect(files.get("fr/index.html")).toMatch(/Dernier contrôle\s: <time [^>]*>\d\d:\d\d<\/time>/);
  });

  it("leads readers of feeds to the copy where its address is told, and keeps the entries' identities", async () => {
    const at = "https://status.example.org/copy";
    const [here, there] = [await exported(), await exported(undefined, at)];
    expect(here.get("en/feeds/status.atom")).not.toContain(at);
    const feed = JSON.parse(there.get("en/feeds/status.json")!);
    const before = JSON.parse(here.get("en/feeds/status.json")!);
    expect(feed.items.map(({ id }: { id: string }) => id)).toEqual(before.items.map(({ id }: { id: string }) => id));
    expect(feed.items.map(({ url }: { url: string }) => url)).toContain(`${at}/en/incidents/auto-wiki-1/index.html`);
    expect(there.get("en/status/wiki/index.html")).toContain(`${at}/en/badges/wiki.svg`);
    expect(there.get("fr/feeds/status.atom")).toContain(`${at}/fr/feeds/status.atom`);
  });

  it("shows hostile texts as texts", async () => {
    const hostile = {
      inventory: withTexts(inventory, ALL_HOSTILE),
      people,
      view: viewOf(inventory, { incidents: incidentsOf(ALL_HOSTILE), works: worksOf(ALL_HOSTILE) }),
    };
    for (const [file, body] of pagesOf(await exported(hostile))) {
      expect(textOf(body), file).not.toMatch(/[<>]/);
      expect(body, file).not.toMatch(/href="(?!https?:|mailto:|tel:|#|[\w./%-]+")/);
    }
  });

  it.each(["Karim Benali", "karim.benali@courriel.example", "+33639980102"])(
    "is refused, with the page's name, where somebody wrote %s for everybody to read",
    async (personal) => {
      const told = { inventory, people, view: viewOf(inventory, { incidents: incidentsOf(`Call ${personal}.`) }) };
      await expect(exported(told)).rejects.toThrow(
        /\/incidents\/2026-03-02-shop-offline\?lang=fr tells who somebody is/,
      );
    },
  );

  it("is refused where the lookout fails or shows something else, all of it at once", async () => {
    const answers =
      (status: number, body = ""): Ask =>
      async (all) =>
        all.map(() => ({ status, body }));
    await expect(gather(inventory, answers(500))).rejects.toThrow(/500 at \/\?lang=fr[\s\S]*500 at \/\?lang=en/);
    await expect(gather(inventory, answers(404))).rejects.toThrow("404 at /?lang=fr");
    await expect(gather(inventory, answers(200, '<body class="internal">'))).rejects.toThrow("is no public page");
  });

  it("leaves out what is declared and not deployed yet, and the links to it", async () => {
    const { ask } = lookout({ inventory, people, view });
    const without: Ask = async (all) =>
      (await ask(all)).map((answer, index) =>
        all[index]!.startsWith("/status/wiki") ? { status: 404, body: "" } : answer,
      );
    const files = filesOf(await gather(inventory, without), { inventory, people, now: NOW, base: baseOf(inventory) });
    expect([...files.keys()]).not.toContain("fr/status/wiki/index.html");
    for (const [file, body] of pagesOf(files)) expect(body, file).not.toMatch(/href="[^"]*status\/wiki\//);
  });
});

describe("a file of an export", () => {
  it.each([
    "/oncall",
    "/log/auto-wiki-1",
    "/services/wiki",
    "/metrics",
    "/incidents/..",
    "/incidents/%2e%2e",
    "/incidents/..%2f..%2fetc",
    "/incidents/.htaccess",
    "/incidents/index.html",
    "/incidents/a%00b",
    "/incidents/a%5Cb",
    `/incidents/${"x".repeat(300)}`,
    "/assets/..%2fx",
  ])("is none for %s", (address) => {
    expect(fileOf(address, "fr")).toBeUndefined();
  });
});

describe("a link", () => {
  const from = { address: "/status/wiki", lang: "fr" };
  it.each(["//evil.example/x", "/\\evil.example", "javascript:alert(1)", "/oncall", "relative", "data:text/html,x"])(
    "to %s is none in an export",
    (link) => {
      const html = withFileLinks(
        `<a href="${link}">x</a>`,
        { ...from, file: "fr/status/wiki/index.html" },
        () => undefined,
      );
      expect(html).toBe("<a>x</a>");
    },
  );

  it("is read as browsers read it", () => {
    expect(placesIn('<a href="/incidents/a%20b?lang&#x3D;en&amp;x=1">', from)).toMatchObject([
      { address: "/incidents/a%20b", lang: "en" },
    ]);
    expect(placesIn('<a href="?lang=en"><a href="https://x.example/"><a href="/%zz">', from)).toMatchObject([
      { address: "/status/wiki", lang: "en" },
    ]);
  });
});

describe("the folder of an export", () => {
  let own: string;
  beforeEach(() => {
    own = mkdtempSync(join(tmpdir(), "vigie-export-"));
  });
  afterEach(() => rmSync(own, { recursive: true, force: true }));

  it("is replaced as a whole, with nothing left of the earlier export nor beside it, and for every reader", () => {
    const folder = join(own, "deep", "status");
    replaceFolder(
      folder,
      new Map([
        ["index.html", "one"],
        ["fr/gone.html", "x"],
      ]),
    );
    replaceFolder(folder, new Map([["index.html", "two"]]));
    expect(readdirSync(folder).sort()).toEqual([".vigie-export", "index.html"]);
    expect(readFileSync(join(folder, "index.html"), "utf8")).toBe("two");
    expect(readdirSync(dirname(folder))).toEqual(["status"]);
    expect(statSync(folder).mode & 0o777).toBe(0o755);
  });

  it("stays as it was where the next export cannot be written", () => {
    const folder = join(own, "status");
    replaceFolder(folder, new Map([["index.html", "one"]]));
    expect(() =>
      replaceFolder(
        folder,
        new Map([
          ["a", "x"],
          ["a/b", "y"],
        ]),
      ),
    ).toThrow();
    expect(readFileSync(join(folder, "index.html"), "utf8")).toBe("one");
    expect(readdirSync(own)).toEqual(["status"]);
  });

  it("is never one that holds something else", () => {
    const folder = join(own, "papers");
    mkdirSync(folder);
    writeFileSync(join(folder, "minutes.odt"), "x");
    expect(() => replaceFolder(folder, new Map())).toThrow("holds something else");
    expect(() => replaceFolder(join(folder, "minutes.odt"), new Map())).toThrow("is no folder");
    expect(readdirSync(folder)).toEqual(["minutes.odt"]);
  });
});

describe("asking a lookout", () => {
  const node = (words: readonly string[]) => run(process.execPath, words);

  it("brings one answer for each address, in order, as they are", async () => {
    const server = createServer((request, response) => {
      response.statusCode = request.url === "/missing" ? 404 : request.url === "/moved" ? 302 : 200;
      response.setHeader("location", "/").end(`é ${request.url} ${request.headers.authorization ?? "nobody"}`);
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    try {
      const ask = askBy(node, (server.address() as AddressInfo).port);
      expect(await ask([])).toEqual([]);
      const hostile = "/x?q=`$(reboot)`\"'";
      expect(await ask(["/a", "/missing", "/moved", hostile])).toMatchObject([
        { status: 200, body: "é /a nobody" },
        { status: 404 },
        { status: 302 },
        { status: 200, body: expect.stringContaining("$(reboot)") },
      ]);
    } finally {
      server.close();
    }
  });

  it("says what to do where it does not answer", async () => {
    const silent = async () => ({ code: 1, stdout: "", stderr: "Error: No such container: x\n" });
    await expect(askBy(silent, 1)(["/"])).rejects.toThrow(/No such container: x[\s\S]*npm run up/);
  });
});
