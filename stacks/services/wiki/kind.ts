import { z } from "zod";
import { defineKind, ref, text } from "../../../association/index.ts";

const settings = z.strictObject({
  /** Title in the header of every page. */
  title: text.regex(/^[^<>]*$/, "text without < and >: it is printed as HTML"),
  /** Teams whose members administer it. */
  administrators: z.array(ref("team")).min(1),
  /** Namespaces and who may use them; every signed-in member reads a namespace that is not listed. */
  namespaces: z
    .record(
      z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, "a DokuWiki namespace: lower-case letters, digits, - and _"),
      z.strictObject({
        /** Teams that write in it. */
        editors: z.array(ref("team")).min(1),
        /** Teams that read it besides its editors; `everyone` opens it to the public. */
        readers: z.union([z.literal("everyone"), z.literal("members"), z.array(ref("team"))]).default("members"),
      }),
    )
    .default({}),
});

/** A DokuWiki id, as its addresses have it, in folder and name; no name where it is none. */
function split(id: string): [folder: string, name?: string] {
  const parts = id.toLowerCase().replace(/^:/, "").split(":");
  if (!parts.every((part) => /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(part))) return [""];
  // It writes other letters than a–z as a URL would.
  const names = parts.map((part) => encodeURIComponent(part).replaceAll("%20", "_").toLowerCase());
  return [names.slice(0, -1).join("/"), names.at(-1)!];
}

const join = (...parts: string[]): string => parts.filter(Boolean).join("/");
const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** DokuWiki, with accounts by team. */
export default defineKind({
  summary: "Wiki (DokuWiki)",
  software: ["dokuwiki"],
  settings,
  ports: { http: { container: 8080 } },
  web: "http",
  items: {
    page: {
      summary: "a page, with its history",
      volume: "data",
      example: "technique:sauvegardes",
      places: (name) => {
        const [folder, page] = split(name);
        if (page === undefined) return undefined;
        return [
          join("pages", folder, `${page}.txt`),
          { folder: join("meta", folder), match: new RegExp(`^${literal(page)}\\.(meta|changes|indexed)$`) },
          { folder: join("attic", folder), match: new RegExp(`^${literal(page)}\\.\\d+\\.txt(\\.gz|\\.bz2)?$`) },
        ];
      },
    },
    media: {
      summary: "a picture or document of a page, with its history",
      volume: "data",
      example: "technique:plan.pdf",
      places: (name) => {
        const [folder, file] = split(name);
        if (file === undefined || !file.includes(".")) return undefined;
        const [stem, end] = [file.slice(0, file.lastIndexOf(".")), file.slice(file.lastIndexOf(".") + 1)];
        return [
          join("media", folder, file),
          { folder: join("media_meta", folder), match: new RegExp(`^${literal(file)}\\.(meta|changes)$`) },
          { folder: join("media_attic", folder), match: new RegExp(`^${literal(stem)}\\.\\d+\\.${literal(end)}$`) },
        ];
      },
    },
    namespace: {
      summary: "a namespace, with all its pages, media and history",
      volume: "data",
      example: "technique",
      places: (name) => {
        const [folder, last] = split(name);
        if (last === undefined) return undefined;
        return ["pages", "meta", "attic", "media", "media_meta", "media_attic"].map((top) => join(top, folder, last));
      },
    },
  },
  volumes: { data: { path: "/var/lib/dokuwiki", backup: true } },
});

declare module "../../../association/vocabulary.ts" {
  interface ServiceKinds {
    wiki: z.input<typeof settings>;
  }
}
