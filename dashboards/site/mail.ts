import { provider } from "../../association/index.ts";
import { mailPage } from "../mail-page.ts";
import { definePage } from "./_page.ts";

/** The state of mail: queue, keys, boxes, and what other servers report. */
export default definePage({
  path: "/mail",
  audience: "internal",
  nav: { order: 25, label: (w) => w.nav.mail, where: ({ services }) => provider("mail", services) !== undefined },
  maxAgeMs: 30_000,
  render: ({ inventory, view, lang, nav }) => mailPage(inventory, view, lang, nav),
});
