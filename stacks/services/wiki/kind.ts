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

/** DokuWiki, with accounts by team. */
export default defineKind({
  summary: "Wiki (DokuWiki)",
  software: ["dokuwiki"],
  settings,
  ports: { http: { container: 8080 } },
  web: "http",
  volumes: { data: { path: "/var/lib/dokuwiki", backup: true } },
});

declare module "../../../association/vocabulary.ts" {
  interface ServiceKinds {
    wiki: z.input<typeof settings>;
  }
}
