import type { Target } from "./target.ts";

/** What is asked of an address, in the words of each program; where one has no such words, the nearest. */
export type Asked = Pick<Target, "kind" | "params" | "kuma" | "gatus">;

const GOOD_STATUS = ["[STATUS] >= 200", "[STATUS] < 300"];

function asks(
  params: { expect?: object; [other: string]: unknown },
  kuma: Target["kuma"],
  conditions: string[],
  gatus: Target["gatus"] = {},
) {
  return (url: string): Asked => ({
    kind: "http",
    params: { url, ...params, expect: { status: ["2xx"], ...params.expect } },
    kuma: { type: "http", url, ...kuma },
    gatus: { url, conditions: [...GOOD_STATUS, ...conditions], ...gatus },
  });
}

const keyword = (word: string) =>
  asks({ expect: { body: word } }, { type: "keyword", keyword: word }, [`[BODY] == pat(*${word}*)`]);

/** What may be asked of a page. */
export const ASKED = {
  status: asks({}, {}, []),
  keyword: keyword("Tilleuls"),
  accents: keyword("École"),
  "no error": asks(
    { expect: { body: { not: "Fatal error" } } },
    { type: "keyword", keyword: "Fatal error", invert_keyword: 1 },
    ["[BODY] != pat(*Fatal error*)"],
  ),
  json: asks(
    { conditions: ["[BODY].status == UP"] },
    { type: "json-query", json_path: "status", expected_value: "UP" },
    ["[BODY].status == UP"],
  ),
  deep: asks(
    { expect: { json: { "data.nodes[1].state": "ready" } } },
    { type: "json-query", json_path: "data.nodes[1].state", expected_value: "ready" },
    ["[BODY].data.nodes[1].state == ready"],
  ),
  /** The other two have no words for it. */
  header: asks({ expect: { header: { "x-served-by": "tilleuls" } } }, {}, []),
  "no redirect": asks({ redirects: 0 }, { maxredirects: 0 }, [], { client: { "ignore-redirect": true } }),
  soon: asks({ expect: { within: "5s" } }, { timeout: 5 }, ["[RESPONSE_TIME] < 5000"]),
  /** Uptime Kuma speaks HTTP/1.1 only. */
  http2: asks({ http2: "required" }, {}, []),
  /** Uptime Kuma only writes a mail about it. */
  "three days": asks({ conditions: ["[CERTIFICATE_EXPIRATION] > 72h"] }, {}, ["[CERTIFICATE_EXPIRATION] > 72h"]),
} as const;
