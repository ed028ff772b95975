import { statusSteps } from "../render.ts";
import { definePage } from "./_page.ts";

/** The front page, for everybody. */
export default definePage({
  path: "/",
  audience: "public",
  maxAgeMs: 30_000,
  render: ({ inventory, view, lang }) => statusSteps(inventory, view, lang),
});
