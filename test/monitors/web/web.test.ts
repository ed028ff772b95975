import { once } from "node:events";
import { connect } from "node:net";
import { request } from "undici";
import { describe, expect, it, test } from "vitest";
import { advance } from "../../../monitors/engine/standing.ts";
import { check } from "../helpers/inventory.ts";
import { startLookout } from "../helpers/lookout.ts";
import { tcp, web } from "../helpers/servers.ts";

const HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> {{constructor}} \u001b[31m \u202e \"'";

type Started = Awaited<ReturnType<typeof startLookout>>;

/** Lets a check have failed, with a message. */
function fail({ lookout }: Started, id: string, message: string) {
  const watched = lookout.watched.find((one) => one.check.id === id)!;
  for (let run = 0; run < 2; run++) {
    const made = { at: Date.now(), ok: false, seconds: 1, reason: "wrong-body", message, measures: {} };
    watched.standing = advance(watched.standing, made, watched.check);
  }
  lookout.engine.states[id] = watched.standing;
  lookout.changes++;
}

describe("a page that cannot be made", () => {
  it.each([
    ["fr", "La vigie a trébuché"],
    ["en", "The lookout stumbled"],
  ])(
    "is an error in the reader's language (%s) that tells nothing of what went wrong, and is made once it can be",
    async (lang, title) => {
      const { lookout, get } = await startLookout({ start: false });
      const view = lookout.view.bind(lookout);
      lookout.view = () => {
        throw new Error("SQLITE_CORRUPT in /data/history.sqlite");
      };
      for (const path of ["/", "/oncall"]) {
        const answer = await get(`${path}?lang=${lang}`);
        expect(answer.status).toBe(500);
        expect(answer.headers.get("cache-control")).toBe("no-store");
        const text = await answer.text();
        expect(text).toContain(title);
        expect(text).not.toMatch(/SQLITE|history\.sqlite|web\.test/);
      }
      lookout.view = view;
      expect((await get(`/?lang=${lang}`)).status).toBe(200);
    },
  );
});

describe("every answer", () => {
  test.each(["/", "/oncall", "/runbooks", "/metrics", "/healthz", "/nowhere", "/probe"])(
    "of %s forbids scripts, framing and guessing of types",
    async (path) => {
      const { get } = await startLookout({ start: false });
      const { headers } = await get(path);
      expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'self'; /);
      expect(headers.get("content-security-policy")).not.toContain("unsafe");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-powered-by")).toBeNull();
    },
  );

  test.each(["/", "/oncall", "/metrics", "/healthz"])(
    "of %s to another method is 405, with those that are allowed",
    async (path) => {
      const { get } = await startLookout({ start: false });
      const response = await get(path, { method: "DELETE" });
      expect(response.status).toBe(405);
      expect(response.headers.get("allow")).toBe("GET, HEAD");
    },
  );

  test.each(["/", "/oncall", "/metrics", "/healthz"])("of %s to HEAD has no body", async (path) => {
    const { get } = await startLookout({ start: false });
    const response = await get(path, { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
  });

  it("to what does not exist is a page with status 404, in the reader's language", async () => {
    const { get } = await startLookout({ start: false });
    const response = await get("/nowhere?lang=en", { headers: { "accept-language": "fr" } });
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('<html lang="en">');
  });

  test.each([
    "/%",
    "/runbooks/%E0%A4%A",
    "/assets/../main.ts",
    "/assets/%2e%2e%2f%2e%2e%2fpackage.json",
    "/runbooks/..%2f..%2fx",
  ])("to %s is a clean refusal", async (path) => {
    const { url } = await startLookout({ start: false });
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    const pieces: Buffer[] = [];
    socket.on("data", (piece) => pieces.push(piece));
    await once(socket, "close");
    const answer = Buffer.concat(pieces).toString();
    expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
    expect(answer).not.toContain("node_modules");
    expect(answer).not.toContain("Error:");
  });
});

describe("the status page", () => {
  it("speaks the language of ?lang, else of the browser, else the association's", async () => {
    const { text } = await startLookout({ start: false });
    const lang = async (path: string, accept?: string) =>
      /<html lang="(\w+)">/.exec(
        await text(path, accept === undefined ? {} : { headers: { "accept-language": accept } }),
      )?.[1];
    expect(await lang("/", "en-GB,en;q=0.9")).toBe("en");
    expect(await lang("/", "oc,fr;q=0.5,en;q=0.1")).toBe("fr");
    expect(await lang("/", "de")).toBe("fr");
    expect(await lang("/?lang=en", "fr")).toBe("en");
    expect(await lang("/?lang=xx&lang=en", "fr")).toBe("fr");
  });

  it("is made once, however many ask for it, until something changes", async () => {
    const started = await startLookout({ start: false });
    const etag = async () => (await started.get("/?lang=en")).headers.get("etag");
    const first = await etag();
    expect(await Promise.all(Array.from({ length: 20 }, etag))).toEqual(Array(20).fill(first));
    fail(started, "wiki/http", "gone");
    expect(await etag()).not.toBe(first);
  });

  it("is not sent again to those who have it", async () => {
    const { get, url } = await startLookout({ start: false });
    const first = await get("/?lang=en");
    // Not by fetch, which asks caches for a new copy as soon as it is given a condition.
    const again = await request(`${url}/?lang=en`, { headers: { "if-none-match": first.headers.get("etag")! } });
    expect(again.statusCode).toBe(304);
    expect(await again.body.text()).toBe("");
    expect(first.headers.get("vary")).toContain("Accept-Language");
    expect(first.headers.get("cache-control")).toContain("public");
  });

  it("tells nothing internal: no person, no machine, no message", async () => {
    const started = await startLookout({ start: false });
    fail(started, "wiki/http", "secret-detail-of-the-failure");
    const page = await started.text("/?lang=en");
    for (const internal of [
      "secret-detail",
      "Anne Exemple",
      "anne@tilleuls",
      "tilleuls-test-wiki",
      "192.0.2.10",
      "doku.php",
    ])
      expect(page).not.toContain(internal);
  });

  it("asks for nothing that is not there", async () => {
    const { get, text } = await startLookout({ start: false });
    const links = [...(await text("/")).matchAll(/(?:href|src)="(\/[^"]*)"/g)].map(([, path]) =>
      path!.replaceAll("&amp;", "&"),
    );
    expect(links.some((path) => path.startsWith("/assets/"))).toBe(true);
    for (const path of new Set(links)) {
      const response = await get(path);
      expect(response.status, path).toBe(200);
      if (path.startsWith("/assets/")) expect(response.headers.get("cache-control")).toContain("immutable");
    }
  });
});

describe("internal pages", () => {
  it("are for no shared cache", async () => {
    const { get } = await startLookout({ start: false });
    for (const path of ["/oncall", "/runbooks", "/runbooks/CheckFailing?service=wiki"])
      expect((await get(path)).headers.get("cache-control"), path).toContain("private");
  });

  it("show what a checked machine said as text, and run none of it", async () => {
    const started = await startLookout({ start: false });
    fail(started, "wiki/http", HOSTILE);
    for (const path of ["/", "/oncall", "/runbooks/CheckFailing?service=wiki"]) {
      const page = await started.text(path);
      for (const active of ["<script", "<img src=x", "\u001b", "\u202e"]) expect(page, path).not.toContain(active);
    }
    expect(await started.text("/oncall")).toContain("&lt;script&gt;");
  });

  it("have no runbook for what is not declared", async () => {
    const { get } = await startLookout({ start: false });
    expect((await get("/runbooks/CheckFailing?service=wiki")).status).toBe(200);
    expect((await get("/runbooks/CheckFailing?service=nobody")).status).toBe(404);
    expect((await get("/runbooks/CheckFailing?service=constructor")).status).toBe(404);
    expect((await get("/runbooks/constructor")).status).toBe(404);
  });
});

describe("health", () => {
  it("is good while the schedule moves", async () => {
    const { get } = await startLookout();
    const response = await get("/healthz");
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: "ok", checks: 4, historyWritable: true });
  });
});

describe("a probe", () => {
  const http = (url: string) =>
    check({
      id: "wiki/http",
      kind: "http",
      target: url,
      params: {
        url,
        method: "GET",
        headers: {},
        expect: { status: ["2xx"] },
        redirects: 0,
        otherHosts: false,
        readKb: 16,
      },
    });

  it("runs a declared check now and tells its measures, leaving its state alone", async () => {
    const { url } = await web((_, response) => response.end("hello"));
    const { get, lookout } = await startLookout({ checks: [http(url)], start: false });
    const response = await get("/probe?target=wiki&check=http");
    expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    const found = await response.text();
    expect(found).toMatch(/^probe_success 1$/m);
    expect(found).toMatch(/^probe_duration_seconds \d/m);
    expect(found).toMatch(/^probe_http_status_code 200$/m);
    expect(lookout.runs).toBe(0);
  });

  it("tells why when asked to, without cookies and other secrets of the answer", async () => {
    const { url } = await web((_, response) =>
      response.writeHead(500, { "set-cookie": "session=s3cret", "x-seen": "\u00a0y" }).end("x"),
    );
    const { text } = await startLookout({ checks: [http(url)], start: false });
    const found = await text("/probe?target=wiki&debug=true");
    expect(found).toContain("wiki/http (http)");
    expect(found).toContain("connecting");
    expect(found).toContain("failed (wrong-status): status 500, expected 2xx");
    expect(found).toContain('probe_failure_info{reason="wrong-status"} 1');
    expect(found).not.toContain("s3cret");
  });

  test.each([
    ["/probe", 400, "Ask for /probe?target=SERVICE&check=ID"],
    ["/probe?target=wikki", 404, "Did you mean wiki?"],
    ["/probe?target=http://169.254.169.254/", 404, "No declared service"],
    ["/probe?target=wiki&check=htp", 404, "Did you mean http?"],
    ["/probe?target=wiki", 400, "Checks of wiki: "],
    ["/probe?target=wiki&target=till", 400, "Ask for"],
  ])("of %s is refused with %i", async (path, status, words) => {
    const { get } = await startLookout({ start: false });
    const response = await get(path);
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(words);
  });

  it("is refused while too many others go on, and ended when nobody waits for it", async () => {
    const { address, open } = await tcp(() => {});
    const hanging = check({
      id: "till/tcp",
      kind: "tcp",
      target: address,
      params: { address, expect: "never" },
      timeoutSeconds: 30,
    });
    const { get } = await startLookout({ checks: [hanging], start: false });
    const waiting = new AbortController();
    const probes = Array.from({ length: 16 }, () =>
      get("/probe?target=till", { signal: waiting.signal }).catch(() => {}),
    );
    await expect.poll(() => open.size).toBe(16);
    expect((await get("/probe?target=till")).status).toBe(503);
    waiting.abort();
    await Promise.all(probes);
    await expect.poll(() => open.size, { timeout: 5000 }).toBe(0);
  });
});

describe("what Alertmanager sends", () => {
  const post = (get: Started["get"], body: unknown) =>
    get("/api/alerts", { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } });
  const alert = {
    status: "firing",
    labels: { alertname: "CheckFailing" },
    annotations: {},
    startsAt: "2027-01-01T00:00:00Z",
  };

  it("is taken and counted", async () => {
    const { get, text } = await startLookout({ start: false });
    expect((await post(get, { version: "4", receiver: "it", alerts: [alert, alert] })).status).toBe(204);
    expect(await text("/metrics")).toContain('vigie_alert_notifications_received_total{status="firing"} 2');
  });

  it("is refused where it is something else, or too long", async () => {
    const { get } = await startLookout({ start: false });
    expect((await post(get, { hello: 1 })).status).toBe(400);
    expect((await get("/api/alerts", { method: "POST", body: "{" })).status).toBe(400);
    expect((await post(get, { version: "4", padding: "x".repeat(2_000_000) })).status).toBe(413);
    expect((await get("/api/alerts")).status).toBe(405);
  });
});
