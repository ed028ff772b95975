import { runbookIndex } from "../../runbooks/render.ts";
import { documentPage } from "../render.ts";
import { definePage } from "./_page.ts";

/** The list of all runbooks. */
export default definePage({
  path: "/runbooks",
  audience: "internal",
  nav: { order: 30, label: (w) => w.nav.runbooks },
  render: (input) => documentPage(input.inventory, { ...runbookIndex(input), nav: input.nav }, input.lang),
});
