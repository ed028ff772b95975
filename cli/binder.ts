import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { assets, LANGUAGES, type Lang } from "../dashboards/render.ts";
import { renderPage, site } from "../dashboards/site.ts";
import type { LookoutView } from "../dashboards/view.ts";
import { type Command, stackFlags } from "./command.ts";
import { readDeclared, readSettings } from "./declared.ts";
import { say } from "./say.ts";

/** Browsers that print, by the paths at which Debian and others put them. */
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const PRINTING_MS = 120_000;

/** Nothing is asked of the running systems: the binder is for when they do not answer. */
const nothingSeen = (now: number): LookoutView => ({ now, startedAt: now, states: {}, days: {}, problems: [] });

/** The binder as one file that needs no other. */
export async function binderHtml(stack: string, lang: Lang, now = Date.now()): Promise<string> {
  const { inventory, people } = await readDeclared(stack, readSettings(stack));
  const page = site.binder!;
  const html = renderPage(page, { inventory, people, view: nothingSeen(now) }, lang, { params: {}, query: {} })!;
  const css = assets["vigie.css"]!.body.toString("utf8");
  return (
    html
      .replace(/<link rel="stylesheet"[^>]*>/, () => `<style>\n${css}\n</style>`)
      .replace(/<link rel="icon"[^>]*>\n?/, "")
      .replace(/<header class="top">[\s\S]*?<\/header>\n?/, "")
      // Other pages are not at hand where this one is read.
      .replace(/<a ([^>]*?)href="\/[^"]*"([^>]*)>([\s\S]*?)<\/a>/g, (_, _before, _after, text: string) => text)
  );
}

const command: Command = {
  flags: {
    ...stackFlags,
    to: { type: "string", value: "FOLDER", default: "binder", help: "where to write it" },
  },
  notes: "It holds names and telephone numbers: keep it where members' papers are kept, and destroy older editions.",
  async run({ flags }) {
    const folder = resolve(String(flags.to));
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const browser = BROWSERS.find((path) => existsSync(path));
    for (const lang of LANGUAGES) {
      const file = join(folder, `binder-${lang}.html`);
      writeFileSync(file, await binderHtml(String(flags.stack), lang), { mode: 0o600 });
      say.result(file);
      if (browser === undefined) continue;
      const pdf = file.replace(/html$/, "pdf");
      await print(browser, file, pdf);
      chmodSync(pdf, 0o600);
      say.result(pdf);
    }
    if (browser === undefined) say.line("No Chromium here: open the HTML in a browser and print it to get a PDF.");
  },
};
export default command;

/** Has Chromium print a file, with no page of its own and no network. */
async function print(browser: string, html: string, pdf: string): Promise<void> {
  const words = [
    "--headless",
    "--disable-gpu",
    "--no-pdf-header-footer",
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    `--print-to-pdf=${pdf}`,
    pathToFileURL(html).href,
  ];
  const child = spawn(browser, words, { stdio: ["ignore", "ignore", "pipe"], timeout: PRINTING_MS });
  let said = "";
  child.stderr.on("data", (text) => {
    said += text;
  });
  const code = await new Promise((ended) => {
    child.once("error", ended);
    child.once("close", ended);
  });
  if (code !== 0 || !existsSync(pdf))
    throw new Error(`${browser} could not print ${html}: ${said.slice(-500) || code}`);
}
