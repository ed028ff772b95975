import { statusFeed } from "./_feed.ts";
import { definePage } from "./_page.ts";

export default definePage({
  path: "/feeds/status.rss",
  audience: "public",
  maxAgeMs: 60_000,
  type: "application/rss+xml; charset=utf-8",
  render: (input) => statusFeed(input).rss2(),
});
