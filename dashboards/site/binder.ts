import { binderPage } from "../pages/binder.ts";
import { definePage } from "./_page.ts";

/** For the day the network is down: to be printed and put away. */
export default definePage({
  path: "/binder",
  audience: "internal",
  nav: { order: 60, label: (w) => w.site.binder.title },
  maxAgeMs: 60_000,
  render: (input) => binderPage(input, input.nav),
});
