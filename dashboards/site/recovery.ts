import { recoveryPage } from "../render.ts";
import { definePage } from "./_page.ts";

/** Recovery drills, and versions that are open to attack. */
export default definePage({
  path: "/recovery",
  audience: "internal",
  nav: { order: 45, label: (w) => w.nav.recovery },
  maxAgeMs: 30_000,
  render: ({ inventory, view, lang, nav }) => recoveryPage(inventory, view.reports ?? {}, view.now, lang, nav),
});
