import { statusPage } from "../render.ts";
import { definePage } from "./_page.ts";

/** The front page, for everybody. */
export default definePage({
  path: "/",
  audience: "public",
  maxAgeMs: 30_000,
  render: ({ inventory, view, lang }) => statusPage(inventory, view, lang),
});
