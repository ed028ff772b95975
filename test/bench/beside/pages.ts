import { createServer, type ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { ASKED } from "./asked.ts";
import { listen, type Stage } from "./target.ts";

type Answer = (response: ServerResponse) => void;

interface Page {
  readonly name: string;
  /** How it answers while it is broken; nothing where it never is. */
  readonly bad?: Answer;
  readonly good?: Answer;
  readonly asked?: keyof typeof ASKED;
  /** For how long it is broken, in seconds. */
  readonly lasts?: number;
  readonly host?: string;
}

const TITLE = "<h1>Les Tilleuls</h1>";
const page =
  (body: string | Buffer, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(200, { "content-type": "text/html", ...headers }).end(body);
const status =
  (code: number): Answer =>
  (response) =>
    void response.writeHead(code).end("sorry");
const redirect =
  (location: string): Answer =>
  (response) =>
    void response.writeHead(302, { location }).end();
/** Bytes as they are, and the end of the connection. */
const raw =
  (text: string): Answer =>
  ({ socket }) =>
    void socket?.end(text.replaceAll("\n", "\r\n"));
const json = (value: unknown): Answer => page(JSON.stringify(value), { "content-type": "application/json" });
/** Something again and again, until whoever asked is gone. */
const dripping =
  (every: number, drop: (response: ServerResponse) => void): Answer =>
  (response) => {
    const timer = setInterval(() => drop(response), every);
    response.on("close", () => clearInterval(timer));
  };
const GOOD = page(TITLE);
const PACKED = gzipSync(TITLE + "x".repeat(5000));
const packed = (body: Buffer) => page(body, { "content-encoding": "gzip" });
const CHUNKED = "HTTP/1.1 200 OK\nContent-Type: text/html\nTransfer-Encoding: chunked\n\n";
const DEEP = { data: { nodes: [{ state: "ready" }, { state: "ready" }] } };

/** What goes wrong with a page. */
const BAD: readonly Page[] = [
  { name: "500", bad: status(500) },
  { name: "500 for 25 seconds", bad: status(500), lasts: 25 },
  { name: "503 with a page", bad: (response) => void response.writeHead(503).end(TITLE) },
  { name: "404", bad: status(404) },
  { name: "hangs", bad: () => {} },
  { name: "hangs after the headers", bad: (response) => response.writeHead(200).flushHeaders(), asked: "keyword" },
  { name: "resets", bad: ({ socket }) => void socket?.resetAndDestroy() },
  { name: "hangs up", bad: ({ socket }) => void socket?.end() },
  { name: "speaks another protocol", bad: raw("SSH-2.0-OpenSSH_10.0\n") },
  {
    name: "cut half-way",
    bad: (response) => {
      response.writeHead(200, { "content-length": 1000 }).write(TITLE);
      setTimeout(() => response.destroy(), 200);
    },
    asked: "keyword",
  },
  { name: "chunks, cut", bad: raw(`${CHUNKED}64\n${TITLE}\n`), asked: "keyword" },
  { name: "chunks without the last", bad: raw(`${CHUNKED}15\n${TITLE}\n`), asked: "keyword" },
  { name: "chunks of another length", bad: raw(`${CHUNKED}5\n${TITLE}\n0\n\n`), asked: "keyword" },
  {
    name: "a byte a second, without end",
    bad: (response) => {
      response.writeHead(200);
      dripping(1000, () => response.write("."))(response);
    },
    asked: "keyword",
  },
  {
    name: "headers without end",
    bad: (response) => {
      response.socket?.write("HTTP/1.1 200 OK\r\n");
      dripping(500, ({ socket }) => socket?.write("x: y\r\n"))(response);
    },
  },
  { name: "redirect loop", bad: redirect("/") },
  { name: "redirect to elsewhere", bad: redirect("http://localhost:1/parked"), asked: "no redirect" },
  { name: "slow where soon is asked for", bad: (response) => void setTimeout(GOOD, 9000, response), asked: "soon" },
  { name: "keyword missing", bad: page("<h1>It works!</h1>"), asked: "keyword" },
  { name: "keyword missing, empty page", bad: page(""), asked: "keyword" },
  { name: "an error on the page", bad: page(`${TITLE}<b>Fatal error</b>: Uncaught`), asked: "no error" },
  { name: "header missing", bad: GOOD, good: page(TITLE, { "x-served-by": "tilleuls" }), asked: "header" },
  { name: "JSON says DOWN", bad: json({ status: "DOWN" }), good: json({ status: "UP" }), asked: "json" },
  { name: "JSON is HTML", bad: page("<p>oops</p>"), good: json({ status: "UP" }), asked: "json" },
  {
    name: "JSON, deep within",
    bad: json({ data: { nodes: [{ state: "ready" }, { state: "lost" }] } }),
    good: json(DEEP),
    asked: "deep",
  },
  { name: "JSON, a node less", bad: json({ data: { nodes: [{ state: "ready" }] } }), good: json(DEEP), asked: "deep" },
  { name: "body that is no gzip", bad: packed(Buffer.from("plain")), good: packed(PACKED), asked: "keyword" },
  { name: "gzip, cut", bad: packed(PACKED.subarray(0, 45)), good: packed(PACKED), asked: "keyword" },
  { name: "IPv6 only, 500", bad: status(500), host: "::1" },
];

/** What works, however it looks. */
const FINE: readonly Page[] = [
  { name: "fine" },
  { name: "fine, two seconds late", good: (response) => void setTimeout(GOOD, 2000, response) },
  { name: "fine, twelve seconds late", good: (response) => void setTimeout(GOOD, 12_000, response) },
  { name: "fine, packed", good: packed(PACKED), asked: "keyword" },
  { name: "fine, a megabyte", good: page("x".repeat(1_000_000)) },
  { name: "fine, keyword after 300 kB", good: page("x".repeat(300_000) + TITLE), asked: "keyword" },
  {
    name: "fine, in small pieces",
    good: (response) => {
      response.writeHead(200);
      dripping(100, () => response.write("piece "))(response);
      setTimeout(() => response.end(TITLE), 2000);
    },
    asked: "keyword",
  },
  { name: "fine, no content", good: (response) => void response.writeHead(204).end() },
  {
    name: "fine, behind a redirect",
    good: (response) => (response.req.url === "/there" ? GOOD : redirect("/there"))(response),
  },
  {
    name: "fine, once its cookie comes back",
    good: (response) =>
      response.req.headers.cookie?.includes("seen=1")
        ? GOOD(response)
        : void response.writeHead(302, { location: "/", "set-cookie": "seen=1; Path=/" }).end(),
  },
  {
    name: "fine, behind an address with accents",
    good: (response) =>
      (response.req.url === "/%C3%A9cole" ? GOOD : raw("HTTP/1.1 302 Found\nLocation: /école\nContent-Length: 0\n\n"))(
        response,
      ),
  },
  { name: "fine, closes each time", good: page(TITLE, { connection: "close" }) },
  {
    name: "fine, resets what is kept open",
    good: (response) => {
      GOOD(response);
      setTimeout(({ socket }) => socket?.resetAndDestroy(), 500, response.req);
    },
  },
  {
    name: "fine, with early hints",
    good: (response) => {
      response.writeEarlyHints({ link: "</style.css>; rel=preload; as=style" });
      GOOD(response);
    },
    asked: "keyword",
  },
  { name: "fine, HTTP/1.0", good: raw(`HTTP/1.0 200 OK\nContent-Type: text/html\n\n${TITLE}`), asked: "keyword" },
  {
    name: "fine, chunks with extensions and trailers",
    good: raw(`${CHUNKED}15;a=b\n${TITLE}\n0\nX-Sum: 1\n\n`),
    asked: "keyword",
  },
  {
    name: "fine, in ISO 8859-1",
    good: page(Buffer.from("<h1>École des Tilleuls</h1>", "latin1"), {
      "content-type": "text/html; charset=iso-8859-1",
    }),
    asked: "accents",
  },
  {
    name: "fine, with more after its end",
    good: raw(`HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 21\n\n${TITLE}<p>more`),
    asked: "keyword",
  },
  { name: "fine, IPv6 only", host: "::1" },
];

export async function addPages(stage: Stage): Promise<void> {
  for (const { name, bad, good = GOOD, asked = "status", lasts, host = "127.0.0.1" } of [...BAD, ...FINE]) {
    const broken = bad === undefined ? [] : stage.outages(lasts);
    const server = createServer((_, response) => (bad && stage.isBroken(broken) ? bad : good)(response));
    const url = `http://${host.includes(":") ? `[${host}]` : host}:${await listen(server, host)}/`;
    stage.targets.push({ name, ...ASKED[asked](url), broken });
  }
  await addOnce(stage);
}

/** Fails once in each outage, for each program: who looks again finds it well. */
async function addOnce(stage: Stage): Promise<void> {
  const moments = stage.outages();
  const failed = new Set<string>();
  const server = createServer(({ headers }, response) => {
    const during = moments.findIndex(([from, to]) => stage.since() >= from && stage.since() < to);
    const who = `${headers["user-agent"]} ${headers["x-who"]} ${during}`;
    const fails = during >= 0 && !failed.has(who);
    failed.add(who);
    (fails ? status(500) : GOOD)(response);
  });
  const url = `http://127.0.0.1:${await listen(server)}/`;
  const asked = ASKED.status(url);
  // What is imported is told from the exporter's own by it.
  const gatus = { ...asked.gatus, headers: { "x-who": "Gatus" } };
  stage.targets.push({ name: "fine, but for one 500", ...asked, gatus, broken: [], forgives: true });
}
