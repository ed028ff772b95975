import { z } from "zod";
import { english } from "../../dashboards/words/plural.ts";
import { defineCheck } from "../check.ts";
import { secretsIn } from "./_credentials.ts";
import { askDav, davMeasures, davParams, onOwnSite } from "./_dav.ts";

const params = z.strictObject({
  ...davParams,
  /** How many cards there must be at least. */
  minCards: z.number().int().min(0).max(100_000).default(1),
});

const BODY =
  '<?xml version="1.0" encoding="utf-8"?><c:addressbook-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav">' +
  '<d:prop><d:getetag/><c:address-data><c:prop name="FN"/></c:address-data></d:prop><c:filter><c:prop-filter name="FN"/></c:filter>' +
  "</c:addressbook-query>";

export default defineCheck({
  summary: "An address book can be read (REPORT addressbook-query, RFC 6352)",
  params,
  resolve: onOwnSite,
  secrets: ({ auth }) => secretsIn(auth),
  target: ({ url }) => url,
  measures: davMeasures,
  run: (own, context) =>
    askDav(own, { method: "REPORT", depth: 1, body: BODY }, context, (resources) => {
      const cards = resources.filter(({ texts }) => /^BEGIN:VCARD/m.test(texts.get("address-data") ?? "")).length;
      return cards >= own.minCards
        ? cards
        : `the address book has ${cards} ${english.form(cards, "card", "cards")}, expected ${own.minCards} or more`;
    }),
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    carddav: z.input<typeof params>;
  }
}
