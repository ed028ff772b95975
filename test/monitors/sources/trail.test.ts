import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { request } from "undici";
import { afterAll, describe, expect, it } from "vitest";
import { askTrail, makeTrail } from "../../../monitors/sources/trail.ts";
import { demo } from "../../stacks/fixtures/demo.ts";
import { startLookout } from "../helpers/lookout.ts";
import { web } from "../helpers/servers.ts";

const folder = mkdtempSync(join(tmpdir(), "vigie-trail-"));
afterAll(() => rmSync(folder, { recursive: true }));
const tokenFile = join(folder, "token");
writeFileSync(tokenFile, "open-sesame\n");

const query = { service: "nas", fields: { path: "é & x", user: "anne" }, limit: 100 } as const;
const event = { time: "2027-03-12T13:05:00Z", event: "delete", result: "ok", user: "anne", path: "<b>a.odt</b>" };

const trailOf = async (answer: Parameters<typeof web>[0], limitMs?: number) => {
  const { url } = await web(answer);
  return makeTrail({ url: `${url}/trail`, tokenFile }, limitMs);
};

describe("the audit trail", () => {
  it("is searched with the token, by what was asked for", async () => {
    let asked = "";
    const trail = await trailOf((request, response) => {
      asked = `${request.headers.authorization} ${request.url}`;
      response.end(JSON.stringify({ events: [event], next: "2027-03-12:7", since: "2026-03-12" }));
    });
    expect(await trail.search(query)).toEqual({ ok: true, events: [event], next: "2027-03-12:7", since: "2026-03-12" });
    expect(asked).toBe("Bearer open-sesame /trail?path=%C3%A9+%26+x&user=anne&limit=100");
  });

  it("does not answer where the server is away, slow, endless, or something else", async () => {
    const answers: Parameters<typeof web>[0][] = [
      (_, response) => void response.writeHead(401).end(),
      (_, response) => void response.end("<html>"),
      (_, response) => void response.end(JSON.stringify({ events: [{ time: 5 }] })),
      (_, response) => void response.end(JSON.stringify({ events: new Array(501).fill(event) })),
      (_, response) => void response.end("[".repeat(9_000_000)),
      () => {},
    ];
    for (const answer of answers) expect(await (await trailOf(answer, 1500)).search(query)).toEqual({ ok: false });
    expect(await makeTrail({ url: "http://127.0.0.1:1/trail", tokenFile }).search(query)).toEqual({ ok: false });
    expect(await makeTrail({ url: "http://127.0.0.1:1/", tokenFile: "/nowhere" }).search(query)).toEqual({ ok: false });
    expect(await askTrail(undefined, query)).toEqual({ ok: false });
    expect(await askTrail(new Map(), query)).toEqual({ ok: false });
  });

  it("is on a page that asks anew each time, and only for those whom the proxy has let in", async () => {
    let count = 0;
    const trail = await trailOf((_, response) => {
      count++;
      response.end(JSON.stringify({ events: [{ ...event, path: `file-${count}` }] }));
    });
    const proof = "between-proxy-and-lookout";
    const { url, lookout } = await startLookout({ own: { trails: new Map([["nas", trail]]) }, proof, start: false });
    lookout.reload(demo().inventory);
    const get = async (headers: Record<string, string>) => {
      const { statusCode, body } = await request(`${url}/files?path=x`, { headers });
      return { status: statusCode, text: await body.text() };
    };
    expect((await get({})).status).toBe(403);
    expect(count).toBe(0);
    expect((await get({ "x-vigie-proof": proof })).text).toContain("file-1");
    expect((await get({ "x-vigie-proof": proof })).text).toContain("file-2");
  });
});
