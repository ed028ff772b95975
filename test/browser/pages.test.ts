import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../cli/places.ts";
import { site } from "../../dashboards/site.ts";
import { container, demo, docker, eventually } from "../real/demo.ts";
import { lookoutPage } from "../real/web.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** WCAG 2.2 at level AA, with all that it contains of the versions before. */
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const SHOTS = join(ROOT, "test", "out", "screenshots");

const PAGES = {
  status: "/",
  oncall: "/oncall",
  runbook: "/runbooks/CheckFailing?service=wiki",
  procedure: "/runbooks/wiki?service=wiki",
  runbooks: "/runbooks",
  missing: "/no-such-page",
} as const;
type Name = keyof typeof PAGES;

const TITLES: Record<"fr" | "en", Partial<Record<Name, RegExp>>> = {
  fr: { status: /État des services/, oncall: /Astreinte/, missing: /introuvable|n'existe pas|Page/ },
  en: { status: /Service status/, oncall: /On call/, missing: /not found|no such page|Page/i },
};

const LANGUAGES = ["fr", "en"] as const;
const SCHEMES = ["light", "dark"] as const;
const WIDTHS = [375, 1280] as const;

let browser: Browser;
beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // Chromium refuses its own sandbox to root, which is who runs tests in a container.
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
});
afterAll(() => browser.close());

interface Look {
  lang?: "fr" | "en";
  scheme?: "light" | "dark";
  width?: number;
}

/** A visitor's window, and all that went wrong in it. */
interface Window {
  page: Page;
  context: BrowserContext;
  faults: string[];
  /** Whether something of the page was dropped on its way: see `open`. */
  cut: boolean;
}

/** The page that Chromium then shows instead may itself come in the way of the next attempt. */
const DROPPED = /ERR_NETWORK_CHANGED|interrupted by another navigation to "chrome-error:/;
const MOST_ATTEMPTS = 5;

async function openWindow({ lang = "fr", scheme = "light", width = 1280 }: Look = {}): Promise<Window> {
  const context = await browser.newContext({
    // Certificates are verified in test/real/wiki.test.ts; this browser does not know the demo's authority.
    ignoreHTTPSErrors: true,
    locale: lang === "fr" ? "fr-FR" : "en-GB",
    colorScheme: scheme,
    viewport: { width, height: width < 600 ? 812 : 900 },
    httpCredentials: { username: "lea-martin", password: demo().passwords["lea-martin"]! },
  });
  const page = await context.newPage();
  const window: Window = { page, context, faults: [], cut: false };
  const { faults } = window;
  const here = new URL(demo().urls.lookout!).origin;
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()) && !DROPPED.test(message.text()))
      faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== here) faults.push(`request to elsewhere: ${request.url()}`);
  });
  page.on("requestfailed", (request) => {
    if (DROPPED.test(request.failure()?.errorText ?? "")) window.cut = true;
    else faults.push(`failed: ${request.url()} ${request.failure()?.errorText}`);
  });
  return window;
}

async function visit<T>(look: Look, path: string, then: (window: Window, status: number) => Promise<T>): Promise<T> {
  const window = await openWindow(look);
  try {
    const answer = await open(window, `${demo().urls.lookout}${path}`);
    return await then(window, answer!.status());
  } finally {
    await window.context.close();
  }
}

/** Chromium drops what it is loading when a network interface comes or goes, as happens when containers start elsewhere. */
async function open(window: Window, url: string): ReturnType<Page["goto"]> {
  for (let attempt = 1; ; attempt++) {
    window.cut = false;
    try {
      const answer = await window.page.goto(url);
      // The style sheet may be what was dropped.
      if (!window.cut || attempt === MOST_ATTEMPTS) return answer;
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || !DROPPED.test((error as Error).message)) throw error;
    }
    window.faults.length = 0;
  }
}

interface Violation {
  id: string;
  help: string;
  nodes: { target: string[]; html: string; failureSummary?: string }[];
}

/** What axe finds wrong with the page. Run through the debugger, so that the page's own policy stays in force. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = (await page.evaluate(
    `axe.run(document, { runOnly: { type: "tag", values: ${JSON.stringify(WCAG)} } }).then((result) => result.violations)`,
  )) as Violation[];
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
  );
}

const overflow = (page: Page): Promise<number> =>
  page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") as Promise<number>;

const expected = (name: Name): number => (name === "missing" ? 404 : 200);
/** Chromium says in its console that a page answered 404: that is what was asked for. */
const own = (name: Name, faults: string[]): string[] =>
  faults.filter((fault) => !(name === "missing" && /status of 404/.test(fault)));

const looks = LANGUAGES.flatMap((lang) =>
  SCHEMES.flatMap((scheme) => WIDTHS.map((width) => ({ lang, scheme, width }))),
);
const names = Object.keys(PAGES) as Name[];

describe.each(looks)("in $lang, $scheme, $width px wide", (look) => {
  it.each(names)("%s can be read by everybody and asks nobody else for anything", async (name) => {
    await visit(look, PAGES[name], async ({ page, faults }, status) => {
      expect(status).toBe(expected(name));
      expect(await page.getAttribute("html", "lang")).toBe(look.lang);
      expect(await page.title()).toMatch(TITLES[look.lang][name] ?? /./);
      await page.screenshot({
        path: join(SHOTS, `${name}-${look.lang}-${look.scheme}-${look.width}.png`),
        fullPage: true,
      });
      expect(await violations(page)).toEqual([]);
      expect(await overflow(page), "pixels wider than the window").toBeLessThanOrEqual(0);
      expect(own(name, faults)).toEqual([]);
    });
  });
});

/** Other pages of the site, each at one address: what is common to all of them has been looked at in every way above. */
const EXAMPLES: Readonly<Record<string, string>> = { service: "/services/wiki", "service-public": "/status/wiki" };
/** Pages of something that has happened: nothing has, in a demo that is well. */
const OF_EVENTS = ["incident", "log-entry"];
const others = Object.entries(site)
  .filter(([name, { type = "text/html" }]) => type.startsWith("text/html") && !OF_EVENTS.includes(name))
  .map(([name, { path }]) => ({ name, path: EXAMPLES[name] ?? path }))
  .filter(({ path }) => !Object.values(PAGES).some((address) => address.split("?")[0] === path));

describe.each([
  { lang: "fr", scheme: "light", width: 1280 },
  { lang: "en", scheme: "dark", width: 375 },
] as const)("any other page in $lang, $scheme, $width px wide", (look) => {
  it.each(others.filter(({ path }) => !path.includes(":")))(
    "$path can be read by everybody and asks nobody else for anything",
    async ({ path }) => {
      await visit(look, path, async ({ page, faults }, status) => {
        expect(status).toBe(200);
        expect(await page.getAttribute("html", "lang")).toBe(look.lang);
        expect(await violations(page)).toEqual([]);
        expect(await overflow(page), "pixels wider than the window").toBeLessThanOrEqual(0);
        expect(faults).toEqual([]);
      });
    },
  );
});

it("every page of the site has an address to be looked at", () => {
  expect(others.filter(({ path }) => path.includes(":") && !path.startsWith("/runbooks/"))).toEqual([]);
});

describe("axe", () => {
  it("does find fault with a page that has some", async () => {
    await visit({}, "/", async ({ page }) => {
      await page.evaluate('document.documentElement.removeAttribute("lang")');
      expect((await violations(page)).join("\n")).toMatch(/html-has-lang/);
    });
  });
});

describe("a page's own policy", () => {
  it("lets no script in, whoever adds it", async () => {
    await visit({}, "/", async ({ page, faults }) => {
      await page.evaluate(
        `document.body.append(Object.assign(document.createElement("script"), { textContent: "window.intruded = true" }))`,
      );
      expect(await page.evaluate("window.intruded")).toBeUndefined();
      expect(faults.join("\n")).toMatch(/Content Security Policy/i);
    });
  });
});

describe("languages", () => {
  it("change by the link that each page has, and stay on the same page", async () => {
    await visit({ lang: "fr" }, PAGES.runbook, async ({ page }) => {
      await page.click("a.language");
      expect(await page.getAttribute("html", "lang")).toBe("en");
      const { pathname, searchParams } = new URL(page.url());
      expect([pathname, searchParams.get("service")]).toEqual(["/runbooks/CheckFailing", "wiki"]);
      await page.click("a.language");
      expect(await page.getAttribute("html", "lang")).toBe("fr");
    });
  });
});

describe("with a keyboard alone", () => {
  const focused = (page: Page): Promise<{ text: string; href: string | null; visible: boolean }> =>
    page.evaluate(`(() => {
      const element = document.activeElement;
      const box = element.getBoundingClientRect();
      return {
        text: element.textContent.trim(),
        href: element.getAttribute("href"),
        visible: box.width > 1 && box.height > 1 && box.left >= 0 && box.top >= 0 && box.bottom <= innerHeight,
      };
    })()`) as never;

  it.each(["status", "oncall", "runbook"] as const)("%s begins with a link that skips to the content", async (name) => {
    await visit({ lang: "en" }, PAGES[name], async ({ page }) => {
      await page.keyboard.press("Tab");
      expect(await focused(page)).toEqual({ text: "Skip to content", href: "#content", visible: true });
      await page.keyboard.press("Enter");
      await page.keyboard.press("Tab");
      // Past the header: what has the focus now is in the content, or after it where the content has no link.
      expect(
        await page.evaluate(
          'document.activeElement.closest("header.top") === null && document.activeElement !== document.body',
        ),
      ).toBe(true);
    });
  });

  it.each(["status", "oncall"] as const)(
    "%s is gone through in the order in which it is read, each stop to be seen",
    async (name) => {
      await visit({ lang: "en" }, PAGES[name], async ({ page }) => {
        // Not those in parts that are folded.
        const stops = (await page.evaluate(
          '[...document.querySelectorAll("a[href], button, summary, input, [tabindex=\\"0\\"]")].filter((one) => one.checkVisibility()).length',
        )) as number;
        expect(stops).toBeGreaterThan(5);
        const order: number[] = [];
        for (let stop = 0; stop < stops; stop++) {
          await page.keyboard.press("Tab");
          const seen = (await page.evaluate(`(() => {
          const element = document.activeElement;
          const style = getComputedStyle(element);
          const all = [...document.querySelectorAll("*")];
          return {
            place: all.indexOf(element),
            outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1,
            name: element.outerHTML.slice(0, 80),
          };
        })()`)) as { place: number; outlined: boolean; name: string };
          expect(seen.outlined, seen.name).toBe(true);
          order.push(seen.place);
        }
        expect(order).toEqual(order.toSorted((a, b) => a - b));
        expect(new Set(order).size).toBe(stops);
      });
    },
  );
});

describe("zoomed to 400 %, as WCAG 1.4.10 asks", () => {
  it.each(["status", "oncall", "runbook"] as const)("%s is read without scrolling sideways", async (name) => {
    await visit({ width: 320 }, PAGES[name], async ({ page }) => {
      expect(await overflow(page)).toBeLessThanOrEqual(0);
    });
  });
});

describe("during an outage", () => {
  beforeAll(async () => {
    docker("stop", container("wiki"));
    await eventually(async () => {
      expect(await lookoutPage("/?lang=en")).toMatch(/<li class="service down" id="wiki">/);
    }, 120);
  });
  afterAll(() => void docker("start", container("wiki")));

  it.each(looks)("the pages are as readable as before: $lang, $scheme, $width px", async (look) => {
    for (const name of ["status", "oncall", "runbook"] as const)
      await visit(look, PAGES[name], async ({ page, faults }) => {
        await page.screenshot({
          path: join(SHOTS, `outage-${name}-${look.lang}-${look.scheme}-${look.width}.png`),
          fullPage: true,
        });
        expect(await violations(page), name).toEqual([]);
        expect(await overflow(page), name).toBeLessThanOrEqual(0);
        expect(faults, name).toEqual([]);
      });
  });

  it("those on call get from the page to the runbook of the alert, with what to type, by one link", async () => {
    await visit({ lang: "en" }, "/oncall", async ({ page }) => {
      const article = page.locator("#service-wiki");
      expect(await article.textContent()).toContain("Karim Benali");
      await article.locator("a.action").first().click();
      expect(page.url()).toMatch(/\/runbooks\/\w+\?service=wiki/);
      expect(await page.textContent("main")).toContain(container("wiki"));
    });
  });

  it("the state is told in words and shapes, not by colour alone", async () => {
    await visit({ lang: "en" }, "/", async ({ page }) => {
      const entry = page.locator("#wiki .state");
      expect(await entry.textContent()).toMatch(/Down/);
      const [down, well] = [await entry.locator("svg").innerHTML(), await page.locator("#nas .state svg").innerHTML()];
      expect(down).not.toBe(well);
    });
  });
});
