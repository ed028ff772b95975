import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface Question {
  id: number;
  name: string;
  type: number;
  /** The question section as it came, to be repeated in answers. */
  raw: Buffer;
  tcp: boolean;
  /** The bits of the header (RFC 1035 section 4.1.1). */
  flags: number;
}

const TYPES = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  TLSA: 52,
  CAA: 257,
} as const;

/** A record as it travels: type and data (RFC 1035 section 3.2), and whose it is where not the name's that was asked about. */
export type Record_ = readonly [type: keyof typeof TYPES, data: Buffer, owner?: string];

export const nameBytes = (name: string): Buffer =>
  Buffer.concat([
    ...name.split(".").map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);
export const text = (...pieces: string[]): Buffer =>
  Buffer.concat(pieces.map((piece) => Buffer.concat([Buffer.from([piece.length]), Buffer.from(piece)])));
export const u16 = (...numbers: number[]): Buffer => Buffer.concat(numbers.map((n) => Buffer.from([n >> 8, n & 255])));
export const u32 = (...numbers: number[]): Buffer =>
  Buffer.concat(
    numbers.map((n) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(n);
      return bytes;
    }),
  );

export interface ReplyOptions {
  /** Response code: 0 good, 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED. */
  code?: number;
  truncated?: boolean;
  /** The AD bit: the server has verified the answer. */
  authenticated?: boolean;
  records?: readonly Record_[];
}

/** A whole answer to a question. */
export function reply(
  { id, raw }: Question,
  { code = 0, truncated = false, authenticated = false, records = [] }: ReplyOptions,
): Buffer {
  const flags = 0x8180 | code | (truncated ? 0x0200 : 0) | (authenticated ? 0x20 : 0);
  const answers = records.map(([type, data, owner]) =>
    Buffer.concat([
      owner === undefined ? u16(0xc00c) : nameBytes(owner),
      u16(TYPES[type], 1),
      u32(60),
      u16(data.length),
      data,
    ]),
  );
  return Buffer.concat([u16(id, flags, 1, records.length, 0, 0), raw, ...answers]);
}

/** A name server on UDP and TCP, which answers what it is told to, or nothing. Gives its `address:port`. */
export async function nameServer(
  answer: (question: Question) => Buffer | undefined,
  onConnection?: (socket: Socket) => void,
): Promise<string> {
  const stream: Server = createServer((socket) => {
    socket.on("error", () => {});
    if (onConnection) return onConnection(socket);
    socket.on("data", (data) => {
      const found = answer(parse(data.subarray(2), true));
      if (found) socket.write(Buffer.concat([u16(found.length), found]));
    });
  });
  stream.listen(0, "127.0.0.1");
  await once(stream, "listening");
  const { port } = stream.address() as { port: number };
  const datagrams = createSocket("udp4");
  datagrams.on("message", (message: Buffer, from: RemoteInfo) => {
    const found = answer(parse(message, false));
    if (found) datagrams.send(found, from.port, from.address);
  });
  datagrams.bind(port, "127.0.0.1");
  await once(datagrams, "listening");
  onTestFinished(() => {
    datagrams.close();
    stream.close();
  });
  return `127.0.0.1:${port}`;
}

function parse(message: Buffer, tcp: boolean): Question {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at]!; length > 0; length = message[at]!) {
    labels.push(message.toString("ascii", at + 1, at + 1 + length));
    at += length + 1;
  }
  return {
    id: message.readUInt16BE(0),
    name: labels.join("."),
    type: message.readUInt16BE(at + 1),
    raw: message.subarray(12, at + 5),
    tcp,
    flags: message.readUInt16BE(2),
  };
}
