import { z } from "zod";
import { defineCheck, failed, good } from "../check.ts";
import { formatAddress, parseAddress } from "../net/address.ts";
import { matches, textCondition, wanted } from "./_text.ts";

/** What is read at most while waiting for the expected reply, in bytes. */
const MOST_READ = 64 * 1024;

const params = z.strictObject({
  /** Where to connect: `host:port`, or the name of one of the service's own ports. */
  address: z.string().min(1),
  /** What to say once connected; line ends are yours to write. */
  send: z.string().max(4096).optional(),
  /** What must come back: a piece of text, or a regular expression. */
  expect: textCondition.optional(),
});

export default defineCheck({
  summary: "Something listens on a TCP port and, where asked, says what is expected",
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
    connect_seconds: { help: "Time to open the connection." },
  },
  run: async ({ address, send, expect }, context) => {
    const { openSocket } = await import("../net/connect.ts");
    const { socket, phases } = await openSocket(parseAddress(address)!, context);
    try {
      if (send !== undefined) {
        context.step("sending", send);
        socket.write(send);
      }
      if (expect === undefined) return good({ measures: phases });
      context.step("waiting for the expected reply", wanted(expect));
      let seen = "";
      socket.setEncoding("utf8");
      for await (const piece of socket as AsyncIterable<string>) {
        seen += piece;
        context.step("reading", piece);
        if (matches(expect, seen)) return good({ measures: phases });
        if (seen.length >= MOST_READ)
          return failed("too-large", `expected ${wanted(expect)} within ${MOST_READ} bytes`, { measures: phases });
      }
      return failed("wrong-reply", `expected ${wanted(expect)}; the server said ${quoteStart(seen)} and hung up`, {
        measures: phases,
      });
    } finally {
      socket.destroy();
    }
  },
});

const quoteStart = (text: string): string => (text === "" ? "nothing" : JSON.stringify(text.slice(0, 120)));

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    tcp: z.input<typeof params>;
  }
}
