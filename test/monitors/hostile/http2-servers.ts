import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { pour } from "./flow.ts";

const FRAME = {
  data: 0,
  headers: 1,
  rst: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goaway: 7,
  window: 8,
  continuation: 9,
} as const;
const [END_STREAM, END_HEADERS, ACK] = [1, 4, 1];

/** One frame of HTTP/2 (RFC 9113 section 4.1). */
export function frame(
  type: keyof typeof FRAME,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = FRAME[type];
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export const uint32 = (...values: number[]): Buffer => {
  const buffer = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) buffer.writeUInt32BE(value, index * 4);
  return buffer;
};
const setting = (id: number, value: number): Buffer => Buffer.concat([Buffer.from([0, id]), uint32(value)]);

/** `:status: 200`, by its place in HPACK's static table (RFC 7541, appendix A). */
const OK = Buffer.from([0x88]);
/** A field written out, not put into the table (RFC 7541 section 6.2.2); lengths below 127. */
const field = (name: string, value: string): Buffer =>
  Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name), Buffer.from([value.length]), Buffer.from(value)]);
/** A field of 4 000 bytes put into the table, then asked for by a byte each time: some megabytes in some kilobytes. */
const tableBomb = (): Buffer => {
  const length = Buffer.from([0x7f, ...variable(4000 - 127)]);
  return Buffer.concat([
    OK,
    Buffer.from([0x40, 1]),
    Buffer.from("x"),
    length,
    Buffer.alloc(4000, "a"),
    Buffer.alloc(12_000, 0xbe),
  ]);
};
function variable(rest: number): number[] {
  const bytes: number[] = [];
  let left = rest;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  return [...bytes, left];
}

const SETTINGS = frame("settings", 0, 0);
export const ANSWER = frame("headers", END_HEADERS, 1, OK);

/** Greets as a server must, and acts once the request has come. */
export const once =
  (act: (socket: Socket) => void) =>
  (socket: Socket): void => {
    socket.write(Buffer.concat([SETTINGS, frame("settings", ACK, 0)]));
    // The client's preface and its request come in one or two pieces; what comes later is not for us.
    socket.once("data", () => setTimeout(() => !socket.destroyed && act(socket), 20));
  };

/** What servers that nobody should trust do once HTTP/2 is agreed on, by what they are called. */
export const HOSTILE_HTTP2: Readonly<Record<string, (socket: Socket) => void>> = {
  "sends settings without end": (socket) =>
    pour(socket, Buffer.concat(Array(500).fill(frame("settings", 0, 0, setting(3, 100))))),
  "sends settings of the largest values": once((socket) => {
    const all = [1, 3, 4, 5, 6].map((id) => setting(id, 0xff_ff_ff_ff));
    socket.write(frame("settings", 0, 0, Buffer.concat(all)));
  }),
  "sends one frame of settings of many thousands": once(
    (socket) => void socket.write(frame("settings", 0, 0, Buffer.concat(Array(2700).fill(setting(0x99, 1))))),
  ),
  "pings without end": once((socket) =>
    pour(socket, Buffer.concat(Array(1000).fill(frame("ping", 0, 0, randomBytes(8))))),
  ),
  "opens windows without end": once((socket) =>
    pour(socket, Buffer.concat(Array(1000).fill(frame("window", 0, 0, uint32(1))))),
  ),
  "opens a window too far": once((socket) => void socket.write(frame("window", 0, 1, uint32(0x7f_ff_ff_ff)))),
  "sends empty data without end": once((socket) => {
    socket.write(ANSWER);
    pour(socket, Buffer.concat(Array(1000).fill(frame("data", 0, 1))));
  }),
  "sends padding without end": once((socket) => {
    socket.write(ANSWER);
    pour(
      socket,
      Buffer.concat(Array(50).fill(frame("data", 8, 1, Buffer.concat([Buffer.from([255]), Buffer.alloc(255)])))),
    );
  }),
  "sends data beyond the window": once((socket) => {
    socket.write(ANSWER);
    pour(socket, frame("data", 0, 1, Buffer.alloc(16_384, "a")));
  }),
  "continues its headers without end": once((socket) => {
    socket.write(frame("headers", 0, 1, OK));
    pour(socket, Buffer.concat(Array(50).fill(frame("continuation", 0, 1, field("x", "y".repeat(100))))));
  }),
  "continues its headers with nothing, without end": once((socket) => {
    socket.write(frame("headers", 0, 1, OK));
    pour(socket, Buffer.concat(Array(1000).fill(frame("continuation", 0, 1))));
  }),
  "sends headers that unpack to fifty megabytes": once(
    (socket) => void socket.write(frame("headers", END_HEADERS | END_STREAM, 1, tableBomb())),
  ),
  "says 103 without end": once((socket) =>
    pour(socket, Buffer.concat(Array(200).fill(frame("headers", END_HEADERS, 1, field(":status", "103"))))),
  ),
  "sends no status": once(
    (socket) => void socket.write(frame("headers", END_HEADERS | END_STREAM, 1, field("x", "y"))),
  ),
  "sends a status of letters": once(
    (socket) => void socket.write(frame("headers", END_HEADERS | END_STREAM, 1, field(":status", "2x0"))),
  ),
  "sends trailers that end nothing, without end": once((socket) => {
    socket.write(ANSWER);
    pour(socket, Buffer.concat(Array(200).fill(frame("headers", END_HEADERS, 1, field("x", "y")))));
  }),
  "resets the request": once((socket) => void socket.write(frame("rst", 0, 1, uint32(0)))),
  "refuses the request again and again": once((socket) =>
    pour(socket, Buffer.concat(Array(500).fill(frame("rst", 0, 1, uint32(7))))),
  ),
  "says goodbye without end": once((socket) =>
    pour(socket, Buffer.concat(Array(500).fill(frame("goaway", 0, 0, uint32(0, 0))))),
  ),
  "says goodbye with much to say": once(
    (socket) =>
      void socket.write(
        frame("goaway", 0, 0, Buffer.concat([uint32(1, 11), Buffer.alloc(16_000, "\u001b[31m<script>")])),
      ),
  ),
  "pushes what nobody asked for": once((socket) =>
    pour(
      socket,
      Buffer.concat(
        Array(200)
          .fill(0)
          .map((_, index) => frame("push", END_HEADERS, 1, Buffer.concat([uint32(2 + index * 2), OK]))),
      ),
    ),
  ),
  "sends a frame of sixteen megabytes": once((socket) => {
    socket.write(Buffer.from([0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1]));
    pour(socket, Buffer.alloc(65_536));
  }),
  "sends frames of no known kind without end": once((socket) =>
    pour(socket, Buffer.concat(Array(200).fill(Buffer.from([0, 0, 1, 0x7e, 0, 0, 0, 0, 0, 0])))),
  ),
  "answers on streams that nobody opened": once((socket) =>
    pour(socket, Buffer.concat([3, 5, 7, 2].map((stream) => frame("headers", END_HEADERS, stream, OK)))),
  ),
  "sends a bomb": once((socket) => {
    const bomb = gzipSync(Buffer.alloc(16 * 1024 * 1024));
    socket.write(frame("headers", END_HEADERS, 1, Buffer.concat([OK, field("content-encoding", "gzip")])));
    for (let at = 0; at < bomb.length; at += 16_000)
      socket.write(frame("data", at + 16_000 >= bomb.length ? END_STREAM : 0, 1, bomb.subarray(at, at + 16_000)));
  }),
  "says nothing after the handshake": () => {},
};
