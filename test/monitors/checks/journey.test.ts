import { describe, expect, it, test } from "vitest";
import { found, namesIn } from "../../../monitors/checks/_carry.ts";
import { redactor } from "../../../monitors/checks/_redact.ts";
import check from "../../../monitors/checks/journey.ts";
import { attempt } from "../../../monitors/engine/attempt.ts";
import { HOSTILE } from "../../dashboards/hostile.ts";
import { resources, runCheck } from "../helpers/run.ts";
import { secretFile } from "../helpers/secret-file.ts";
import { web } from "../helpers/servers.ts";

const PASSWORD = 'p&ss "wörd" {x}';

/** A site with a form that wants its own token back, a session by cookie, and an API with a token of its own. */
async function site() {
  const seen: string[] = [];
  const server = await web(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    seen.push(`${request.method} ${request.url} ${request.headers.cookie ?? ""} ${body}`);
    const cookie = request.headers.cookie ?? "";
    if (request.url === "/login" && request.method === "GET") {
      response.setHeader("set-cookie", ["first=1; Path=/", "other=x; Path=/elsewhere"]);
      response.end('<form><input type=hidden name="sectok" value="a&amp;b/1"><input name=p></form>');
    } else if (request.url === "/login") {
      const form = new URLSearchParams(body);
      const right = form.get("sectok") === "a&b/1" && form.get("p") === PASSWORD && cookie.includes("first=1");
      if (right)
        response
          .setHeader("set-cookie", "session=s3ss10n; HttpOnly; SameSite=Lax")
          .writeHead(302, { location: "/home" })
          .end();
      else response.writeHead(403).end(`no: ${body} ${form.get("p")}`);
    } else if (request.url === "/home") {
      response.writeHead(cookie.includes("session=s3ss10n") ? 200 : 401).end('Bienvenue {"next":"/api"}');
    } else if (request.url === "/api") {
      response.end('{"token":"t0k3n-from-api","items":[1,2]}');
    } else if (request.url?.startsWith("/data")) {
      response.writeHead(
        request.headers.authorization === undefined && request.headers["x-token"] === "t0k3n-from-api" ? 200 : 401,
      );
      response.end(`you sent ${request.headers["x-token"]} to ${request.url}`);
    } else response.writeHead(404).end();
  });
  return { ...server, seen };
}

/** A server that answers with a value that would break out of JSON, and keeps what it is sent. */
async function echo() {
  const sent: string[] = [];
  const server = await web(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    sent.push(body);
    response.end(JSON.stringify({ id: 'x","y":"z' }));
  });
  return { ...server, sent };
}

const journey = (url: string, more: Record<string, unknown> = {}) => ({
  secrets: { password: { file: secretFile(PASSWORD) } },
  steps: [
    { name: "form", url: `${url}/login`, extract: { sectok: { field: "sectok" } } },
    {
      name: "log in",
      url: `${url}/login`,
      form: { p: "{password}", sectok: "{sectok}" },
      conditions: ["[STATUS] == 200", "[BODY] == pat(*Bienvenue*)"],
    },
    { name: "token", url: `${url}/api`, extract: { token: { json: "token" } }, conditions: ["len([BODY].items) == 2"] },
    { name: "data", url: `${url}/data?t={token}`, headers: { "x-token": "{token}" } },
  ],
  ...more,
});
const run = (input: Record<string, unknown>, timeoutMs = 5000) => runCheck(check, input, { timeoutMs });

describe("a journey", () => {
  it("logs in with a form's own token and cookies, then looks", async () => {
    const { url, seen } = await site();
    const outcome = await run(journey(url));
    expect(outcome).toMatchObject({ ok: true, measures: { steps: 4 } });
    expect(outcome.measures?.["step_seconds/log in"]).toBeGreaterThan(0);
    expect(seen.map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual([
      "GET /login ",
      "POST /login first=1",
      "GET /home first=1;",
      "GET /api first=1;",
      "GET /data?t=t0k3n-from-api first=1;",
    ]);
  });

  it("says at which step it ended and why, and shows no secret whatever the server sends back", async () => {
    const { url } = await site();
    const own = journey(url);
    own.steps[1]!.form = { p: "{password}", sectok: "wrong" } as never;
    const outcome = await run(own);
    expect(outcome).toMatchObject({ ok: false, reason: "wrong-status", measures: { steps: 1 } });
    expect(outcome.message).toContain("step 2, log in: [STATUS] is 403, expected 200");
    const shown = await run({ ...own, steps: [own.steps[0], { ...own.steps[1], conditions: ["[BODY] == x"] }] });
    expect(shown).toMatchObject({ ok: false, reason: "wrong-body" });
    expect(shown.message).toContain("(hidden)");
    for (const form of [
      PASSWORD,
      encodeURIComponent(PASSWORD),
      new URLSearchParams({ p: PASSWORD }).toString().slice(2),
    ])
      expect(shown.message).not.toContain(form);
  });

  it("signs in to an API by a token that it was given before, which no other server sees", async () => {
    const seen: unknown[] = [];
    const elsewhere = await web((request, response) => {
      seen.push(request.headers.authorization, request.headers["x-kept"]);
      response.end();
    });
    const api = await web((request, response) => {
      seen.push(request.headers.authorization);
      if (request.url === "/token") response.end('{"token":"t0k3n"}');
      else response.writeHead(302, { location: `${elsewhere.url}/` }).end();
    });
    const headers = { authorization: "Bearer {token}", "x-kept": "no" };
    const steps = [
      { name: "token", url: `${api.url}/token`, extract: { token: { json: "token" } } },
      { name: "look", url: `${api.url}/look`, headers },
    ];
    expect(await run({ steps })).toMatchObject({ ok: true });
    expect(seen).toEqual([undefined, "Bearer t0k3n", undefined, undefined]);
    for (const authorization of ["Bearer t0k3n", "Bearer {token} and more", "{token}{token}"])
      expect(check.params.safeParse({ steps: [steps[0], { ...steps[1], headers: { authorization } }] }).success).toBe(
        false,
      );
  });

  it("shows no secret in its steps either", async () => {
    const { url } = await site();
    const steps: string[] = [];
    const params = check.params.parse(journey(url));
    await attempt({
      kind: check,
      params,
      timeoutMs: 5000,
      resources: resources(),
      trace: (doing, detail) => steps.push(`${doing} ${JSON.stringify(detail)}`),
    });
    const all = steps.join("\n");
    expect(all).toContain("step 2, log in");
    for (const secret of [PASSWORD, "t0k3n-from-api"]) expect(all).not.toContain(secret);
  });

  it("fails as nothing-extracted where a value is not there", async () => {
    const { url } = await web((_, response) => response.end("<form></form>"));
    const outcome = await run(journey(url));
    expect(outcome).toMatchObject({ ok: false, reason: "nothing-extracted" });
    expect(outcome.message).toContain('found nothing for {sectok} ({"field":"sectok"})');
  });

  it("lets no value from a server write a header of its own, nor another query", async () => {
    const evil = "a\r\nx-evil: 1&admin=1#";
    const seen: string[] = [];
    const { url } = await web((request, response) => {
      seen.push(`${request.url} ${request.headers["x-evil"]}`);
      response.end(JSON.stringify({ v: evil }));
    });
    const first = { name: "a", url: `${url}/a`, extract: { v: { json: "v" } } };
    const header = await run({ steps: [first, { name: "b", url: `${url}/b`, headers: { "x-v": "{v}" } }] });
    expect(header).toMatchObject({ ok: false, reason: "nothing-extracted" });
    expect(await run({ steps: [first, { name: "b", url: `${url}/b?v={v}` }] })).toMatchObject({ ok: true });
    expect(seen.at(-1)).toBe("/b?v=a%0D%0Ax-evil%3A%201%26admin%3D1%23 undefined");
  });

  it("sends JSON that a value cannot break out of", async () => {
    const { url } = await web(async (request, response) => {
      let body = "";
      for await (const piece of request) body += piece;
      response.end(request.url === "/b" ? body : '{"v":"\\",\\"admin\\":true,\\"x\\":\\""}');
    });
    const steps = [
      { name: "a", url: `${url}/a`, extract: { v: { json: "v" } } },
      {
        name: "b",
        url: `${url}/b`,
        json: { v: "{v}", n: 3 },
        conditions: ["has([BODY].admin) == false", "[BODY].n == 3"],
      },
    ];
    expect(await run({ steps })).toMatchObject({ ok: true });
  });

  it("compares a later answer with what an earlier one held, which it does not show", async () => {
    const { url } = await web((request, response) => response.end(request.url === "/a" ? '{"n":41}' : '{"n":42}'));
    const ending = (condition: string) =>
      run({
        steps: [
          { name: "a", url: `${url}/a`, extract: { n: { json: "n" } } },
          { name: "b", url: `${url}/b`, conditions: [condition] },
        ],
      });
    for (const condition of ["[BODY].n > [CONTEXT].n", "[BODY].n != [CONTEXT].n"])
      expect(await ending(condition), condition).toMatchObject({ ok: true });
    expect(await ending("[BODY].n == [CONTEXT].n")).toMatchObject({
      ok: false,
      reason: "wrong-json",
      message: expect.stringMatching(/^step 2, b: \[BODY\]\.n is 42, expected \[CONTEXT\]\.n, which is /),
    });
    expect((await ending("[BODY].n == [CONTEXT].n")).message).not.toContain("41");
  });

  it("sends lists and objects within JSON, values filled in at any depth", async () => {
    const { url, sent } = await echo();
    const json = { cart: { items: [{ id: "{id}" }, 2, null], open: true } };
    const steps = [
      { name: "a", url: `${url}/a`, extract: { id: { json: "id" } } },
      { name: "b", url: `${url}/b`, json },
    ];
    expect(await run({ steps })).toMatchObject({ ok: true });
    expect(JSON.parse(sent.at(-1)!)).toEqual({ cart: { items: [{ id: 'x","y":"z' }, 2, null], open: true } });
  });

  it("keeps cookies from other sites, and does not follow to one", async () => {
    const other = await site();
    const { url } = await web((_, response) => {
      response.setHeader("set-cookie", "x=1; Domain=example.org");
      response.writeHead(302, { location: other.url.replace("127.0.0.1", "localhost") }).end();
    });
    expect(await run({ steps: [{ name: "a", url }] })).toMatchObject({ ok: false, reason: "redirect" });
    expect(other.seen).toEqual([]);
  });

  it("ends with its time, at whichever step", async () => {
    const { url, open } = await web((request, response) => void (request.url === "/a" && response.end()));
    const outcome = await run(
      {
        steps: [
          { name: "a", url: `${url}/a` },
          { name: "b", url: `${url}/b` },
        ],
      },
      500,
    );
    expect(outcome).toMatchObject({ ok: false, reason: "timeout" });
    await expect.poll(() => open.size).toBe(0);
  });
});

describe("the declaration of a journey", () => {
  const issues = (steps: unknown[], more = {}) =>
    check.params
      .safeParse({ steps, ...more })
      .error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  test.each([
    [[{ name: "a", url: "/x?p={password}" }], "steps.0: for {password}, no {name}: nothing is known yet"],
    [
      [
        { name: "a", url: "/x", extract: { t: { json: "t" } } },
        { name: "b", url: "/{u}" },
      ],
      "steps.1: for {u}, one of {t}",
    ],
    [[{ name: "a", url: "/x", json: { a: [{ b: "{t}" }] } }], "steps.0: for {t}, no {name}: nothing is known yet"],
    [
      [{ name: "a", url: "/x", extract: { t: { json: "t" } }, conditions: ["[BODY] == [CONTEXT].t"] }],
      "steps.0: for {t}, no {name}: nothing is known yet",
    ],
    [[{ name: "a", url: "/x", conditions: ["[BODY] == [CONTEXT]"] }], "a value's name after [CONTEXT]"],
    [[{ name: "a", url: "/x", form: {}, json: {} }], "steps.0: either `form` or `json`"],
    [[{ name: "a", url: "ftp://x/" }], "steps.0.url: an http(s) address"],
    [[{ name: "a", url: "https://u:p@x/" }], "steps.0.url: an http(s) address without a password"],
    [[], "steps: "],
  ])("refuses %j", (steps, words) => expect(issues(steps)?.join("\n")).toContain(words));

  it("names the secrets that it needs, and completes paths", () => {
    const own = check.params.parse({
      steps: [{ name: "a", url: "/login?p={p}" }],
      secrets: { p: { secret: "shop" } },
    });
    expect(check.secrets!(own)).toEqual([{ secret: "shop" }]);
    expect(check.resolve!(own, { webUrl: "https://x.example", service: { id: "x" } } as never)).toMatchObject({
      steps: [{ url: "https://x.example/login?p={p}" }],
    });
    expect(check.resolve!(own, { webUrl: undefined, service: { id: "x" } } as never)).toBe(
      "absolute addresses: x has no host name",
    );
  });
});

describe("a value carried over", () => {
  const page = (text: string) => ({ text: () => text, header: (name: string) => (name === "x-a" ? "b" : undefined) });
  test.each([
    [{ json: "a[1].b" }, '{"a":[0,{"b":7}]}', "7"],
    [{ json: "a" }, '{"a":{}}', undefined],
    [{ json: "__proto__" }, "{}", undefined],
    [{ json: "a" }, "<html>", undefined],
    [{ header: "x-a" }, "", "b"],
    [{ field: "t" }, `<INPUT value='1 &lt; 2' name=t>`, "1 < 2"],
    [{ field: "t" }, `<script>"<input name=t value=no>"</script><input name=t value=yes>`, "yes"],
    [{ field: "t" }, `<!-- <input name=t value=no> --><input name=t value=yes>`, "yes"],
    [{ after: "token='", before: "'" }, "x token='abc' y", "abc"],
    [{ after: "token='", before: "'" }, "x token='abc", undefined],
    [{ after: "x", before: "y" }, `x${"a".repeat(5000)}y`, undefined],
  ] as const)("by %j from %j is %j", async (from, text, value) => expect(await found(from, page(text))).toBe(value));

  it("is sought in hostile pages without harm, and in deep ones without delay", async () => {
    for (const text of [...HOSTILE, "<a>".repeat(100_000), "<input name=t".repeat(10_000)])
      await found({ field: "t" }, page(text));
  });

  it("is named in braces, and nothing else is", () =>
    expect(namesIn('{a} {"json":1} {{x}} {A} { b } {c_1}')).toEqual(["a", "x", "c_1"]));
});

it("secrets are hidden in every form that a server may send them back in", () => {
  const secret = 'a b&"<ü';
  const hide = redactor([secret]);
  for (const form of [
    secret,
    encodeURIComponent(secret),
    JSON.stringify({ secret }),
    JSON.stringify(JSON.stringify(secret)),
    Buffer.from(secret).toString("base64"),
    "a b&amp;&quot;&lt;ü",
  ])
    expect(hide(form), form).toContain("(hidden)");
  expect(redactor([""])("nothing")).toBe("nothing");
});
