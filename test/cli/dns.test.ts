import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DnsRecord, differences } from "../../association/dns/index.ts";
import { answersOf } from "../../cli/dns/answers.ts";
import { chosenDomains, describeDifference, serverOf, usualServer } from "../../cli/dns.ts";
import { nameBytes, type Question, reply, text, u16 } from "../monitors/helpers/name-server.ts";
import { changedDemo, demo } from "../stacks/fixtures/demo.ts";

const record = (name: string, type: DnsRecord["type"], value: string): DnsRecord => ({
  name,
  type,
  value,
  ttl: 60,
  purpose: "web",
});

describe("the words of the command", () => {
  const { inventory } = demo();

  it("are one of the association's domains, or none for all", () => {
    expect(chosenDomains(inventory, undefined)).toEqual(["tilleuls.localhost"]);
    expect(chosenDomains(inventory, "tilleuls.localhost")).toEqual(["tilleuls.localhost"]);
    expect(() => chosenDomains(inventory, "tileuls.localhost")).toThrow(/did you mean tilleuls\.localhost\?/);
  });

  it("name a server by its address", () => {
    expect(serverOf(undefined)).toBeUndefined();
    for (const good of ["192.0.2.53", "127.0.0.1:5359", "2001:db8::53"]) expect(serverOf(good)).toBe(good);
    for (const bad of ["ns1", "192.0.2.53:0", "192.0.2.53:99999", "x:53"])
      expect(() => serverOf(bad)).toThrow(/not a name server/);
  });

  it("need no server where the world cannot be asked: our own is, by its published port", () => {
    expect(usualServer("tilleuls.localhost", inventory)).toBe("127.0.0.1:5359");
    expect(usualServer("asso.org", inventory)).toBeUndefined();
    const alone = changedDemo((copy) => delete copy.services.names.delivery.publish).inventory;
    expect(usualServer("tilleuls.localhost", alone)).toBe("127.0.0.1:53");
  });
});

describe("what the DNS answers", () => {
  const RECORDS: Record<string, [type: "A" | "MX" | "TXT" | "SRV", data: Buffer][]> = {
    "asso.example 15": [["MX", Buffer.concat([u16(10), nameBytes("mail.asso.example")])]],
    "asso.example 16": [
      ["TXT", text("v=spf1 mx ~all")],
      ["TXT", text("site-", "verification")],
    ],
    "_imaps._tcp.asso.example 33": [["SRV", Buffer.concat([u16(0, 1, 993), nameBytes("mail.asso.example")])]],
  };
  const socket = createSocket("udp4");
  let server = "";
  beforeAll(async () => {
    socket.on("message", (message, peer) => {
      let at = 12;
      const labels: string[] = [];
      while (message[at]) {
        labels.push(message.toString("latin1", at + 1, at + 1 + message[at]!));
        at += 1 + message[at]!;
      }
      const question = {
        id: message.readUInt16BE(0),
        name: labels.join("."),
        type: message.readUInt16BE(at + 1),
        raw: message.subarray(12, at + 5),
      };
      const records = RECORDS[`${question.name} ${question.type}`];
      const code = question.name.startsWith("broken") ? 2 : records ? 0 : 3;
      socket.send(reply(question as Question, records ? { records } : { code }), peer.port, peer.address);
    });
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    server = `127.0.0.1:${(socket.address() as AddressInfo).port}`;
  });
  afterAll(() => void socket.close());

  it("is held against what is declared: what is missing, what is other, what is nobody's business", async () => {
    const declared = [
      record("asso.example", "MX", "10 mail.asso.example"),
      record("asso.example", "TXT", "v=spf1 mx -all"),
      record("_imaps._tcp.asso.example", "SRV", "0 1 993 mail.asso.example"),
      record("_dmarc.asso.example", "TXT", "v=DMARC1; p=none"),
    ];
    const found = differences(declared, await answersOf(declared, server));
    expect(found.flatMap(describeDifference)).toEqual([
      "- asso.example TXT v=spf1 mx -all   declared, not answered",
      "+ asso.example TXT v=spf1 mx ~all   answered, not declared",
      "- _dmarc.asso.example TXT v=DMARC1; p=none   declared, not answered",
    ]);
  });

  it("is never taken for absent where the server fails", async () => {
    await expect(answersOf([record("broken.asso.example", "A", "192.0.2.1")], server)).rejects.toThrow(
      /does not answer for broken\.asso\.example A \(ESERVFAIL\)/,
    );
  });
});
