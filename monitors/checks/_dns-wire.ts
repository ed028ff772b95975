import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { getServers } from "node:dns";
import { connect, isIPv4, isIPv6 } from "node:net";
import {
  AUTHENTIC_DATA,
  CHECKING_DISABLED,
  type DecodedPacket,
  decode,
  encode,
  type Packet,
  RECURSION_DESIRED,
  streamEncode,
} from "dns-packet";
import type { Reason } from "../reasons.ts";
import { type RecordType, written } from "./_records.ts";

export interface Question {
  name: string;
  type: RecordType;
  /** `address` or `address:port`. */
  server: string;
  /** Ask for the state of DNSSEC too (DO and AD, RFC 4035 section 3.2, RFC 6840 section 5.7). */
  dnssec?: boolean;
  /** Ask for data that failed verification too (CD, RFC 4035 section 3.2.2). */
  checkingDisabled?: boolean;
  /** Milliseconds for all of it. */
  timeoutMs: number;
  signal: AbortSignal;
}

export interface Answered {
  /** `NOERROR`, `NXDOMAIN` … */
  rcode: string;
  /** The server says that it has verified the answer. */
  authenticated: boolean;
  /** Records of the type asked for, as zone files write them. */
  records: string[];
}

/** An answer that is none. */
export class MalformedAnswer extends Error {
  override name = "MalformedAnswer";
}

/** The machine's own name servers. */
export const ownServers = (): string[] => getServers();

/** How much a datagram may hold without being cut into pieces on the way (RFC 9715). */
const UDP_SIZE = 1232;
/** A query again, where nothing came back: datagrams get lost. */
const TRIES = 2;

/**
 * Asks one name server one question: UDP first, TCP where the answer is cut (RFC 7766). Datagrams that do not answer the question are passed
 * over until the time ends, for anybody can send them.
 *
 * @throws MalformedAnswer, the socket's errors, the signal's reason, or an error with the code `ETIMEOUT`
 */
export async function ask(question: Question): Promise<Answered> {
  const deadline = AbortSignal.any([question.signal, AbortSignal.timeout(question.timeoutMs)]);
  try {
    const first = await overUdp(question, deadline, true);
    // RFC 6891 section 7: servers that know no EDNS say so; most questions can do without.
    const found = first.rcode === "FORMERR" && !question.dnssec ? await overUdp(question, deadline, false) : first;
    const whole = found.flag_tc ? await overTcp(question, deadline).catch(whyNotWhole) : found;
    return read(question, whole);
  } catch (error) {
    question.signal.throwIfAborted();
    if (deadline.aborted) throw Object.assign(new Error("no answer"), { code: "ETIMEOUT" });
    throw error;
  }
}

type Decoded = DecodedPacket & { rcode: string };

const query = ({ name, type, dnssec, checkingDisabled }: Question, edns: boolean): Packet & { id: number } => ({
  type: "query",
  id: randomInt(0x10000),
  flags: RECURSION_DESIRED | (dnssec ? AUTHENTIC_DATA : 0) | (checkingDisabled ? CHECKING_DISABLED : 0),
  questions: [{ type, name }],
  additionals: edns
    ? [
        {
          type: "OPT",
          name: ".",
          udpPayloadSize: UDP_SIZE,
          flags: dnssec ? 0x8000 : 0,
          extendedRcode: 0,
          ednsVersion: 0,
          flag_do: dnssec ?? false,
          options: [],
        },
      ]
    : [],
});

/** No name has so many; the way to each record's name may lead through thousands of pointers, and all else waits while it is gone. */
const MOST_RECORDS = 500;

const recordsIn = (message: Buffer): number => [6, 8, 10].reduce((sum, at) => sum + message.readUInt16BE(at), 0);

/** Whether a message answers that question; undefined where it cannot even be read. */
function answering(message: Buffer, asked: Packet & { id: number }): Decoded | false | undefined {
  // The id comes first, so that strangers' datagrams need not be read any further.
  if (message.length < 12 || message.readUInt16BE(0) !== asked.id) return false;
  if (recordsIn(message) > MOST_RECORDS) return undefined;
  let found: Decoded;
  try {
    found = decode(message) as Decoded;
  } catch {
    return undefined;
  }
  if (found.type !== "response") return false;
  const [one] = found.questions ?? [];
  const [own] = asked.questions!;
  // Servers may leave the question out of a refusal; where it is there, it must be ours.
  if (one !== undefined && (one.type !== own!.type || !sameName(one.name, own!.name))) return false;
  return found;
}

/** Names compare without case nor final dot (RFC 4343). */
const plainName = (name: string): string => name.replace(/\.$/, "").toLowerCase();
export const sameName = (one: string, other: string): boolean => plainName(one) === plainName(other);

function overUdp(question: Question, deadline: AbortSignal, edns: boolean): Promise<Decoded> {
  const { address, port } = split(question.server);
  const asked = query(question, edns);
  const packet = encode(asked);
  deadline.throwIfAborted();
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
    const again = setInterval(() => left-- > 0 && send(), Math.max(100, question.timeoutMs / (TRIES + 1.5)));
    let left = TRIES - 1;
    let over = false;
    const done = () => {
      over = true;
      clearInterval(again);
      deadline.removeEventListener("abort", onAbort);
      socket.close();
    };
    const fail = (error: unknown) => {
      // What is closed cannot be closed again, and what it throws then nobody would catch.
      if (over) return;
      done();
      reject(error);
    };
    const onAbort = () => fail(deadline.reason);
    const send = () => over || socket.send(packet, (error) => error && fail(error));
    deadline.addEventListener("abort", onAbort, { once: true });
    socket.once("error", fail);
    socket.on("message", (message) => {
      if (over) return;
      const found = answering(message, asked);
      if (found === false) return;
      if (found === undefined) return fail(new MalformedAnswer("the answer is malformed"));
      done();
      resolve(found);
    });
    // Connected, so that only that server's datagrams arrive, and a closed port is told.
    socket.connect(port, address, send);
  });
}

async function overTcp(question: Question, deadline: AbortSignal): Promise<Decoded> {
  const { address, port } = split(question.server);
  const asked = query(question, true);
  deadline.throwIfAborted();
  const socket = connect({ host: address, port });
  const onAbort = () => socket.destroy(deadline.reason as Error);
  deadline.addEventListener("abort", onAbort, { once: true });
  try {
    socket.write(streamEncode(asked));
    let seen = Buffer.alloc(0);
    for await (const piece of socket as AsyncIterable<Buffer>) {
      seen = Buffer.concat([seen, piece]);
      if (seen.length < 2 || seen.length < seen.readUInt16BE(0) + 2) continue;
      const found = answering(seen.subarray(2, seen.readUInt16BE(0) + 2), asked);
      if (found) return found;
      throw new MalformedAnswer("the answer is malformed");
    }
    throw new MalformedAnswer("the server hung up before the answer was complete");
  } finally {
    deadline.removeEventListener("abort", onAbort);
    socket.destroy();
  }
}

/** The server's datagram was there: that it cannot be had whole is another thing than a server that is not there. */
function whyNotWhole(error: unknown): never {
  if (!(error instanceof MalformedAnswer) && (error as NodeJS.ErrnoException).syscall === "connect")
    throw new MalformedAnswer("the answer is cut, and the server does not answer over TCP (RFC 7766)");
  throw error;
}

function read({ name, type }: Question, { rcode, answers = [], flag_ad }: Decoded): Answered {
  const names = namesOf(name, answers);
  const records = answers
    .filter((answer) => answer.type === type && names.has(plainName(answer.name)))
    .map((answer) => written(type, (answer as { data: unknown }).data));
  // The library makes something even of an address without its bytes.
  if (records.some((record) => WRONG[type]?.(record))) throw new MalformedAnswer("the answer is malformed");
  return { rcode, authenticated: flag_ad, records };
}

const WRONG: { [Type in RecordType]?: (record: string) => boolean } = {
  A: (record) => !isIPv4(record),
  AAAA: (record) => !isIPv6(record),
};

/**
 * The name asked about, and those that its aliases lead to (RFC 1034 section 3.6.2): records of other names are no answer, whoever sends
 * them along.
 */
function namesOf(name: string, answers: Decoded["answers"] = []): ReadonlySet<string> {
  const aliases = new Map(
    answers.flatMap((answer) => (answer.type === "CNAME" ? [[plainName(answer.name), plainName(answer.data)]] : [])),
  );
  const names = new Set<string>();
  for (let next: string | undefined = plainName(name); next !== undefined; next = aliases.get(next)) {
    if (names.has(next)) throw new MalformedAnswer("the name's aliases (CNAME) go in a circle");
    names.add(next);
  }
  return names;
}

function split(server: string): { address: string; port: number } {
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(server) ?? [];
  return port === undefined ? { address: server, port: 53 } : { address: bracketed ?? plain!, port: Number(port) };
}

/** What is thrown while asking, as a reason and in words; undefined for what is not the server's doing. */
export function failureOf(error: unknown): readonly [Reason, string] | undefined {
  const { code = "" } = error as NodeJS.ErrnoException;
  if (error instanceof MalformedAnswer) return ["malformed", error.message];
  if (code === "ETIMEOUT") return ["timeout", "no answer"];
  if (code === "ECONNREFUSED") return ["refused", "nothing listens there"];
  return undefined;
}
