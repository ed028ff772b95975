import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished, test, vi } from "vitest";
import { matches } from "../../../monitors/checks/_text.ts";
import http from "../../../monitors/checks/http.ts";
import { makeTrust } from "../../../monitors/net/trust.ts";
import { Authority } from "../helpers/certificates.ts";
import { resources, runCheck } from "../helpers/run.ts";
import { secretFile } from "../helpers/secret-file.ts";
import { closedPort, tcp, tls, web, web2 } from "../helpers/servers.ts";
import { ANSWER, frame, once } from "../hostile/http2-servers.ts";

const check = (input: Record<string, unknown>, options?: Parameters<typeof runCheck>[2]) =>
  runCheck(http, input, options);

describe("an http check of a server that answers", () => {
  it("succeeds, and measures each part", async () => {
    const { url } = await web((_, response) => response.end("hello"));
    const outcome = await check({ url: `${url}/` });
    expect(outcome).toMatchObject({ ok: true, measures: { status_code: 200, body_bytes: 5, redirects: 0 } });
    for (const phase of ["connect_seconds", "first_byte_seconds", "transfer_seconds"])
      expect(outcome.measures?.[phase]).toBeGreaterThanOrEqual(0);
  });

  it("opens a connection of its own each time and leaves none open", async () => {
    let connections = 0;
    const { url, open } = await web((request, response) => {
      if (request.socket.bytesRead > 0) connections++;
      response.end();
    });
    for (let run = 0; run < 3; run++) expect(await check({ url })).toMatchObject({ ok: true });
    expect(connections).toBe(3);
    await expect.poll(() => open.size).toBe(0);
  });

  it("sends the declared method, headers and body", async () => {
    const { url } = await web(async (request, response) => {
      let body = "";
      for await (const piece of request) body += piece;
      response.end(`${request.method} ${request.headers["x-probe"]} ${body} ${request.headers["user-agent"]}`);
    });
    const outcome = await check({
      url,
      method: "POST",
      headers: { "x-probe": "yes" },
      body: "ping",
      expect: { body: "POST yes ping vigie" },
    });
    expect(outcome).toMatchObject({ ok: true });
  });

  it("asks nothing of the body when the method is HEAD", async () => {
    const { url } = await web((_, response) => response.setHeader("content-length", 1e9).end());
    expect(await check({ url, method: "HEAD" })).toMatchObject({ ok: true, measures: { body_bytes: 0 } });
  });
});

describe("conditions of an http check", () => {
  const page = () =>
    web((_, response) => {
      response.setHeader("x-version", "1.2.3").setHeader("content-type", "application/json");
      response.end(JSON.stringify({ status: "ok", nodes: [{ up: true, load: 0.5 }], nothing: null }));
    });

  test.each([
    ["a status", { status: [200] }],
    ["a class of statuses", { status: [404, "2xx"] }],
    ["text", { body: '"ok"' }],
    ["a regular expression", { body: { regex: '^\\{"status":"(ok|fine)"' } }],
    ["text that must not be there", { body: { not: "Fatal error" } }],
    ["a header", { header: { "X-Version": "1.2" } }],
    ["a header's regular expression", { header: { "x-version": { regex: "^1\\." } } }],
    ["a header that must not say something, and is not there", { header: { server: { not: "Apache" } } }],
    ["JSON values", { json: { status: "ok", "nodes[0].up": true, "nodes[0].load": 0.5, nothing: null } }],
    ["a JSON value's regular expression", { json: { status: { regex: "^o" } } }],
    ["a time", { within: "5s" }],
  ])("accept %s", async (_, expected) => {
    const { url } = await page();
    expect(await check({ url, expect: expected })).toMatchObject({ ok: true });
  });

  test.each([
    ["wrong-status", { status: [204, "3xx"] }, "status 200, expected 204 or 3xx"],
    ["wrong-body", { body: "Tilleuls" }, 'expected "Tilleuls" in the body, which begins "{'],
    ["wrong-body", { body: { regex: "^down$" } }, "expected a match of /^down$/"],
    ["wrong-body", { body: { not: "status" } }, 'expected no "status"'],
    ["wrong-header", { header: { "x-version": "2.0" } }, 'header x-version is "1.2.3", expected "2.0"'],
    ["wrong-header", { header: { etag: "a" } }, "header etag is missing"],
    ["wrong-json", { json: { "nodes[0].up": false } }, "nodes[0].up is true, expected false"],
    ["wrong-json", { json: { "nodes[1].up": true } }, "nodes[1].up is missing, expected true"],
    ["wrong-json", { json: { "constructor.name": "Object" } }, "constructor.name is missing"],
    ["wrong-json", { json: { "nodes[0].load": 0.6 } }, "nodes[0].load is 0.5, expected 0.6"],
  ] as const)("fail as %s for %j", async (reason, expected, words) => {
    const { url } = await page();
    const outcome = await check({ url, expect: expected });
    expect(outcome).toMatchObject({ ok: false, reason });
    expect(outcome.message).toContain(words);
  });

  it("tell a body that is no JSON", async () => {
    const { url } = await web((_, response) => response.end("<h1>It works"));
    expect(await check({ url, expect: { json: { a: 1 } } })).toMatchObject({ ok: false, reason: "malformed" });
  });

  it("tell a value that is nested too deep to be written", async () => {
    const { url } = await web((_, response) => response.end(`{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`));
    expect(await check({ url, expect: { json: { a: 1 } } })).toMatchObject({
      reason: "wrong-json",
      message: "a is (nested too deep), expected 1",
    });
  });

  it("look through no JSON that is a hundred thousand values", async () => {
    const { url } = await web((_, response) => response.end(`[${"{},".repeat(60_000)}{}]`));
    const tooLarge = { reason: "too-large", message: "the JSON has more than 100000 values" };
    expect(await check({ url, expect: { json: { a: 1 } } })).toMatchObject(tooLarge);
    expect(await check({ url, conditions: ["[BODY][0].a == 1"] })).toMatchObject(tooLarge);
    expect(await check({ url, conditions: ["len([BODY]) == 180004"] })).toMatchObject({ ok: true });
  });

  it("take what every object has for no header", async () => {
    const { url } = await web((_, response) => response.end());
    expect(await check({ url, expect: { header: { constructor: "Object" } } })).toMatchObject({
      reason: "wrong-header",
      message: 'header constructor is missing, expected "Object"',
    });
    expect(await check({ url, conditions: ["has([HEADERS].constructor) == false"] })).toMatchObject({ ok: true });
  });

  it("give up on a regular expression that would take years", async () => {
    const { url } = await web((_, response) => response.end(`${"a".repeat(40)}!`));
    const began = performance.now();
    const outcome = await check({ url, expect: { body: { regex: "^(a+)+$" } } });
    expect(outcome).toMatchObject({ ok: false, reason: "wrong-body" });
    expect(performance.now() - began).toBeLessThan(3000);
  });

  it("try a regular expression again where the time went by while other programs had the processor", () => {
    const used = (user: number) => ({ user, system: 0 });
    const usage = vi.spyOn(process, "threadCpuUsage");
    onTestFinished(() => usage.mockRestore());
    for (const user of [0, 5_000, 0, 30_000]) usage.mockReturnValueOnce(used(user));
    expect(matches({ regex: "^(a+)+$" }, `${"a".repeat(40)}!`)).toBe(false);
    expect(usage).toHaveBeenCalledTimes(4);
    expect(matches({ regex: "^a" }, "b\na")).toBe(true);
  });

  it("fail when the answer comes later than declared", async () => {
    const { url } = await web((_, response) => void setTimeout(() => response.end(), 1100));
    expect(await check({ url, expect: { within: "1s" } })).toMatchObject({ ok: false, reason: "timeout" });
  });
});

describe("redirects", () => {
  it("are followed on the same host", async () => {
    const { url } = await web((request, response) => {
      if (request.url === "/") response.writeHead(302, { location: "/home" }).end();
      else response.end("home");
    });
    expect(await check({ url, expect: { body: "home" } })).toMatchObject({ ok: true, measures: { redirects: 1 } });
  });

  it("find the cookie that they set sent back, beside one of our own, and not to another host", async () => {
    const back = (location: string) => ({ location, "set-cookie": ["seen=1; Path=/", "other=2; Path=/elsewhere"] });
    const { url } = await web((request, response) => {
      if (request.headers.cookie?.includes("seen=1")) response.end(`cookies: ${request.headers.cookie}`);
      else response.writeHead(302, back("/")).end();
    });
    expect(await check({ url, expect: { body: { regex: "^cookies: seen=1$" } } })).toMatchObject({ ok: true });
    const auth = { header: "Cookie", value: { file: secretFile("mine=3") } };
    expect(await check({ url, auth, expect: { body: { regex: "^cookies: mine=3; seen=1$" } } })).toMatchObject({
      ok: true,
    });
    const other = await web((request, response) => response.end(`cookies: ${request.headers.cookie}`));
    const away = await web((_, response) => response.writeHead(302, back(`http://localhost:${other.port}/`)).end());
    expect(await check({ url: away.url, otherHosts: true, expect: { body: "cookies: undefined" } })).toMatchObject({
      ok: true,
    });
  });

  it("are followed to addresses that are written in UTF-8, as browsers do", async () => {
    const { port } = await tcp(
      (socket) =>
        void socket.on("data", (data) => {
          const [, path] = String(data).split(" ");
          if (path === "/") socket.end("HTTP/1.1 302 Found\r\nLocation: /école?où=là\r\nContent-Length: 0\r\n\r\n");
          else if (path === "/%C3%A9cole?o%C3%B9=l%C3%A0") {
            socket.write("HTTP/1.1 200 OK\r\nX-Name: École\r\n");
            socket.end("X-Old: École\r\n\r\n", "latin1");
          } else socket.end("HTTP/1.1 404 Not Found\r\n\r\n");
        }),
    );
    const header = { "x-name": "École", "x-old": "École" };
    expect(await check({ url: `http://127.0.0.1:${port}/`, expect: { header } })).toMatchObject({
      ok: true,
      measures: { redirects: 1 },
    });
  });

  it("are not followed where the redirect is what is expected", async () => {
    const { url } = await web((_, response) => response.writeHead(301, { location: "/elsewhere" }).end());
    expect(await check({ url, expect: { status: ["3xx"], header: { location: "/elsewhere" } } })).toMatchObject({
      ok: true,
      measures: { redirects: 0 },
    });
  });

  it("end after so many, when they go in circles", async () => {
    let asked = 0;
    const { url } = await web((_, response) => {
      asked++;
      response.writeHead(302, { location: `/${asked}` }).end();
    });
    expect(await check({ url, redirects: 3 })).toMatchObject({ ok: false, reason: "redirect" });
    expect(asked).toBe(4);
  });

  it("to another host are refused without asking it", async () => {
    let asked = false;
    const other = await web((_, response) => {
      asked = true;
      response.end();
    });
    const { url } = await web((_, response) =>
      response.writeHead(302, { location: `http://localhost:${other.port}/latest/meta-data` }).end(),
    );
    const outcome = await check({ url });
    expect(outcome).toMatchObject({ ok: false, reason: "redirect" });
    expect(outcome.message).toContain("another host");
    expect(asked).toBe(false);
  });

  it("between a name and the one with www. before it are followed", async () => {
    const { port } = await web((request, response) => {
      const host = `${request.headers.host}`;
      if (request.url === "/back" ? host.startsWith("www.") : !host.startsWith("www."))
        response.writeHead(301, {
          location: `http://${host.startsWith("www.") ? "" : "www."}localhost:${port}${request.url}`,
        });
      response.end("home");
    });
    for (const url of [`http://localhost:${port}/`, `http://www.localhost:${port}/back`])
      expect(await check({ url })).toMatchObject({ ok: true, measures: { redirects: 1 } });
  });

  it("to another host are followed where declared, without the declared headers", async () => {
    const other = await web((request, response) => response.end(`${request.headers["x-token"]}`));
    const { url } = await web((_, response) =>
      response.writeHead(302, { location: `http://localhost:${other.port}/` }).end(),
    );
    const outcome = await check({ url, otherHosts: true, headers: { "x-token": "t" }, expect: { body: "undefined" } });
    expect(outcome).toMatchObject({ ok: true });
  });

  test.each(["javascript:alert(1)", "file:///etc/passwd", "http://user:pass@127.0.0.1/", "http://["])(
    "to %s are refused",
    async (location) => {
      const { url } = await web((_, response) => response.writeHead(302, { location }).end());
      expect(await check({ url, otherHosts: true })).toMatchObject({ ok: false, reason: "redirect" });
    },
  );

  it("turn a POST into a GET after 303 and keep it after 307", async () => {
    const { url } = await web((request, response) => {
      if (request.url === "/see") response.writeHead(303, { location: "/end" }).end();
      else if (request.url === "/keep") response.writeHead(307, { location: "/end" }).end();
      else response.end(request.method);
    });
    expect(await check({ url: `${url}/see`, method: "POST", body: "x", expect: { body: "GET" } })).toMatchObject({
      ok: true,
    });
    expect(await check({ url: `${url}/keep`, method: "POST", body: "x", expect: { body: "POST" } })).toMatchObject({
      ok: true,
    });
  });
});

describe("an http check of a hostile server", () => {
  it("stops reading an endless body", async () => {
    let sent = 0;
    const { url, open } = await web((_, response) => {
      const piece = Buffer.alloc(64 * 1024, "a");
      const more = () => {
        do sent += piece.length;
        while (response.write(piece) && sent < 1e9);
      };
      response.on("drain", more);
      more();
    });
    expect(await check({ url, readKb: 128 })).toMatchObject({ ok: true, measures: { body_bytes: 128 * 1024 } });
    await expect.poll(() => open.size).toBe(0);
    expect(sent).toBeLessThan(64e6);
  });

  it("says so when what it looks for, or what must not be there, may be in the part it has not read", async () => {
    const { url } = await web((_, response) => response.end(`hay${"a".repeat(300 * 1024)}`));
    const tooLarge = { ok: false, reason: "too-large" };
    for (const body of ["needle", { not: "needle" }]) {
      expect(await check({ url, readKb: 256, expect: { body } })).toMatchObject(tooLarge);
    }
    for (const condition of ["[BODY] == pat(*needle*)", "[BODY] != pat(*needle*)"])
      expect(await check({ url, readKb: 256, conditions: [condition] })).toMatchObject(tooLarge);
    expect(await check({ url, readKb: 256, conditions: ["[BODY] == pat(hay*)"] })).toMatchObject({ ok: true });
    expect(await check({ url, readKb: 256, conditions: ["[BODY] != pat(hay*)"] })).toMatchObject({
      ok: false,
      reason: "wrong-body",
    });
  });

  it("reads two megabytes of a page that it looks into, and of any other enough to see that it comes", async () => {
    const { url } = await web((_, response) => response.end(`${"a".repeat(1.5 * 1024 * 1024)}needle`));
    expect(await check({ url, expect: { body: "needle" } })).toMatchObject({ ok: true });
    expect(await check({ url, conditions: ["[BODY] == pat(*needle)"] })).toMatchObject({ ok: true });
    expect(await check({ url })).toMatchObject({ ok: true, measures: { body_bytes: 256 * 1024 } });
  });

  it("times out on a byte a second, and closes", async () => {
    const { url, open } = await web((_, response) => {
      response.writeHead(200, { "content-length": 1000 });
      const timer = setInterval(() => response.write("a"), 100);
      response.on("close", () => clearInterval(timer));
    });
    const outcome = await check({ url }, { timeoutMs: 400 });
    expect(outcome).toMatchObject({ ok: false, reason: "timeout" });
    expect(outcome.message).toContain("while reading the body");
    await expect.poll(() => open.size).toBe(0);
  });

  it("times out on headers that never end", async () => {
    const { port, open } = await tcp((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      const timer = setInterval(() => socket.write("x"), 50);
      socket.on("close", () => clearInterval(timer));
    });
    expect(await check({ url: `http://127.0.0.1:${port}/` }, { timeoutMs: 300 })).toMatchObject({ reason: "timeout" });
    await expect.poll(() => open.size).toBe(0);
  });

  test.each([
    ["too-large", "a flood of headers", `HTTP/1.1 200 OK\r\n${"x-a: bbbbbbbbbbbbbbbbbbbbbbbb\r\n".repeat(5000)}\r\n`],
    ["malformed", "garbage", "\u0000\u0001\u0002 nothing like HTTP \r\n\r\n"],
    ["malformed", "another protocol", "220 mail.example ESMTP Postfix\r\n"],
    ["malformed", "a length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: lots\r\n\r\nhello"],
    ["malformed", "a chunk of nonsense", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\nhello\r\n"],
  ])("fails as %s on %s", async (reason, _, text) => {
    const { port } = await tcp((socket) => void socket.on("data", () => socket.end(text)));
    expect(await check({ url: `http://127.0.0.1:${port}/` })).toMatchObject({ ok: false, reason });
  });

  test.each([
    [
      "an upgrade that nobody asked for",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    ],
    ["nothing but 100 Continue", "HTTP/1.1 100 Continue\r\n\r\n".repeat(1000)],
    ["nothing but 103 Early Hints", "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1000)],
    ["an answer without its own version", "HTTP/9.9 200 OK\r\n\r\n"],
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"],
    ["an answer within an answer", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 500 Oops\r\n\r\n"],
  ])("survives %s", async (_, text) => {
    const { port, open } = await tcp((socket) => void socket.on("data", () => socket.write(text)));
    const outcome = await check({ url: `http://127.0.0.1:${port}/` }, { timeoutMs: 500 });
    expect(outcome.ok || outcome.reason).not.toBe("internal");
    expect(outcome.error).toBeUndefined();
    await expect.poll(() => open.size).toBe(0);
  });

  it("takes what comes after the answer for nothing, at once or later", async () => {
    const answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more than it said";
    const { port } = await tcp((socket) => void socket.on("data", () => socket.end(answer)));
    const url = `http://127.0.0.1:${port}/`;
    expect(await check({ url, expect: { body: { regex: "^hello$" } } })).toMatchObject({ ok: true });
    const later = await tcp(
      (socket) =>
        void socket.on("data", () => {
          socket.write(answer.slice(0, -20));
          setTimeout(() => socket.end(answer.slice(-20)), 50);
        }),
    );
    expect(await check({ url: `http://127.0.0.1:${later.port}/` })).toMatchObject({ ok: true });
  });

  it("fails as closed when the connection is reset", async () => {
    const { port } = await tcp((socket) => void socket.on("data", () => socket.resetAndDestroy()));
    expect(await check({ url: `http://127.0.0.1:${port}/` })).toMatchObject({ ok: false, reason: "closed" });
  });

  it("fails as closed when the server hangs up in the middle of the body", async () => {
    const { port } = await tcp(
      (socket) => void socket.on("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")),
    );
    const outcome = await check({ url: `http://127.0.0.1:${port}/` });
    expect(outcome).toMatchObject({ ok: false });
    expect(["closed", "malformed"]).toContain((outcome as { reason: string }).reason);
  });

  it("fails as closed when the server hangs up without a word", async () => {
    const { port } = await tcp((socket) => void socket.on("data", () => socket.end()));
    expect(await check({ url: `http://127.0.0.1:${port}/` })).toMatchObject({ ok: false, reason: "closed" });
  });

  it("reads what was compressed without being asked for", async () => {
    for (const [coding, body] of [
      ["gzip", gzipSync("Tilleuls")],
      ["deflate", deflateSync("Tilleuls")],
    ] as const) {
      const { url } = await web((_, response) => response.setHeader("content-encoding", coding).end(body));
      expect(await check({ url, expect: { body: "Tilleuls" } })).toMatchObject({ ok: true });
    }
  });

  it.each([
    ["its type", "text/html; charset=ISO-8859-1", "<h1>École</h1>"],
    ["its own head", "text/html", '<html><head><meta charset="windows-1252"><h1>École</h1>'],
    [
      "its own head, as it was written long ago",
      "text/html",
      '<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=iso-8859-15">École',
    ],
    ["its XML declaration", "application/rss+xml", '<?xml version="1.0" encoding="ISO-8859-1"?><t>École</t>'],
  ])("reads a page in the encoding that %s names", async (_, type, text) => {
    const { url } = await web((_, response) =>
      response.setHeader("content-type", type).end(Buffer.from(text, "latin1")),
    );
    expect(await check({ url, expect: { body: "École" } })).toMatchObject({ ok: true });
    expect(await check({ url, conditions: ["[BODY] == pat(*École*)"] })).toMatchObject({ ok: true });
  });

  it("reads UTF-8 where nothing is named or nobody knows the encoding, and JSON after a byte order mark", async () => {
    for (const type of ["text/html", "text/html; charset=klingon", "text/plain; charset=utf-8"]) {
      const { url } = await web((_, response) => response.setHeader("content-type", type).end("École"));
      expect(await check({ url, expect: { body: "École" } })).toMatchObject({ ok: true });
    }
    const { url } = await web((_, response) => response.end('\ufeff{"status":"UP"}'));
    expect(await check({ url, conditions: ["[BODY].status == UP"], expect: { json: { status: "UP" } } })).toMatchObject(
      {
        ok: true,
      },
    );
  });

  it("unpacks no more than it would read as it is", async () => {
    const packed = gzipSync(`[${"{},".repeat(700_000)}{}]`);
    const { url } = await web((_, response) => response.setHeader("content-encoding", "gzip").end(packed));
    const tooLarge = {
      reason: "too-large",
      message: "the body cannot be decoded: it unpacks to more than 2097152 bytes",
    };
    expect(await check({ url, conditions: ["[BODY][0].a == 1"] })).toMatchObject(tooLarge);
    expect(await check({ url, expect: { body: "a" } })).toMatchObject(tooLarge);
    expect(
      await check({ url, readKb: 4096, conditions: ["len([BODY]) > 2000000", "[BODY] == pat(*{}])"] }),
    ).toMatchObject({ ok: true });
  });

  it.each([
    ["a body where there must be none", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello"],
    ["more than it announced", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokand more"],
  ])("takes an answer for what it is when the server sends %s", async (_, said) => {
    const { address } = await tcp((socket) => void socket.once("data", () => socket.end(said)));
    expect(await check({ url: `http://${address}/` })).toMatchObject({ ok: true });
  });

  it("finds nothing in a body that is empty, however it is said to be packed", async () => {
    const { url } = await web((_, response) => response.setHeader("content-encoding", "gzip").end());
    expect(await check({ url, conditions: ["len([BODY]) == 0"] })).toMatchObject({ ok: true });
    expect(await check({ url, expect: { body: "Tilleuls" } })).toMatchObject({ ok: false, reason: "wrong-body" });
  });

  it("does not blow up with a gzip bomb", async () => {
    const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024));
    const { url } = await web((_, response) => response.setHeader("content-encoding", "gzip").end(bomb));
    const before = process.memoryUsage().rss;
    const outcome = await check({ url, expect: { body: "x" } });
    expect(outcome).toMatchObject({ ok: false });
    expect(["malformed", "too-large"]).toContain((outcome as { reason: string }).reason);
    expect(process.memoryUsage().rss - before).toBeLessThan(80e6);
  });
});

describe("an http check that gets no answer", () => {
  it("fails as refused on a closed port", async () => {
    expect(await check({ url: `http://127.0.0.1:${await closedPort()}/` })).toMatchObject({ reason: "refused" });
  });

  it("fails as name-not-found on a name without address", async () => {
    const lookup = async () =>
      Promise.reject(Object.assign(new Error("queryA ENOTFOUND nowhere.invalid"), { code: "ENOTFOUND" }));
    const outcome = await check({ url: "http://nowhere.invalid/" }, { own: resources({ resolver: { lookup } }) });
    expect(outcome).toMatchObject({ ok: false, reason: "name-not-found" });
  });

  it("times out where nobody answers", async () => {
    const { port } = await tcp(() => {});
    const outcome = await check({ url: `http://127.0.0.1:${port}/` }, { timeoutMs: 200 });
    expect(outcome).toMatchObject({ ok: false, reason: "timeout" });
    expect(outcome.message).toContain("while waiting for the answer");
  });
});

describe("an http check over TLS", () => {
  const authority = new Authority();
  const serve = (names: string[], validity = {}) =>
    tls(
      authority.issue(names, validity),
      (socket) => void socket.on("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")),
    );
  const trusting = () => {
    const trust = makeTrust();
    trust.add(authority.pem);
    return resources({ trust });
  };

  it("trusts our own authority once it is known", async () => {
    const { port } = await serve(["localhost"]);
    const url = `https://localhost:${port}/`;
    expect(await check({ url })).toMatchObject({ ok: false, reason: "untrusted" });
    const outcome = await check({ url, expect: { body: "ok" } }, { own: trusting() });
    expect(outcome).toMatchObject({ ok: true });
    expect(outcome.measures?.tls_seconds).toBeGreaterThan(0);
  });

  it("fails as wrong-name and expired", async () => {
    const other = await serve(["other.example"]);
    expect(await check({ url: `https://localhost:${other.port}/` }, { own: trusting() })).toMatchObject({
      reason: "wrong-name",
    });
    const old = await serve(["localhost"], { from: -10, to: -1 });
    expect(await check({ url: `https://localhost:${old.port}/` }, { own: trusting() })).toMatchObject({
      reason: "expired",
    });
  });

  it("fails as handshake where the server does not speak TLS", async () => {
    const { port } = await tcp((socket) => void socket.end("220 hello\r\n"));
    expect(await check({ url: `https://localhost:${port}/` })).toMatchObject({ ok: false, reason: "handshake" });
  });
});

describe("the declaration of an http check", () => {
  test.each([["ftp://x.example/"], ["http://user:secret@x.example/"], ["//x.example/"], ["wiki"], [""]])(
    "refuses the address %j",
    (url) => {
      expect(http.params.safeParse({ url }).success).toBe(false);
    },
  );

  test.each([
    ["a secret in a header", { headers: { Authorization: "Bearer x" } }],
    ["a header that splits", { headers: { "x-a": "b\r\nx-c: d" } }],
    ["an impossible status", { expect: { status: [42] } }],
    ["a malformed regular expression", { expect: { body: { regex: "(" } } }],
    ["a malformed JSON path", { expect: { json: { "a[": 1 } } }],
    ["a field that does not exist", { expects: {} }],
  ])("refuses %s", (_, more) => {
    expect(http.params.safeParse({ url: "/", ...more }).success).toBe(false);
  });

  it("completes a path from the service's web address, and says what lacks otherwise", () => {
    const own = http.params.parse({ url: "/login" });
    const context = { service: { id: "wiki" }, webUrl: "https://wiki.example:8443" } as never;
    expect(http.resolve?.(own, context)).toMatchObject({ url: "https://wiki.example:8443/login" });
    expect(http.resolve?.(own, { service: { id: "wiki" } } as never)).toContain("wiki has no host name");
  });
});

describe("the conditions of an http check", () => {
  const page = () =>
    web((request, response) => {
      if (request.url === "/old") return void response.writeHead(302, { location: "/" }).end();
      if (request.url === "/down") return void response.writeHead(503).end('{"status":"DOWN"}');
      response.setHeader("content-type", "application/json").end('{"status":"UP","items":[1,2]}');
    });

  it("all hold", async () => {
    const { url } = await page();
    const conditions = [
      "[STATUS] == 200",
      "[BODY].status == UP",
      "len([BODY].items) > 1",
      "[RESPONSE_TIME] < 5s",
      "[IP] == 127.0.0.1",
    ];
    expect(await check({ url, conditions })).toMatchObject({ ok: true });
  });

  it("say why they do not hold", async () => {
    const { url } = await page();
    expect(await check({ url: `${url}/down`, conditions: ["[STATUS] == 200"] })).toMatchObject({
      ok: false,
      reason: "wrong-status",
      message: "[STATUS] is 503, expected 200",
    });
  });

  it("decide about the status where they name it, and leave the usual 2xx to be expected where they do not", async () => {
    const { url } = await page();
    expect(await check({ url: `${url}/down`, conditions: ["[STATUS] == 503"] })).toMatchObject({ ok: true });
    expect(await check({ url: `${url}/down`, conditions: ["[BODY].status == DOWN"] })).toMatchObject({
      ok: false,
      reason: "wrong-status",
    });
  });

  it("are asked of the page that a redirect leads to, or of the redirect where they accept it", async () => {
    const { url } = await page();
    expect(await check({ url: `${url}/old`, conditions: ["[STATUS] == 200"] })).toMatchObject({
      ok: true,
      measures: { redirects: 1 },
    });
    expect(
      await check({ url: `${url}/old`, conditions: ["[STATUS] == 302", "[HEADERS].location == /"] }),
    ).toMatchObject({ ok: true, measures: { redirects: 0 } });
  });
});

describe("HTTP/2", () => {
  const authority = new Authority();
  const own = () => {
    const trust = makeTrust();
    trust.add(authority.pem);
    return { own: resources({ trust }) };
  };

  it("is spoken where it is offered and the server knows it", async () => {
    const { url } = await web2({ ...authority.issue(["localhost"]) }, (stream) => {
      stream.respond({ ":status": 200, "x-a": "b" });
      stream.end("hello");
    });
    const outcome = await check(
      {
        url,
        http2: "required",
        conditions: ["[BODY] == hello", "[HEADERS].x-a == b", "[CERTIFICATE_EXPIRATION] > 1h"],
      },
      own(),
    );
    expect(outcome).toMatchObject({ ok: true, measures: { http_version: 2, status_code: 200 } });
  });

  it("is missed where it is required and the server does not know it", async () => {
    const { port } = await tls({ ...authority.issue(["localhost"]) }, (socket) => {
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
    });
    const url = `https://localhost:${port}/`;
    expect(await check({ url, http2: "offered" }, own())).toMatchObject({ ok: true, measures: { http_version: 1.1 } });
    expect(await check({ url, http2: "required" }, own())).toMatchObject({ ok: false, reason: "weak-protocol" });
  });

  const half = [ANSWER, frame("data", 0, 1, Buffer.from("half"))];
  const bye = frame("goaway", 0, 0, Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]));
  it.each([
    ["finishes after it has said goodbye", [ANSWER, bye, frame("data", 1, 1, Buffer.from("whole"))], { ok: true }],
    ["takes its answer back", [...half, frame("rst", 0, 1, Buffer.from([0, 0, 0, 8]))], { reason: "closed" }],
    ["refuses", [frame("rst", 0, 1, Buffer.from([0, 0, 0, 7]))], { reason: "closed" }],
    ["hangs up in the middle", half, { reason: "closed" }],
  ])("tells what is whole from what is cut where the server %s", async (_, frames, outcome) => {
    const server = await tls({ ...authority.issue(["localhost"]), ALPNProtocols: ["h2"] }, (socket) => {
      once((greeted) => greeted.end(Buffer.concat(frames)))(socket);
      socket.resume();
    });
    const found = await check({ url: `https://localhost:${server.port}/`, http2: "required" }, own());
    expect(found).toMatchObject(outcome);
    await expect.poll(() => server.open.size).toBe(0);
  });

  it("leaves no connection open, and stops reading a body without end", async () => {
    const { url, open } = await web2({ ...authority.issue(["localhost"]) }, (stream) => {
      stream.on("error", () => {});
      stream.respond({ ":status": 200 });
      const more = () => {
        while (!stream.destroyed && stream.write(Buffer.alloc(16_384, "a")));
      };
      stream.on("drain", more);
      more();
    });
    const outcome = await check({ url, http2: "required", readKb: 64, expect: { body: "needle" } }, own());
    expect(outcome).toMatchObject({ ok: false, reason: "too-large", measures: { body_bytes: 65_536 } });
    await expect.poll(() => open.size).toBe(0);
  });

  it("is given up in time on a server that says nothing, or junk", async () => {
    const silent = await web2({ ...authority.issue(["localhost"]) }, () => {});
    expect(await check({ url: silent.url, http2: "required" }, { ...own(), timeoutMs: 400 })).toMatchObject({
      ok: false,
      reason: "timeout",
    });
    const junk = await tls({ ...authority.issue(["localhost"]), ALPNProtocols: ["h2"] }, (socket) =>
      socket.end("GET / HTTP/1.1\r\n".repeat(50)),
    );
    const outcome = await check(
      { url: `https://localhost:${junk.port}/`, http2: "required" },
      { ...own(), timeoutMs: 2000 },
    );
    expect(outcome).toMatchObject({ ok: false });
    expect(["malformed", "closed"]).toContain((outcome as { reason: string }).reason);
  });
});

describe("an http check that signs in", () => {
  const guarded = () =>
    web((request, response) => {
      const shown = request.headers.authorization ?? request.headers["x-key"];
      response.writeHead(shown === undefined ? 401 : 200).end(`you sent ${shown}`);
    });
  const basic = `Basic ${Buffer.from("lea:Tr3s secret").toString("base64")}`;

  test.each([
    ["a login and password", (file: string) => ({ login: "lea", password: { file } }), basic],
    ["a bearer token", (file: string) => ({ bearer: { file } }), "Bearer Tr3s secret"],
    ["a header", (file: string) => ({ header: "x-key", value: { file } }), "Tr3s secret"],
  ])("shows %s, and hides it again in what it says", async (_, auth, sent) => {
    const { url } = await guarded();
    const file = secretFile("Tr3s secret\n");
    expect(await check({ url, auth: auth(file), conditions: [`[BODY] == pat(you sent ${sent})`] })).toMatchObject({
      ok: true,
    });
    const outcome = await check({ url, auth: auth(file), expect: { body: "something else" } });
    expect(outcome).toMatchObject({ ok: false, reason: "wrong-body" });
    expect(outcome.message).toContain("(hidden)");
    expect(outcome.message).not.toContain("Tr3s secret");
    expect(outcome.message).not.toContain(basic.slice(6));
  });

  it("does not show it to another origin that a redirect leads to", async () => {
    const seen: unknown[] = [];
    const other = await web((request, response) => {
      seen.push(request.headers.authorization);
      response.end();
    });
    const { url } = await web((_, response) => response.writeHead(302, { location: other.url }).end());
    expect(await check({ url, auth: { bearer: { file: secretFile("token") } } })).toMatchObject({ ok: true });
    expect(seen).toEqual([undefined]);
  });

  it("says which file is missing, or no header", async () => {
    const { url } = await guarded();
    expect(await check({ url, auth: { bearer: { file: "/nowhere/token" } } })).toMatchObject({
      ok: false,
      reason: "not-configured",
      message: "/nowhere/token cannot be read",
    });
    expect(await check({ url, auth: { bearer: { file: secretFile("a\r\nx: y") } } })).toMatchObject({
      ok: false,
      reason: "not-configured",
    });
  });
});

describe("redirects from a public address", () => {
  // A public name in front of our own machine: what a lookout meets that has an address of its own.
  it("do not lead inside by a name that leads elsewhere by then", async () => {
    const { port } = await web((_, response) => response.writeHead(302, { location: "/next" }).end());
    let asked = 0;
    const own = resources({ resolver: { lookup: async () => [asked++ === 0 ? "127.0.0.1" : "169.254.169.254"] } });
    expect(await check({ url: `http://rebound.example:${port}/` }, { own, timeoutMs: 3000 })).toMatchObject({
      ok: false,
      reason: "redirect",
      message: expect.stringContaining("169.254.169.254"),
    });
    expect(asked).toBe(2);
  });

  it("do not lead to where clouds keep credentials", async () => {
    const { url } = await web((_, response) =>
      response.writeHead(302, { location: "http://169.254.169.254/latest" }).end(),
    );
    const outcome = await check({ url, otherHosts: true }, { timeoutMs: 3000 });
    expect(outcome).toMatchObject({ ok: false, reason: "redirect" });
    expect(outcome.message).toContain("169.254.169.254");
  });

  it("nor do names that lead there", async () => {
    const { url } = await web((_, response) => response.writeHead(302, { location: "http://innocent.example/" }).end());
    const own = resources({ resolver: { lookup: async () => ["169.254.169.254"] } });
    expect(await check({ url, otherHosts: true }, { own, timeoutMs: 3000 })).toMatchObject({
      ok: false,
      reason: "redirect",
    });
  });
});

it("an http check uses the version of IP that it is told to", async () => {
  const { port } = await web((_, response) => response.end());
  const own = resources({ resolver: { lookup: async () => ["127.0.0.1", "::1"] } });
  const url = `http://both.example:${port}/`;
  expect(await check({ url, ip: 4 }, { own })).toMatchObject({ ok: true });
  expect(await check({ url, ip: 6 }, { own })).toMatchObject({ ok: false, reason: "refused" });
  expect(await check({ url: `http://127.0.0.1:${port}/`, ip: 6 })).toMatchObject({
    ok: false,
    reason: "name-not-found",
  });
});
