import { request } from "undici";
import { describe, expect, it, test } from "vitest";
import { site } from "../../../dashboards/site.ts";
import { advance } from "../../../monitors/engine/standing.ts";
import { startLookout } from "../helpers/lookout.ts";
import { web } from "../helpers/servers.ts";

const PROOF = "a-secret-between-the-proxy-and-the-lookout";
const HOST = "etat.tilleuls.example";
const internal = { proof: PROOF, publicUrl: `https://${HOST}`, start: false } as const;
const proven = { "x-vigie-proof": PROOF, "x-vigie-user": "anne" };

const ask = async (url: string, headers: Record<string, string> = {}, method: "GET" | "POST" | "HEAD" = "GET") => {
  const { statusCode, headers: got, body } = await request(url, { method, headers });
  return { status: statusCode, headers: got, text: await body.text() };
};

/** A service that has been down for ten minutes, as the lookout knows. */
function takeDown({ lookout }: Awaited<ReturnType<typeof startLookout>>) {
  const watched = lookout.watched.find(({ check }) => check.id === "wiki/http")!;
  for (const minutes of [10, 9, 8]) {
    const run = { at: Date.now() - minutes * 60_000, ok: false, seconds: 1, reason: "timeout", measures: {} };
    watched.standing = advance(watched.standing, run, watched.check);
  }
  lookout.engine.states["wiki/http"] = watched.standing;
  lookout.incidents!.look();
  return lookout.incidents!.own[0]!;
}

describe("internal pages", () => {
  const paths = Object.values(site)
    .filter(({ audience }) => audience === "internal")
    .map(({ path }) => path.replace(/:\w+/, "wiki"));

  test.each(paths)("%s is refused without the proxy's proof, under any host name, by any spelling", async (path) => {
    const { url } = await startLookout(internal);
    for (const spelling of [path, `${path}/`, path.toUpperCase(), `/${path}`, `${path}?lang=en`]) {
      for (const headers of [
        {},
        { host: HOST },
        { host: "lookout:9464" },
        { "x-vigie-proof": "wrong" },
        { "x-vigie-user": "anne" },
      ]) {
        const { status, text } = await ask(`${url}${spelling}`, headers as Record<string, string>);
        expect([403, 404], spelling).toContain(status);
        expect(text).not.toContain("Anne Exemple");
      }
    }
    expect((await ask(`${url}${path}`)).status).toBe(403);
    expect((await ask(`${url}${path}`, {}, "HEAD")).status).toBe(403);
  });

  it("are shown with it", async () => {
    const { url } = await startLookout(internal);
    expect((await ask(`${url}/oncall`, proven)).status).toBe(200);
    expect((await ask(`${url}/oncall`, { "x-vigie-proof": `${PROOF}x` })).status).toBe(403);
  });

  it("leave the public ones to everybody", async () => {
    const { url } = await startLookout(internal);
    for (const path of [
      "/",
      "/incidents",
      "/status/till",
      "/feeds/status.atom",
      "/feeds/maintenance.ics",
      "/badges/till.svg",
      "/healthz",
    ])
      expect((await ask(`${url}${path}`, { host: HOST })).status, path).toBe(200);
  });
});

describe("what other containers read", () => {
  test.each(["/metrics", "/probe?target=wiki&check=http"])(
    "%s is theirs, and refused through the proxy without a password",
    async (path) => {
      const { url } = await startLookout(internal);
      expect((await ask(`${url}${path}`, { host: "lookout:9464" })).status).not.toBe(403);
      expect((await ask(`${url}${path}`, { host: HOST })).status).toBe(403);
      expect((await ask(`${url}${path}`, { host: `${HOST.toUpperCase()}:443` })).status).toBe(403);
      expect((await ask(`${url}${path}`, { host: "lookout:9464", "x-forwarded-for": "192.0.2.1" })).status).toBe(403);
      expect((await ask(`${url}${path}`, { host: HOST, ...proven })).status).not.toBe(403);
    },
  );
});

describe("to acknowledge an incident", () => {
  const same = { "sec-fetch-site": "same-origin" };

  it("notes who does, silences Alertmanager about its services for two hours, and shows it with their name on internal pages only", async () => {
    const silences: { matchers: unknown; endsAt: string; startsAt: string; createdBy: string }[] = [];
    const alerts = await web((incoming, response) => {
      let body = "";
      incoming.on("data", (piece) => {
        body += piece;
      });
      incoming.on("end", () => {
        silences.push(JSON.parse(body));
        response.setHeader("content-type", "application/json");
        response.end('{"silenceID":"1"}');
      });
    });
    const started = await startLookout({ ...internal, alertmanager: alerts.url });
    const { id } = takeDown(started);
    const answer = await ask(`${started.url}/log/${id}/acknowledge?lang=en`, { ...proven, ...same }, "POST");
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe(`/log/${id}?lang=en`);
    expect(silences).toMatchObject([
      { matchers: [{ name: "service", value: "wiki", isRegex: false }], createdBy: "anne" },
    ]);
    expect(Date.parse(silences[0]!.endsAt) - Date.parse(silences[0]!.startsAt)).toBeCloseTo(7_200_000, -4);
    expect((await ask(`${started.url}/log/${id}?lang=en`, proven)).text).toContain("takes care of it");
    const open = await ask(`${started.url}/incidents/${id}?lang=en`);
    expect(open.text).toContain("Somebody of the team takes care of it.");
    expect(open.text.toLowerCase()).not.toContain("anne");
    expect((await ask(`${started.url}/metrics`)).text).toMatch(
      /vigie_incident_phase_seconds_count\{phase="acknowledge"\} 1/,
    );
    expect((await ask(`${started.url}/metrics`)).text).toMatch(/vigie_incidents_open\{severity="\w+"\} 1/);
  });

  it("takes a signature at the proxy, from a form of our own, on an incident that is open", async () => {
    const started = await startLookout(internal);
    const { id } = takeDown(started);
    const path = `${started.url}/log/${id}/acknowledge`;
    const acknowledge = (headers: Record<string, string>) => ask(path, headers, "POST");
    expect((await acknowledge(same)).status).toBe(403);
    expect((await acknowledge({ ...same, "x-vigie-user": "anne" })).status).toBe(403);
    expect((await acknowledge({ ...proven, "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await acknowledge({ ...proven, origin: "https://evil.example" })).status).toBe(403);
    expect((await acknowledge(proven)).status).toBe(403);
    expect((await ask(path, { ...proven, ...same })).status).toBe(405);
    expect((await ask(`${started.url}/log/nothing/acknowledge`, { ...proven, ...same }, "POST")).status).toBe(404);
    expect(started.lookout.incidents!.own[0]!.acknowledged).toBeUndefined();
    expect((await acknowledge({ ...proven, origin: new URL(path).origin })).status).toBe(303);
  });

  it("is noted although Alertmanager does not answer, and says so", async () => {
    const alerts = await web((_, response) => response.writeHead(500).end("<b>no</b>"));
    const started = await startLookout({ ...internal, alertmanager: alerts.url });
    const { id } = takeDown(started);
    expect((await ask(`${started.url}/log/${id}/acknowledge`, { ...proven, ...same }, "POST")).status).toBe(303);
    expect(started.lookout.problems.join()).toContain("Alertmanager could not be told to be silent: it answered 500");
    expect(started.lookout.incidents!.own[0]!.acknowledged?.by).toBe("anne");
  });

  it("shows when Alertmanager has gone on to level 2", async () => {
    const started = await startLookout(internal);
    const { id } = takeDown(started);
    const alert = {
      status: "firing",
      labels: { alertname: "CheckFailing", service: "wiki", level: "2" },
      annotations: {},
      startsAt: "2027-01-01T00:00:00Z",
    };
    await request(`${started.url}/api/alerts`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ version: "4", receiver: "it", alerts: [alert] }),
    });
    expect((await ask(`${started.url}/log/${id}?lang=en`, proven)).text).toContain("Handed over to level 2");
  });
});
