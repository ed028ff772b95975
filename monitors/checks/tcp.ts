import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { defineCheck, failed, good, type RunContext } from "../check.ts";
import { conditionsOf, type Facts } from "../conditions/compile.ts";
import { conditions } from "../conditions/schema.ts";
import { formatAddress, ipVersion, parseAddress } from "../net/address.ts";
import { reasonOfError } from "../net/failure.ts";
import type { Reason } from "../reasons.ts";
import { matches, textCondition, wanted } from "./_text.ts";

/** Who has begun to speak and then says nothing for as long has said it, in milliseconds. */
const QUIET_MS = 1000;
const NOTHING_MORE = { done: true, value: undefined } as const;
/** What is read at most while waiting for the expected reply, in bytes. */
const MOST_READ = 64 * 1024;

const params = z.strictObject({
  /** Where to connect: `host:port`, or the name of one of the service's own ports. */
  address: z.string().min(1),
  /** What to say once connected; line ends are yours to write. */
  send: z.string().max(4096).optional(),
  /** What must come back: a piece of text, or a regular expression. */
  expect: textCondition.optional(),
  /** Which version of IP to use; whichever works first when left out (RFC 8305). */
  ip: z.union([z.literal(4), z.literal(6)]).optional(),
  /** Conditions that must all hold, such as `[CONNECTED] == false` for a port that must be closed; `[BODY]` is what came back. */
  conditions: conditions("CONNECTED", "IP", "RESPONSE_TIME", "BODY").optional(),
});

type Params = z.output<typeof params>;

export default defineCheck({
  summary: "Something listens on a TCP port and, where asked, says what is expected",
  anywhere: true,
  params,
  resolve: (own, { endpoint, service }) => {
    if (parseAddress(own.address)) return own;
    const found = endpoint(own.address);
    if (found) return { ...own, address: formatAddress(found) };
    return `an address \`host:port\`, or a reachable port of ${service.id} (${Object.keys(service.ports).join(", ") || "it has none"})`;
  },
  target: ({ address }) => address,
  measures: {
    dns_seconds: { help: "Time to find the address." },
    ip_version: { help: "Version of IP that was used." },
    connect_seconds: { help: "Time to open the connection." },
  },
  run: async (own, context) => {
    const { openSocket } = await import("../net/connect.ts");
    const judge = conditionsOf(own.conditions);
    const began = performance.now();
    const opened = await openSocket(parseAddress(own.address)!, context, undefined, { family: own.ip }).catch(
      (error: unknown) => {
        // A machine that says no is an answer to whoever asks whether it does.
        const closed = ["refused", "unreachable", "closed"].includes(reasonOfError(error));
        if (closed && judge.mentions("CONNECTED")) return undefined;
        throw error;
      },
    );
    const facts = (more: Facts): Facts => ({
      ...more,
      numbers: { RESPONSE_TIME: performance.now() - began },
      truths: { CONNECTED: opened !== undefined },
    });
    const verdict = (more: Facts, found: { measures?: Record<string, number> }) => {
      const unmet = judge.unmet(facts(more));
      return unmet ? failed(unmet.reason, unmet.message, found) : good(found);
    };
    if (opened === undefined) return verdict({}, {});
    const { socket, phases, address } = opened;
    const measures = { ...phases, ip_version: ipVersion(address) };
    try {
      if (own.send !== undefined) {
        context.step("sending", own.send);
        socket.write(own.send);
      }
      const texts = { IP: socket.remoteAddress ?? "" };
      if (own.expect === undefined && !judge.mentions("BODY")) return verdict({ texts }, { measures });
      const { said, problem } = await listen(own, socket, context);
      if (problem) return failed(problem.reason, problem.message, { measures });
      return verdict({ texts, body: { text: () => said, cut: false } }, { measures });
    } finally {
      socket.destroy();
    }
  },
});

/** Reads until what is expected has come; without an expectation, the first line, or what there is where no more comes for a while. */
async function listen(
  { expect }: Params,
  socket: Socket,
  context: RunContext,
): Promise<{ said: string; problem?: { reason: Reason; message: string } }> {
  context.step("waiting for the expected reply", expect === undefined ? "a line" : wanted(expect));
  let said = "";
  socket.setEncoding("utf8");
  const pieces = socket[Symbol.asyncIterator]() as AsyncIterator<string>;
  const quiet = () => sleep(QUIET_MS, NOTHING_MORE, { ref: false });
  for (;;) {
    // Not every greeting ends its line.
    const mayEnd = expect === undefined && said !== "";
    const { done, value: piece } = await (mayEnd ? Promise.race([pieces.next(), quiet()]) : pieces.next());
    if (done) break;
    said += piece;
    context.step("reading", piece);
    if (expect === undefined ? said.includes("\n") : matches(expect, said)) return { said };
    if (said.length >= MOST_READ) {
      const message = `expected ${expect === undefined ? "a line" : wanted(expect)} within ${MOST_READ} bytes`;
      return { said, problem: { reason: "too-large", message } };
    }
  }
  if (expect === undefined) return { said };
  const message = `expected ${wanted(expect)}; the server said ${quoteStart(said)} and hung up`;
  return { said, problem: { reason: "wrong-reply", message } };
}

const quoteStart = (text: string): string => (text === "" ? "nothing" : JSON.stringify(text.slice(0, 120)));

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    tcp: z.input<typeof params>;
  }
}
