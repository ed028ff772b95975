import { statusFeed } from "./_feed.ts";
import { definePage } from "./_page.ts";

export default definePage({
  path: "/feeds/status.atom",
  audience: "public",
  maxAgeMs: 60_000,
  type: "application/atom+xml; charset=utf-8",
  render: (input) => statusFeed(input).atom1(),
});
