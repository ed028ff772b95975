/**
 * Every page in every state, language, colour scheme and width, in Chromium: pictures to be looked at, and axe's
 * findings. `node test/dashboards/pictures.ts FOLDER [PAGE…]`; exits 1 when axe finds something or a page overflows.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { pathToFileURL } from "node:url";
import type { AxeResults } from "axe-core";
import { type Browser, chromium } from "playwright-core";
import type { Inventory, People } from "../../association/index.ts";
import { assetsByPath, documentPage, errorPage, type Lang, notFoundPage } from "../../dashboards/render.ts";
import { addressesOf, paramsOf, renderPage, type SiteInput, site } from "../../dashboards/site.ts";
import type { LookoutView } from "../../dashboards/view.ts";
import { renderRunbook } from "../../runbooks/render.ts";
import { ALL_HOSTILE, withTexts } from "./hostile.ts";
import { demoInventory, emptyView, everythingDown, incidentsOf, NOW, viewOf, worksOf } from "./views.ts";

type Pages = Readonly<Record<string, (lang: Lang) => string>>;

/** The pages to be looked at, made from the demo association. */
export function pagesOf(inventory: Inventory, people: People): Pages {
  const some = {
    "wiki/http": { reason: "wrong-status", message: "status 502, expected 200" },
    "nas/backup": {
      reason: "too-old",
      message: "the last snapshot of volume shares of nas is 19 h 0 min old, expected 12 h 0 min at most",
    },
    "till/tcp": {
      reason: "refused",
      message: "the connection was refused: nothing listens there (connect ECONNREFUSED 192.0.2.9:5432)",
    },
    "proxy/tcp": { reason: "timeout", message: "not done within 10 s, while connecting" },
  };
  const views: Record<string, LookoutView> = {
    up: viewOf(inventory),
    some: viewOf(inventory, {
      down: some,
      maintenance: { forms: { until: NOW + 3_600_000 } },
      problems: ["History is kept in memory only: the disk is full"],
      incidents: incidentsOf(),
      works: worksOf(),
    }),
    down: viewOf(inventory, { down: everythingDown(inventory) }),
    late: viewOf(inventory, { late: 3_600_000 }),
    empty: emptyView,
  };
  const hostile: SiteInput = {
    inventory: withTexts(inventory, ALL_HOSTILE),
    people: withTexts(people, ALL_HOSTILE),
    view: viewOf(inventory, {
      down: { "wiki/http": { reason: ALL_HOSTILE, message: ALL_HOSTILE } },
      incidents: incidentsOf(ALL_HOSTILE),
      works: worksOf(ALL_HOSTILE),
    }),
  };
  const runbook = (name: string, service?: string) => (lang: Lang) =>
    documentPage(inventory, renderRunbook(name, { inventory, people, view: views.some!, service, lang })!, lang);
  /** The page of the audit trail, with something found. */
  const files = (query: Record<string, string>, path: string, why: string) => (lang: Lang) => {
    const found = {
      time: new Date(NOW - 3_600_000).toISOString(),
      user: "paul-faure",
      ip: "192.0.2.7",
      share: "epicerie",
      path,
    };
    const events = [
      { ...found, event: "delete", result: "ok" },
      { ...found, event: "rename", result: "ok", to: `archives/${path}` },
      { ...found, event: "connect", result: "denied", user: "somebody", why, path: undefined },
    ];
    const answer = { ok: true, events, next: "2027-03-12:55", reached: events[0]!.time, since: "2026-03-12" } as const;
    return renderPage(site.files!, { inventory, people, view: views.some! }, lang, { params: {}, query }, answer)!;
  };
  return {
    ...Object.fromEntries(
      Object.entries(views).flatMap(([name, view]) =>
        ["status", "oncall"].flatMap((page) => [...pictured(page, { inventory, people, view }, name)]),
      ),
    ),
    // Whatever page is added is looked at too, on a bad day and with hostile texts.
    ...Object.fromEntries(
      Object.keys(site)
        .filter((page) => (site[page]!.type ?? "text/html").startsWith("text/html"))
        .flatMap((page) => [
          ...pictured(page, { inventory, people, view: views.some! }),
          ...pictured(page, hostile, "hostile"),
        ]),
    ),
    "files-found": files(
      { path: "commandes", user: "paul-faure" },
      "commandes/été/bon de commande.odt",
      "not in a team of this share",
    ),
    "files-found-hostile": files({ path: ALL_HOSTILE }, ALL_HOSTILE.repeat(3), ALL_HOSTILE),
    "runbook-alert": runbook("CheckFailing", "wiki"),
    "runbook-service": runbook("nas", "nas"),
    "runbook-supplier": runbook("external-service", "till"),
    "runbook-generic": runbook("ContainerUnhealthy"),
    "not-found": (lang) => notFoundPage(inventory, lang),
    error: (lang) => errorPage(inventory, lang),
  };
}

/** A page at its first address. */
function pictured(name: string, input: SiteInput, suffix?: string): [string, (lang: Lang) => string][] {
  const page = site[name]!;
  const addresses = addressesOf(page, input, "fr");
  // Of services, the one with most to show.
  const address = addresses.find((one) => one.endsWith("/wiki")) ?? addresses[0];
  if (address === undefined) return [];
  const params = paramsOf(page.path, address)!;
  return [
    [
      suffix === undefined ? name : `${name}-${suffix}`,
      (lang) => renderPage(page, input, lang, { params, query: {} })!,
    ],
  ];
}

const LOOKS = [
  { lang: "fr", scheme: "light", width: 1280 },
  { lang: "en", scheme: "dark", width: 1280 },
  { lang: "fr", scheme: "dark", width: 360 },
  { lang: "en", scheme: "light", width: 360 },
] as const;

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'";

const BADGE = `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="22"><path d="M0 0h120v22H0z"/></svg>`;

/** Serves pages as the lookout does, under the same policy. */
async function serve(pages: Pages): Promise<{ base: string; close: () => void }> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const asset = assetsByPath.get(url.pathname);
    const page = pages[url.pathname.slice(1)];
    if (url.pathname.startsWith("/badges/")) response.writeHead(200, { "Content-Type": "image/svg+xml" }).end(BADGE);
    else if (asset) response.writeHead(200, { "Content-Type": asset.type }).end(asset.body);
    else if (!page) response.writeHead(404).end();
    else {
      const html = page(url.searchParams.get("lang") === "en" ? "en" : "fr");
      response
        .writeHead(200, { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": POLICY })
        .end(html);
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

/** What is wrong with pages, in words; pictures are left in a folder where one is given. */
export async function inspect(browser: Browser, pages: Pages, folder?: string): Promise<string[]> {
  const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  const { base, close } = await serve(pages);
  const problems: string[] = [];
  try {
    for (const name of Object.keys(pages)) {
      for (const { lang, scheme, width } of LOOKS) {
        const look = `${name}-${lang}-${scheme}-${width}`;
        // axe itself is a script, which the pages' own policy rightly refuses.
        const context = await browser.newContext({
          viewport: { width, height: 900 },
          colorScheme: scheme,
          bypassCSP: true,
        });
        const page = await context.newPage();
        page.on("console", (message) => problems.push(`${look}: console: ${message.text()}`));
        page.on("dialog", (dialog) => {
          problems.push(`${look}: a dialog was opened: ${dialog.message()}`);
          void dialog.dismiss();
        });
        await page.goto(`${base}/${name}?lang=${lang}`);
        if (folder) {
          const path = `${folder}/${look}.png`;
          // Of a page that is longer than Chromium can paint at once, its beginning.
          await page.screenshot({ path, fullPage: true }).catch(() => page.screenshot({ path }));
        }
        const over = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
        if (Number(over) > 0) problems.push(`${look}: wider than the screen by ${over} pixels`);
        await page.evaluate(axe);
        const run = `axe.run(document, { runOnly: ${JSON.stringify(RULES)} })`;
        const { violations } = (await page.evaluate(run)) as AxeResults;
        for (const { id, help, nodes } of violations) {
          // There, every team is called the same.
          if (id === "landmark-unique" && name.endsWith("-hostile")) continue;
          problems.push(
            `${look}: ${id}: ${help}: ${nodes
              .map(({ html }) => html)
              .join(" ")
              .slice(0, 300)}`,
          );
        }
        await context.close();
      }
    }
  } finally {
    close();
  }
  return problems;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [folder = "pictures", ...names] = process.argv.slice(2);
  mkdirSync(folder, { recursive: true });
  const { inventory, people } = await demoInventory();
  const all = pagesOf(inventory, people);
  const chosen = names.length === 0 ? all : Object.fromEntries(names.map((name) => [name, all[name]!]));
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  const problems = await inspect(browser, chosen, folder);
  await browser.close();
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
