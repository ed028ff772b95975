import { oncallSteps } from "../render.ts";
import { definePage } from "./_page.ts";

/** What is broken, and all that is needed to set it right. */
export default definePage({
  path: "/oncall",
  audience: "internal",
  nav: { order: 10, label: (w) => w.oncall.title },
  maxAgeMs: 2000,
  render: ({ inventory, people, view, lang, nav }) => oncallSteps(inventory, people, view, lang, nav),
});
