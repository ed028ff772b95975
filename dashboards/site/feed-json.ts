import { statusFeed } from "./_feed.ts";
import { definePage } from "./_page.ts";

export default definePage({
  path: "/feeds/status.json",
  audience: "public",
  maxAgeMs: 60_000,
  type: "application/feed+json; charset=utf-8",
  render: (input) => statusFeed(input).json1(),
});
