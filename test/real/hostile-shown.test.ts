import { describe, expect, it } from "vitest";
import { ALL_HOSTILE, HOSTILE, skeleton, textOf } from "../dashboards/hostile.ts";
import { check } from "../monitors/helpers/inventory.ts";
import { startLookout } from "../monitors/helpers/lookout.ts";
import { tcp, web } from "../monitors/helpers/servers.ts";

/** Two lookouts of the same shape: one that meets fine servers which are merely wrong, one whose servers try to be more than text. */
async function met(said: string) {
  const site = await web((_, response) =>
    response.writeHead(200, { "x-a": said.replace(/[^\x20-\x7e]/g, "") }).end(said),
  );
  const port = await tcp((socket) => void socket.end(said));
  const http = {
    url: `${site.url}/`,
    headers: {},
    method: "GET",
    expect: {},
    redirects: 5,
    otherHosts: false,
    toInternal: false,
    http2: "no",
    readKb: 64,
  };
  // First runs are spread over an interval, five seconds at most, which each of these tests waits for.
  const every = { schedule: { everySeconds: 1 }, failAfter: 1 };
  const checks = [
    check({ id: "wiki/http", kind: "http", params: { ...http, conditions: ["[BODY] == expected"] }, ...every }),
    check({ id: "wiki/json", kind: "http", params: { ...http, conditions: ["[HEADERS].x-a == expected"] }, ...every }),
    check({ id: "till/tcp", kind: "tcp", params: { address: port.address, expect: "expected" }, ...every }),
  ];
  const lookout = await startLookout({ checks });
  await expect
    .poll(() => lookout.lookout.watched.every(({ standing }) => standing.lastRun !== undefined), { timeout: 20_000 })
    .toBe(true);
  return lookout;
}

describe("what a hostile server says", () => {
  it("changes no page but by its text, in both languages", async () => {
    const [hostile, plain] = [await met(ALL_HOSTILE), await met("wrong")];
    for (const path of ["/", "/oncall", "/runbooks/CheckFailing?service=wiki"]) {
      for (const lang of ["fr", "en"]) {
        const address = `${path}${path.includes("?") ? "&" : "?"}lang=${lang}`;
        const [one, other] = [await hostile.text(address), await plain.text(address)];
        expect(skeleton(one), address).toEqual(skeleton(other));
        expect(textOf(one), address).not.toMatch(/[<>]/);
        expect(one).not.toMatch(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u);
      }
    }
  });

  it("adds no line to the metrics, and no label", async () => {
    const [hostile, plain] = [await met(ALL_HOSTILE), await met("wrong")];
    const series = async ({ text }: typeof hostile) =>
      (await text("/metrics"))
        .split("\n")
        .filter((line) => line.startsWith("vigie_check"))
        .map((line) => line.replace(/ \S+$/, ""))
        .filter((line) => !/_bucket|_info\{.*target=/.test(line))
        .sort();
    expect(await series(hostile)).toEqual(await series(plain));
  });

  it.each(HOSTILE)("is spelled out on one line by a probe: %j", async (said) => {
    const { text } = await met(said);
    for (const query of ["target=till&check=tcp", "target=wiki&check=http", "target=wiki&check=json"]) {
      const answer = await text(`/probe?${query}&debug=true`);
      expect(answer).toContain("probe_success 0");
      expect(answer).not.toMatch(/[^\P{Cc}\n]|[\u200b-\u200f\u2028-\u202e\u2066-\u2069]/u);
      // Every line is one of ours: the head, a step with its time, a metric, or nothing.
      for (const line of answer.split("\n")) expect(line).toMatch(/^(?:$|\d+\.\d+ {2}|#|probe_|(?:wiki|till)\/\w+ \()/);
    }
  });
});
