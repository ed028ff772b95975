import { z } from "zod";
import { defineCheck } from "../check.ts";
import { secretsIn } from "./_credentials.ts";
import { askDav, davMeasures, davParams, onOwnSite } from "./_dav.ts";

const params = z.strictObject({
  ...davParams,
  /** Look at the folder alone (0), or at what is in it too (1). */
  depth: z.union([z.literal(0), z.literal(1)]).default(0),
});

const BODY =
  '<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop><resourcetype/><displayname/><getetag/></prop></propfind>';

export default defineCheck({
  summary: "A WebDAV folder can be listed (PROPFIND, RFC 4918)",
  params,
  resolve: onOwnSite,
  secrets: ({ auth }) => secretsIn(auth),
  target: ({ url }) => url,
  measures: davMeasures,
  run: (own, context) =>
    askDav(own, { method: "PROPFIND", depth: own.depth, body: BODY }, context, (resources) =>
      resources.length > 0 ? resources.length : "the folder is not in its own listing",
    ),
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    webdav: z.input<typeof params>;
  }
}
