import { createSocket } from "node:dgram";
import { createServer, type ServerResponse } from "node:http";
import { createServer as createHttps } from "node:https";
import { createServer as createTcp, type Server, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { decode, encode } from "dns-packet";
import { Authority } from "../monitors/helpers/certificates.ts";

/** Something to watch: how each program is told to, and whether it works at a moment. */
export interface Target {
  readonly name: string;
  readonly kind: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** A row of Uptime Kuma's table `monitor`. */
  readonly kuma: Readonly<Record<string, string | number>>;
  /** When it is broken, in seconds since the start; nothing where it never is. */
  readonly broken: readonly (readonly [from: number, to: number])[];
}

/** Where the moment is kept that outages are counted from. */
export interface Clock {
  startedAt: number;
}

type Answer = (response: ServerResponse) => void;
const page =
  (body: string, type = "text/html"): Answer =>
  (response) =>
    void response.writeHead(200, { "content-type": type }).end(body);
const status =
  (code: number): Answer =>
  (response) =>
    void response.writeHead(code).end("sorry");
const GOOD = page("<h1>Les Tilleuls</h1>");

/** What goes wrong with a page: how it answers then, and what else it is asked for. */
const PAGES: readonly (readonly [name: string, bad: Answer, good?: Answer, asked?: "keyword" | "json"])[] = [
  ["500", status(500)],
  [
    "503 with a page",
    (response) => void response.writeHead(503, { "content-type": "text/html" }).end("<h1>Les Tilleuls</h1>"),
  ],
  ["404", status(404)],
  ["hangs", () => {}],
  ["resets", ({ socket }) => void socket?.resetAndDestroy()],
  ["hangs up", ({ socket }) => void socket?.end()],
  [
    "cut half-way",
    (response) => {
      response.writeHead(200, { "content-length": 1000 }).write("<h1>Les");
      setTimeout(() => response.destroy(), 200);
    },
  ],
  [
    "a byte a second, without end",
    (response) => {
      const timer = setInterval(() => response.write("."), 1000);
      response.writeHead(200).on("close", () => clearInterval(timer));
    },
  ],
  ["redirect loop", (response) => void response.writeHead(302, { location: "/" }).end()],
  ["keyword missing", page("<h1>It works!</h1>"), GOOD, "keyword"],
  ["keyword missing, empty page", page(""), GOOD, "keyword"],
  [
    "JSON says DOWN",
    page('{"status":"DOWN"}', "application/json"),
    page('{"status":"UP"}', "application/json"),
    "json",
  ],
  ["JSON is HTML", page("<p>oops</p>"), page('{"status":"UP"}', "application/json"), "json"],
  [
    "body that is no gzip",
    (response) => void response.writeHead(200, { "content-encoding": "gzip" }).end("plain"),
    (response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("<h1>Les Tilleuls</h1>")),
    "keyword",
  ],
];
/** What works, however it looks. */
const FINE: readonly (readonly [name: string, Answer])[] = [
  ["fine", GOOD],
  ["fine, two seconds late", (response) => void setTimeout(() => GOOD(response), 2000)],
  [
    "fine, packed",
    (response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("x".repeat(10_000))),
  ],
  ["fine, a megabyte", page("x".repeat(1_000_000))],
  [
    "fine, in small pieces",
    (response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write("piece "), 100);
      setTimeout(() => {
        clearInterval(timer);
        response.end();
      }, 2000);
    },
  ],
  ["fine, no content", (response) => void response.writeHead(204).end()],
  [
    "fine, behind a redirect",
    (response) =>
      response.req.url === "/there" ? GOOD(response) : void response.writeHead(302, { location: "/there" }).end(),
  ],
  ["fine, closes each time", (response) => void response.writeHead(200, { connection: "close" }).end("ok")],
];

/** All targets, each on servers of its own; `ca` is the authority that the good certificates come from. */
export async function startTargets(clock: Clock): Promise<{ targets: Target[]; ca: string }> {
  const authority = new Authority("Bench authority");
  const targets: Target[] = [];
  const outages = (): Target["broken"] => {
    const shift = (targets.length * 7) % 45;
    return [
      [60 + shift, 150 + shift],
      [330 + shift, 420 + shift],
    ];
  };
  const isBroken = (broken: Target["broken"]) => {
    const at = (Date.now() - clock.startedAt) / 1000;
    return broken.some(([from, to]) => at >= from && at < to);
  };
  const http = (url: string, expect: object = {}, more: object = {}) => ({
    url,
    expect: { status: ["2xx"], ...expect },
    ...more,
  });

  for (const [name, bad, good = GOOD, asked] of [
    ...PAGES,
    ...FINE.map(([name, answer]) => [name, answer, answer] as const),
  ]) {
    const broken = bad === good ? [] : outages();
    const port = await listen(createServer((_, response) => (isBroken(broken) ? bad : good)(response)));
    const url = `http://127.0.0.1:${port}/`;
    const [params, kuma] =
      asked === "keyword"
        ? [http(url, { body: "Tilleuls" }), { type: "keyword", keyword: "Tilleuls" }]
        : asked === "json"
          ? [
              http(url, {}, { conditions: ["[BODY].status == UP"] }),
              { type: "json-query", json_path: "status", expected_value: "UP" },
            ]
          : [http(url), { type: "http" }];
    targets.push({ name, kind: "http", params, kuma: { ...kuma, url }, broken });
  }

  const fine = authority.issue(["localhost"]);
  for (const [name, bad] of [
    ["certificate expired", authority.issue(["localhost"], { from: -30, to: -1 })],
    ["certificate of another name", authority.issue(["other.example"])],
    ["certificate of a stranger", new Authority("Somebody else").issue(["localhost"])],
    ["certificate fine", undefined],
  ] as const) {
    const broken = bad === undefined ? [] : outages();
    const server = createHttps(fine, (_, response) => GOOD(response));
    const port = await listen(server);
    if (bad !== undefined) {
      let now = false;
      setInterval(() => {
        if (isBroken(broken) === now) return;
        now = !now;
        server.setSecureContext(now ? bad : fine);
      }, 100);
    }
    const url = `https://localhost:${port}/`;
    targets.push({ name, kind: "http", params: http(url), kuma: { type: "http", url }, broken });
  }

  const greets: (socket: Socket) => void = (socket) => void socket.write("220 ready\r\n");
  for (const [name, bad] of [
    ["port resets", (socket: Socket) => void socket.resetAndDestroy()],
    ["port says nothing", () => {}],
    ["port says something else", (socket: Socket) => void socket.write("554 no\r\n")],
    ["port fine", undefined],
  ] as const) {
    const broken = bad === undefined ? [] : outages();
    const port = await listen(
      createTcp((socket) => {
        socket.on("error", () => {});
        (bad !== undefined && isBroken(broken) ? bad : greets)(socket);
      }),
    );
    targets.push({
      name,
      kind: "tcp",
      broken,
      params: { address: `127.0.0.1:${port}`, expect: "220" },
      kuma: { type: "port", hostname: "127.0.0.1", port },
    });
  }

  for (const name of ["DNS: no such name", "DNS: another address", "DNS says nothing", "DNS fine"]) {
    const broken = name === "DNS fine" ? [] : outages();
    const port = await nameServer(() => (isBroken(broken) ? name : "DNS fine"));
    targets.push({
      name,
      kind: "dns",
      broken,
      params: { name: "tilleuls.example", resolvers: [`127.0.0.1:${port}`], expect: { includes: ["192.0.2.1"] } },
      kuma: { type: "dns", hostname: "tilleuls.example", dns_resolve_server: "127.0.0.1", port, dns_resolve_type: "A" },
    });
  }
  return { targets, ca: authority.pem };
}

async function listen(
  server: Server | ReturnType<typeof createServer> | ReturnType<typeof createHttps>,
): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return (server.address() as { port: number }).port;
}

async function nameServer(mode: () => string): Promise<number> {
  const socket = createSocket("udp4");
  socket.on("message", (message, from) => {
    const { id, questions } = decode(message);
    const now = mode();
    if (now === "DNS says nothing") return;
    const answers =
      now === "DNS: no such name"
        ? []
        : [
            {
              type: "A" as const,
              name: "tilleuls.example",
              ttl: 1,
              data: now === "DNS fine" ? "192.0.2.1" : "203.0.113.66",
            },
          ];
    const flags = 0x180 | (answers.length === 0 ? 3 : 0);
    socket.send(encode({ type: "response", id: id!, flags, questions: questions!, answers }), from.port, from.address);
  });
  await new Promise<void>((resolve) => void socket.bind(0, "127.0.0.1", resolve));
  return socket.address().port;
}
