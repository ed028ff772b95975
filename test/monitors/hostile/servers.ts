import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { ALL_HOSTILE } from "../../dashboards/hostile.ts";
import { drip, pour } from "./flow.ts";

const http = (head: string, body: string | Uint8Array = ""): Buffer =>
  Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`), Buffer.from(body as string)]);

/** A hundred megabytes in a hundred kilobytes, made once. */
let bomb: Buffer | undefined;
const gzipBomb = (): Buffer => {
  bomb ??= gzipSync(Buffer.alloc(100 * 1024 * 1024));
  return bomb;
};

const BOMBS = {
  br: () => brotliCompressSync(Buffer.alloc(64 * 1024 * 1024)),
  zstd: () => zstdCompressSync(Buffer.alloc(64 * 1024 * 1024)),
};
const bombs = new Map<string, Buffer>();
function made(kind: keyof typeof BOMBS): Buffer {
  const known = bombs.get(kind) ?? BOMBS[kind]();
  bombs.set(kind, known);
  return known;
}

/** A message of PostgreSQL that asks for a proof (its manual, "Message Formats"). */
function message(kind: number, body: Uint8Array): Buffer {
  const head = Buffer.from([0x52, 0, 0, 0, 0, 0, 0, 0, kind]);
  head.writeUInt32BE(body.length + 8, 1);
  return Buffer.concat([head, body]);
}

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
  ...Object.fromEntries(
    [
      "file:///etc/passwd",
      "data:text/plain,fine",
      "ftp://127.0.0.1/",
      "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
      "gopher://127.0.0.1:6379/_FLUSHALL",
      "http://[::ffff:169.254.169.254]/",
      "http://[::ffff:a9fe:a9fe]/",
      "http://[64:ff9b::a9fe:a9fe]/",
      "http://[2002:a9fe:a9fe::1]/",
      "http://[fd00:ec2::254]/",
      "http://2852039166/latest/",
      "http://0xa9.0xfe.0xa9.0xfe/",
      "http://0251.0376.0251.0376/",
      "http://169.254.169.254.:80/",
      "//169.254.169.254/",
      "http:\\\\169.254.169.254\\",
      "http://lookout@169.254.169.254/",
      "http://127.0.0.1:99999/",
      "http://",
      "",
      `/${"a".repeat(60_000)}`,
    ].map((to) => [
      `redirects to ${JSON.stringify(to.slice(0, 50))}`,
      (socket: Socket) =>
        void socket.once("data", () =>
          socket.end(`HTTP/1.1 302 Found\r\nLocation: ${to}\r\nContent-Length: 0\r\n\r\n`),
        ),
    ]),
  ),
  "says 100 without end": (socket) =>
    void socket.once("data", () => pour(socket, "HTTP/1.1 100 Continue\r\n\r\n".repeat(500))),
  "says 100 a hundred thousand times before it answers": (socket) =>
    void socket.once("data", () => {
      socket.write("HTTP/1.1 100 Continue\r\n\r\n".repeat(100_000));
      socket.end(http("Content-Length: 4", "fail"));
    }),
  "answers as gRPC does, by trailers alone": (socket) =>
    void socket.once("data", () =>
      socket.end(
        http(
          "Content-Type: application/grpc\r\nTrailer: grpc-status, grpc-message\r\nTransfer-Encoding: chunked",
          "0\r\ngrpc-status: 14\r\ngrpc-message: %3Cscript%3E\r\n\r\n",
        ),
      ),
    ),
  "upgrades to WebSocket unasked": (socket) =>
    void socket.once("data", () => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
      // A frame that announces all of its 64 bits of length, and goes on (RFC 6455 section 5.2).
      socket.write(Buffer.from([0x82, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255]));
      pour(socket, Buffer.alloc(65_536));
    }),
  "answers SMB's negotiation with a length of gigabytes": (socket) =>
    void socket.once("data", () => {
      socket.write(Buffer.concat([Buffer.from([0, 255, 255, 255, 0xfe]), Buffer.from("SMB")]));
      pour(socket, Buffer.alloc(65_536));
    }),
  "answers SMB's negotiation with junk in its own shape": (socket) =>
    void socket.on("data", () => {
      const header = Buffer.alloc(64 + 65);
      header.write("\u00feSMB", "latin1");
      header.writeUInt16LE(64, 4);
      header.fill(0xff, 64);
      socket.write(Buffer.concat([Buffer.from([0, 0, 0, header.length]), header]));
    }),
  "says 103 without end, with headers": (socket) =>
    void socket.once("data", () => pour(socket, `HTTP/1.1 103 Early Hints\r\nLink: <${"x".repeat(500)}>\r\n\r\n`)),
  "switches to another protocol": (socket) =>
    void socket.once("data", () => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n");
      pour(socket, randomBytes(4096));
    }),
  ...Object.fromEntries(
    Object.entries({
      "a negative length": "Content-Length: -1",
      "a length beyond all numbers": "Content-Length: 99999999999999999999999",
      "a length with a sign": "Content-Length: +3",
      "a length twice in one": "Content-Length: 3, 4",
      "a length and chunks": "Content-Length: 3\r\nTransfer-Encoding: chunked",
      "a coding that nobody knows": "Transfer-Encoding: chunked, cow",
      "a header without a name": ": x",
      "a header with a NUL": "X: a\u0000b\r\nContent-Length: 3",
      "a header that is folded": "X: a\r\n b\r\nContent-Length: 3",
      "a bare line feed": "X: a\nContent-Length: 3",
      "a body that is packed twice": "Content-Encoding: gzip, gzip\r\nContent-Length: 3",
    }).map(([name, head]) => [
      `sends ${name}`,
      (socket: Socket) => void socket.once("data", () => socket.write(http(head, "3\r\nabc"))),
    ]),
  ),
  "sends a chunk larger than all memory": (socket) =>
    void socket.once("data", () => {
      socket.write(http("Transfer-Encoding: chunked", "FFFFFFFFFFFFFFFF\r\n"));
      pour(socket, "x".repeat(65_536));
    }),
  "sends one chunk's extension without end": (socket) =>
    void socket.once("data", () => {
      socket.write(http("Transfer-Encoding: chunked", "3"));
      pour(socket, ";a=b".repeat(4000));
    }),
  "sends trailers without end": (socket) =>
    void socket.once("data", () => {
      socket.write(http("Transfer-Encoding: chunked", "3\r\nabc\r\n0\r\n"));
      pour(socket, `x: ${"y".repeat(500)}\r\n`.repeat(50));
    }),
  "sends a version that there is not": (socket) =>
    void socket.once("data", () => socket.end("HTTP/9.9 200 OK\r\n\r\nx")),
  "sends a status beyond all classes": (socket) =>
    void socket.once("data", () => socket.end("HTTP/1.1 99999 What\r\nContent-Length: 0\r\n\r\n")),
  "sends a reason without end": (socket) =>
    void socket.once("data", () => {
      socket.write("HTTP/1.1 200 ");
      pour(socket, "O".repeat(65_536));
    }),
  "sends a bomb of Brotli": (socket) =>
    void socket.once("data", () => socket.end(http("Content-Encoding: br", made("br")))),
  "sends a bomb of Zstandard": (socket) =>
    void socket.once("data", () => socket.end(http("Content-Encoding: zstd", made("zstd")))),
  "offers extensions in SMTP without end": (socket) => {
    socket.write("220 mail\r\n");
    socket.once("data", () => pour(socket, "250-X-MORE\r\n".repeat(500)));
  },
  "speaks on in clear after STARTTLS in SMTP": (socket) => {
    socket.write("220 mail\r\n");
    socket.on("data", (said) =>
      socket.write(/^EHLO/i.test(String(said)) ? "250-mail\r\n250 STARTTLS\r\n" : "220 go\r\n250 injected\r\n"),
    );
  },
  "announces four gigabytes in IMAP": (socket) => {
    socket.write("* OK [CAPABILITY IMAP4rev1] ready\r\n");
    socket.once("data", () => {
      socket.write("* 1 FETCH (BODY[] {4294967295}\r\n");
      pour(socket, Buffer.alloc(65_536, "a"));
    });
  },
  "offers capabilities in IMAP without end": (socket) => {
    socket.write("* OK ready\r\n");
    socket.once("data", () => pour(socket, `* CAPABILITY ${"X".repeat(900)}\r\n`));
  },
  "greets in SSH with a megabyte": (socket) => {
    socket.write(`SSH-2.0-${"x".repeat(1024 * 1024)}\r\n`);
  },
  "greets in SSH with lines without end before it": (socket) => pour(socket, "welcome\r\n".repeat(500)),
  "announces a packet of gigabytes in SSH": (socket) => {
    socket.write("SSH-2.0-x\r\n");
    socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 4, 20]));
    pour(socket, randomBytes(4096));
  },
  "nests LDAP without end": (socket) =>
    void socket.once("data", () => pour(socket, Buffer.alloc(4096, Buffer.from([0x30, 0x80])))),
  "says yes to TLS in PostgreSQL, and goes on in clear": (socket) =>
    void socket.once("data", () => socket.write(Buffer.concat([Buffer.from("S"), randomBytes(200)]))),
  "sends an error in PostgreSQL that has no end": (socket) =>
    void socket.once("data", () =>
      socket.write(Buffer.concat([Buffer.from("E"), Buffer.from([0, 0, 0, 104]), Buffer.alloc(100, 65)])),
    ),
  "tells parameters in PostgreSQL without end": (socket) =>
    void socket.once("data", () => {
      const text = Buffer.from("a\0b\0");
      pour(
        socket,
        Buffer.concat(Array(500).fill(Buffer.concat([Buffer.from([0x53, 0, 0, 0, text.length + 4]), text]))),
      );
    }),
  "asks PostgreSQL's client for a million rounds": (socket) => {
    socket.once("data", () => {
      // SASL, SCRAM-SHA-256 (RFC 5802): the count of rounds is the server's to choose.
      const list = Buffer.from("SCRAM-SHA-256\0\0");
      socket.write(message(10, list));
      socket.once("data", (first) => {
        const nonce = /r=([^,\0]+)/.exec(first.toString("latin1"))?.[1] ?? "";
        socket.write(message(11, Buffer.from(`r=${nonce}x,s=${btoa("salt")},i=2000000000`)));
      });
    });
  },
  "greets in MySQL with a packet of sixteen megabytes": (socket) => {
    socket.write(Buffer.from([0xff, 0xff, 0xff, 0, 10]));
    pour(socket, Buffer.alloc(65_536));
  },
  "asks MySQL's client for a file": (socket) => {
    const greeting = Buffer.concat([
      Buffer.from("\x0a8.0.0\0", "latin1"),
      Buffer.from([1, 0, 0, 0]),
      Buffer.from("12345678\0"),
      Buffer.from([0xff, 0xf7, 33, 2, 0, 0xff, 0x81, 21]),
      Buffer.alloc(10),
      Buffer.from("123456789012\0mysql_native_password\0"),
    ]);
    socket.write(Buffer.concat([Buffer.from([greeting.length, 0, 0, 0]), greeting]));
    socket.once("data", () => {
      socket.write(Buffer.from([7, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0]));
      const file = Buffer.from("\xfb/etc/passwd", "latin1");
      socket.on("data", () => socket.write(Buffer.concat([Buffer.from([file.length, 0, 0, 1]), file])));
    });
  },
  "begins a TLS handshake that never ends": (socket) => {
    socket.write(Buffer.from([22, 3, 3, 0x40, 0]));
    drip(socket, Buffer.from([2]));
  },
  "answers TLS with an alert": (socket) =>
    void socket.once("data", () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 40]))),
};
