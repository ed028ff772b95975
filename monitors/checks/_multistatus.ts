import { Parser } from "htmlparser2";
import { readMarkup } from "./_markup.ts";

/** What a WebDAV server says about one thing (RFC 4918 section 14.24). */
export interface Resource {
  href: string;
  /** Names of the properties that it has, without their namespaces. */
  properties: ReadonlySet<string>;
  /** Text of the properties, as far as there is one. */
  texts: ReadonlyMap<string, string>;
}

const MOST_RESOURCES = 20_000;
const MOST_TEXT = 10_000;
/** Properties that are kept of one resource: a handful are asked for. */
const MOST_PROPERTIES = 100;
/** The parser's own work grows with the square of the depth; answers need eight or so. */
const MOST_DEPTH = 64;

const local = (name: string): string => name.slice(name.indexOf(":") + 1).toLowerCase();

/**
 * The resources of a multistatus answer; undefined where it is none. Namespaces' prefixes are passed over, entities of a document type are
 * not expanded, and properties that the server says it does not have (any status but 200) are left out.
 */
export async function parseMultistatus(xml: string, signal?: AbortSignal): Promise<Resource[] | undefined> {
  const resources: Resource[] = [];
  const path: string[] = [];
  let isMultistatus = false;
  let tooDeep = false;
  let href = "";
  let text = "";
  let status = "";
  let found = new Map<string, string>();
  let here = new Map<string, string>();
  const isProperty = () => path.at(-2) === "prop" && path.at(-3) === "propstat";
  const parser = new Parser(
    {
      onopentag(name) {
        const own = local(name);
        if (path.length === 0) isMultistatus = own === "multistatus";
        path.push(own);
        if (path.length > MOST_DEPTH) tooDeep = true;
        if (own === "response") [href, found] = ["", new Map()];
        if (own === "propstat") [here, status] = [new Map(), ""];
        if (isProperty() && here.size < MOST_PROPERTIES) here.set(own, "");
        text = "";
      },
      ontext(piece) {
        text = (text + piece).slice(0, MOST_TEXT);
      },
      onclosetag(name) {
        const own = local(name);
        const parent = path.at(-2);
        if (own === "href" && parent === "response" && href === "") href = text.trim();
        if (own === "status" && parent === "propstat") status = text;
        if (isProperty() && here.has(own)) here.set(own, text.trim());
        if (own === "propstat" && /\s200(\s|$)/.test(status)) for (const entry of here) found.set(...entry);
        if (own === "response" && resources.length < MOST_RESOURCES)
          resources.push({ href, properties: new Set(found.keys()), texts: found });
        path.pop();
        text = "";
      },
    },
    { xmlMode: true },
  );
  await readMarkup(parser, xml, () => tooDeep, signal);
  if (tooDeep) return undefined;
  parser.end();
  return isMultistatus ? resources : undefined;
}
