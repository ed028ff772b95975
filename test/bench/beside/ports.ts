import { createSecureServer } from "node:http2";
import { createServer as createHttps } from "node:https";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTls, type SecureContextOptions, TLSSocket } from "node:tls";
import { Authority } from "../../monitors/helpers/certificates.ts";
import { ASKED } from "./asked.ts";
import { listen, type Stage } from "./target.ts";

interface Certificates {
  readonly fine: SecureContextOptions;
  readonly expired: SecureContextOptions;
  readonly another: SecureContextOptions;
  readonly stranger: SecureContextOptions;
  /** Good for six hours more. */
  readonly ending: SecureContextOptions;
}

const HOURS = 1 / 24;

/** Adds what speaks TLS or nothing in particular; gives the authority that the good certificates come from. */
export async function addPorts(stage: Stage): Promise<string> {
  const authority = new Authority("Bench authority");
  const certificates: Certificates = {
    fine: authority.issue(["localhost"]),
    expired: authority.issue(["localhost"], { from: -30, to: -1 }),
    another: authority.issue(["other.example"]),
    stranger: new Authority("Somebody else").issue(["localhost"]),
    ending: authority.issue(["localhost"], { from: -30, to: 6 * HOURS }),
  };
  await addSecurePages(stage, certificates);
  await addHttp2(stage, certificates);
  await addTls(stage, certificates);
  await addMail(stage, certificates);
  await addTcp(stage);
  return authority.pem;
}

/** Has a server present other certificates while it is broken. */
function presenting(
  stage: Stage,
  server: ReturnType<typeof createTls>,
  bad: SecureContextOptions,
  good: SecureContextOptions,
) {
  const broken = stage.outages();
  let now = false;
  setInterval(() => {
    if (stage.isBroken(broken) === now) return;
    now = !now;
    server.setSecureContext(now ? bad : good);
  }, 100);
  return broken;
}

async function addSecurePages(stage: Stage, all: Certificates): Promise<void> {
  for (const [name, bad, asked] of [
    ["certificate expired", all.expired, "status"],
    ["certificate of another name", all.another, "status"],
    ["certificate of a stranger", all.stranger, "status"],
    ["certificate ends in six hours", all.ending, "three days"],
    [
      "TLS 1.1 only",
      { ...all.fine, minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" },
      "status",
    ],
    ["fine, certificate", undefined, "status"],
  ] as const) {
    const server = createHttps(all.fine, (_, response) => void response.end("ok"));
    const broken = bad === undefined ? [] : presenting(stage, server, bad, all.fine);
    const url = `https://localhost:${await listen(server)}/`;
    stage.targets.push({ name, ...ASKED[asked](url), broken });
  }
}

async function addHttp2(stage: Stage, { fine }: Certificates): Promise<void> {
  const broken = stage.outages();
  const server = createSecureServer({ ...fine, allowHTTP1: false }, (_, response) => {
    response.writeHead(stage.isBroken(broken) ? 500 : 200).end("ok");
  });
  const url = `https://localhost:${await listen(server)}/`;
  stage.targets.push({ name: "HTTP/2 only, 500", ...ASKED.http2(url), broken });
}

async function addTls(stage: Stage, all: Certificates): Promise<void> {
  for (const [name, bad] of [
    ["TLS: certificate expired", all.expired],
    ["TLS: certificate ends in six hours", all.ending],
    ["TLS: fine", undefined],
  ] as const) {
    const server = createTls(all.fine, (socket) => void socket.on("error", () => {}).end("hello"));
    const broken = bad === undefined ? [] : presenting(stage, server, bad, all.fine);
    const port = await listen(server);
    stage.targets.push({
      name,
      kind: "tls",
      params: { address: `localhost:${port}` },
      kuma: { type: "port", hostname: "localhost", port },
      gatus: {
        url: `tls://localhost:${port}`,
        conditions: ["[CONNECTED] == true", "[CERTIFICATE_EXPIRATION] > 336h"],
      },
      broken,
    });
  }
}

/** What a mail server does wrong. */
type Wrong = "no STARTTLS" | "hangs after EHLO" | "turns away" | "certificate expired";

async function addMail(stage: Stage, all: Certificates): Promise<void> {
  for (const wrong of ["no STARTTLS", "hangs after EHLO", "turns away", "certificate expired", undefined] as const) {
    const broken = wrong === undefined ? [] : stage.outages();
    const port = await listen(mailServer(() => (stage.isBroken(broken) ? wrong : undefined), all));
    stage.targets.push({
      name: `mail: ${wrong ?? "fine"}`,
      kind: "tls",
      params: { address: `localhost:${port}`, starttls: "smtp" },
      kuma: { type: "port", hostname: "localhost", port },
      gatus: {
        url: `starttls://localhost:${port}`,
        conditions: ["[CONNECTED] == true", "[CERTIFICATE_EXPIRATION] > 336h"],
      },
      broken,
    });
  }
}

/** As much of SMTP as goes before TLS (RFC 5321, RFC 3207), and that much after it. */
function mailServer(wrongNow: () => Wrong | undefined, { fine, expired }: Certificates): Server {
  return createServer((plain) => {
    const wrong = wrongNow();
    const talk = (socket: Socket, secured: boolean) => {
      socket.on("error", () => {});
      socket.on("data", (data) => {
        const word = String(data).trim().split(" ")[0]!.toUpperCase();
        if (word === "EHLO" && wrong === "hangs after EHLO") return;
        if (word === "EHLO")
          socket.write(
            wrong === "no STARTTLS" || secured ? "250 mail.example\r\n" : "250-mail.example\r\n250 STARTTLS\r\n",
          );
        else if (word === "STARTTLS" && wrong !== "no STARTTLS" && !secured) {
          socket.removeAllListeners("data");
          socket.write("220 ready\r\n");
          talk(new TLSSocket(socket, { isServer: true, ...(wrong === "certificate expired" ? expired : fine) }), true);
        } else if (word === "QUIT") socket.end("221 bye\r\n");
        else socket.write("502 no\r\n");
      });
    };
    if (wrong === "turns away") return void plain.on("error", () => {}).end("421 too busy\r\n");
    talk(plain, false);
    plain.write("220 mail.example ESMTP\r\n");
  });
}

async function addTcp(stage: Stage): Promise<void> {
  const greets = (socket: Socket) => void socket.write("220 ready\r\n");
  for (const [name, bad, good = greets] of [
    ["port resets", (socket: Socket) => void socket.resetAndDestroy()],
    ["port says nothing", () => {}],
    ["port says something else", (socket: Socket) => void socket.write("554 no\r\n")],
    ["fine, port", undefined],
    ["fine, port that ends no line", undefined, (socket: Socket) => void socket.write("220 ready")],
  ] as const) {
    const broken = bad === undefined ? [] : stage.outages();
    const server = createServer((socket) => {
      socket.on("error", () => {}).resume();
      (bad !== undefined && stage.isBroken(broken) ? bad : good)(socket);
    });
    const port = await listen(server);
    stage.targets.push({
      name,
      kind: "tcp",
      broken,
      params: { address: `127.0.0.1:${port}`, expect: "220" },
      kuma: { type: "port", hostname: "127.0.0.1", port },
      // It listens only where it has something to say.
      gatus: {
        url: `tcp://127.0.0.1:${port}`,
        body: "NOOP\r\n",
        conditions: ["[CONNECTED] == true", "[BODY] == pat(220*)"],
      },
    });
  }
}
