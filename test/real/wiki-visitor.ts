import { demo } from "./demo.ts";
import { fromHtml, type Page, plainText, Visitor } from "./web.ts";

/** The hidden fields of the form that holds `mark`, and the text in its text area. */
export function readForm(html: string, mark: string): { fields: Record<string, string>; text: string } {
  const form = [...html.matchAll(/<form[\s\S]*?<\/form>/g)].map(([whole]) => whole).find((one) => one.includes(mark));
  if (form === undefined) throw new Error(`no form with ${mark} in: ${plainText(html).slice(0, 500)}`);
  const hidden = [...form.matchAll(/<input\b[^>]*type="hidden"[^>]*>/g)].map(([tag]): [string, string] => [
    /name="([^"]*)"/.exec(tag)![1]!,
    fromHtml(/value="([^"]*)"/.exec(tag)?.[1] ?? ""),
  ]);
  return {
    fields: Object.fromEntries(hidden),
    text: fromHtml(/<textarea[^>]*>\n?([\s\S]*?)<\/textarea>/.exec(form)?.[1] ?? ""),
  };
}

/** Somebody who uses the wiki, signed in where a login is given. */
export class WikiVisitor {
  readonly #visitor: Visitor;
  readonly #url: string;

  constructor(url = demo().urls.wiki!, visitor = new Visitor()) {
    this.#url = url;
    this.#visitor = visitor;
  }

  /** Signs in; true where the wiki says so. */
  async signIn(login: string, password = demo().passwords[login]!): Promise<boolean> {
    const { text } = await this.#visitor.get(`${this.#url}/doku.php?id=start&do=login`);
    const { fields } = readForm(text, 'name="p"');
    await this.#visitor.post(`${this.#url}/doku.php?id=start`, { ...fields, do: "login", u: login, p: password });
    return (await this.read("start")).text.includes("do=logout");
  }

  read(page: string): Promise<Page> {
    return this.#visitor.get(`${this.#url}/doku.php?id=${page}`);
  }

  get(path: string): Promise<Page> {
    return this.#visitor.get(`${this.#url}${path}`);
  }

  /** The form in which a page is changed. @throws where the wiki shows none to this visitor */
  async #form(page: string): Promise<Record<string, string>> {
    const { text } = await this.#visitor.get(`${this.#url}/doku.php?id=${page}&do=edit`);
    if (/<textarea[^>]*\breadonly/.test(text)) throw new Error(`${page} is read only`);
    return readForm(text, 'name="wikitext"').fields;
  }

  /** Writes a whole page. @throws where the wiki offers no way to */
  async write(page: string, wikitext: string): Promise<void> {
    await this.save(page, wikitext, await this.#form(page));
  }

  /** Sends a page's form whatever the wiki offers; `fields` come from a form that was. */
  save(page: string, wikitext: string, fields: Record<string, string>): Promise<Page> {
    return this.#visitor.post(`${this.#url}/doku.php?id=${page}`, { ...fields, id: page, wikitext, "do[save]": "1" });
  }

  /** The fields of a form that this visitor is offered, to try with another page. */
  formOf(page: string): Promise<Record<string, string>> {
    return this.#form(page);
  }
}
