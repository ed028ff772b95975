import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { type Answer, AUTHORITATIVE_ANSWER, decode, encode, type Packet, TRUNCATED_RESPONSE } from "dns-packet";
import { listen, type Stage } from "./target.ts";

const NAME = "tilleuls.example";
const address = (data: string, name = NAME): Answer => ({ type: "A", name, ttl: 1, data });

/** An answer by its return code and records; nothing where there is none. */
interface Reply {
  readonly code?: number;
  readonly answers?: Answer[];
  /** By UDP only that TCP must be taken (RFC 7766). */
  readonly cut?: boolean;
}

const FINE: Reply = { answers: [address("192.0.2.1")] };

/** What a name server says while it is broken; one that never is has what it always says. */
const SERVERS: readonly (readonly [name: string, bad?: Reply | "nothing", good?: Reply])[] = [
  ["DNS: no such name", { code: 3 }],
  ["DNS: no such record", {}],
  ["DNS: server failed", { code: 2 }],
  ["DNS: refused", { code: 5 }],
  ["DNS: another address", { answers: [address("203.0.113.66")] }],
  ["DNS: another name's address", { answers: [address("192.0.2.1", "other.example")] }],
  ["DNS says nothing", "nothing"],
  ["fine, DNS"],
  ["fine, DNS by TCP only", undefined, { ...FINE, cut: true }],
  [
    "fine, DNS by an alias",
    undefined,
    {
      answers: [{ type: "CNAME", name: NAME, ttl: 1, data: "web.example" }, address("192.0.2.1", "web.example")],
    },
  ],
];

export async function addNames(stage: Stage): Promise<void> {
  for (const [name, bad, good = FINE] of SERVERS) {
    const broken = bad === undefined ? [] : stage.outages();
    const port = await nameServer(() => (bad !== undefined && stage.isBroken(broken) ? bad : good));
    stage.targets.push({
      name,
      kind: "dns",
      broken,
      params: { name: NAME, resolvers: [`127.0.0.1:${port}`], expect: { includes: ["192.0.2.1"] } },
      kuma: { type: "dns", hostname: NAME, dns_resolve_server: "127.0.0.1", port, dns_resolve_type: "A" },
      gatus: {
        url: `127.0.0.1:${port}`,
        dns: { "query-name": NAME, "query-type": "A" },
        conditions: ["[DNS_RCODE] == NOERROR", "[BODY] == 192.0.2.1"],
      },
    });
  }
}

/** Listens for TCP and UDP on one port. */
async function nameServer(reply: () => Reply | "nothing"): Promise<number> {
  const answer = (message: Buffer, byTcp: boolean): Buffer | undefined => {
    const now = reply();
    if (now === "nothing") return undefined;
    const { id, questions } = decode(message);
    const isCut = now.cut === true && !byTcp;
    const flags = AUTHORITATIVE_ANSWER | 0x180 | (isCut ? TRUNCATED_RESPONSE : 0) | (now.code ?? 0);
    return encode({ type: "response", id, flags, questions, answers: isCut ? [] : now.answers } as Packet);
  };
  const port = await listen(
    createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", (data) => {
        const said = answer(data.subarray(2), true);
        if (said === undefined) return;
        const length = Buffer.alloc(2);
        length.writeUInt16BE(said.length);
        socket.end(Buffer.concat([length, said]));
      });
    }),
  );
  const socket = createSocket("udp4");
  socket.on("message", (message, from) => {
    const said = answer(message, false);
    if (said !== undefined) socket.send(said, from.port, from.address);
  });
  await new Promise<void>((resolve) => void socket.bind(port, "127.0.0.1", resolve));
  return port;
}
