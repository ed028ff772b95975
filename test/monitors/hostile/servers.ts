import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { ALL_HOSTILE } from "../../dashboards/hostile.ts";

/** Keeps writing as fast as it is read, without ever filling memory. */
function pour(socket: Socket, piece: Uint8Array | string): void {
  const more = () => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on("drain", more);
  more();
}

/** Writes now and then, for ever. */
function drip(socket: Socket, piece: Uint8Array | string, everyMs = 30): void {
  const timer = setInterval(() => socket.write(piece), everyMs);
  socket.on("close", () => clearInterval(timer));
}

const http = (head: string, body: string | Uint8Array = ""): Buffer =>
  Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`), Buffer.from(body as string)]);

/** A hundred megabytes in a hundred kilobytes, made once. */
let bomb: Buffer | undefined;
const gzipBomb = (): Buffer => {
  bomb ??= gzipSync(Buffer.alloc(100 * 1024 * 1024));
  return bomb;
};

/** What servers that nobody should trust do with a connection, by what they are called. */
export const HOSTILE_SERVERS: Readonly<Record<string, (socket: Socket) => void>> = {
  "says nothing": () => {},
  "hangs up at once": (socket) => void socket.end(),
  "resets at once": (socket) => void socket.resetAndDestroy(),
  "resets when spoken to": (socket) => void socket.once("data", () => socket.resetAndDestroy()),
  "sends a byte now and then": (socket) => drip(socket, "2"),
  "sends zeros without end": (socket) => pour(socket, Buffer.alloc(65_536)),
  "sends noise without end": (socket) => pour(socket, randomBytes(65_536)),
  "sends lines without end": (socket) => pour(socket, "220-still here\r\n".repeat(2000)),
  "sends one line without end": (socket) => pour(socket, "220 ".repeat(16_000)),
  "sends what injects": (socket) => void socket.end(`${ALL_HOSTILE}\r\n`),
  "sends what injects as a greeting": (socket) => drip(socket, `220 ${ALL_HOSTILE.replace(/[\r\n]/g, " ")}\r\n`),
  "greets in SMTP and sends junk": (socket) => {
    socket.write("220 mail\r\n");
    socket.on("data", () => socket.write("999 \u0000\u001b[2J\r\n"));
  },
  "greets in IMAP and sends junk": (socket) => {
    socket.write("* OK ready\r\n");
    socket.on("data", () => socket.write("* BYE \u001b]0;x\u0007\r\n"));
  },
  "greets in SSH and sends junk": (socket) => {
    socket.write("SSH-2.0-\u001b[31mx\r\n");
    socket.on("data", () => socket.write(randomBytes(512)));
  },
  "greets in MySQL and sends junk": (socket) => {
    socket.write(Buffer.from([74, 0, 0, 0, 10, ...Buffer.from("8.0\0"), ...randomBytes(66)]));
    socket.on("data", () => socket.write(randomBytes(100)));
  },
  "answers LDAP with a length of gigabytes": (socket) =>
    void socket.once("data", () => socket.write(Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 2, 1, 1]))),
  "answers PostgreSQL with a message of gigabytes": (socket) =>
    void socket.once("data", () => socket.write(Buffer.from([0x52, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0]))),
  "sends a body without end": (socket) => {
    socket.once("data", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      pour(socket, "x".repeat(65_536));
    });
  },
  "sends chunks without end": (socket) => {
    socket.once("data", () => {
      socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      pour(socket, `4000\r\n${"x".repeat(0x4000)}\r\n`);
    });
  },
  "sends headers without end": (socket) => {
    socket.once("data", () => {
      socket.write("HTTP/1.1 200 OK\r\n");
      pour(socket, `x: ${"y".repeat(8000)}\r\n`);
    });
  },
  "sends a gzip bomb": (socket) =>
    void socket.once("data", () => socket.end(http("Content-Encoding: gzip", gzipBomb()))),
  "redirects in circles": (socket) =>
    void socket.on("data", () => socket.write("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")),
  "redirects to where clouds keep credentials": (socket) =>
    void socket.once("data", () =>
      socket.end(
        "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/meta-data/\r\nContent-Length: 0\r\n\r\n",
      ),
    ),
  "redirects to a script": (socket) =>
    void socket.once("data", () =>
      socket.end("HTTP/1.1 302 Found\r\nLocation: javascript:alert(1)\r\nContent-Length: 0\r\n\r\n"),
    ),
  "sends what injects in its status, headers and body": (socket) =>
    void socket.once("data", () =>
      socket.end(http(`X-A: ${ALL_HOSTILE.replace(/[^\x20-\x7e]/g, "")}\r\nContent-Type: text/html`, ALL_HOSTILE)),
    ),
  "sends two lengths": (socket) =>
    void socket.once("data", () => socket.end(http("Content-Length: 1\r\nContent-Length: 2", "abc"))),
  "begins a TLS handshake that never ends": (socket) => {
    socket.write(Buffer.from([22, 3, 3, 0x40, 0]));
    drip(socket, Buffer.from([2]));
  },
  "answers TLS with an alert": (socket) =>
    void socket.once("data", () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 40]))),
};
