import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, it, onTestFinished, test } from "vitest";
import check from "../../../monitors/checks/dns.ts";
import { nameBytes, nameServer, type Question, type Record_, reply, text, u16, u32 } from "../helpers/name-server.ts";
import { runCheck } from "../helpers/run.ts";

const NAME = "tilleuls.example";
const answering = (...records: Record_[]) => nameServer((question) => reply(question, { records }));
const run = async (
  server: string | string[],
  input: Record<string, unknown> = {},
  options?: Parameters<typeof runCheck>[2],
) => runCheck(check, { name: NAME, resolvers: [server].flat(), ...input }, options);

describe("a dns check", () => {
  test.each([
    ["A", ["A", Buffer.from([192, 0, 2, 1])], "192.0.2.1"],
    ["AAAA", ["AAAA", Buffer.from("20010db8000000000000000000000001", "hex")], "2001:db8::1"],
    ["MX", ["MX", Buffer.concat([u16(10), nameBytes("mail.tilleuls.example")])], "10 mail.tilleuls.example"],
    ["NS", ["NS", nameBytes("ns1.tilleuls.example")], "NS1.tilleuls.example."],
    ["CNAME", ["CNAME", nameBytes("web.example")], "web.example"],
    ["TXT", ["TXT", text("v=spf1 mx ", "-all")], '"v=spf1 mx -all"'],
    ["SRV", ["SRV", Buffer.concat([u16(1, 2, 5222), nameBytes("chat.example")])], "1 2 5222 chat.example"],
    [
      "CAA",
      ["CAA", Buffer.concat([Buffer.from([0]), text("issue"), Buffer.from("letsencrypt.org")])],
      '0 issue "letsencrypt.org"',
    ],
    ["TLSA", ["TLSA", Buffer.concat([Buffer.from([3, 1, 1]), Buffer.from("aabb", "hex")])], "3 1 1 aabb"],
    [
      "SOA",
      ["SOA", Buffer.concat([nameBytes("ns1.example"), nameBytes("root.example"), u32(2027, 1, 2, 3, 4)])],
      "ns1.example root.example 2027 1 2 3 4",
    ],
  ] as const)("reads %s records as zone files write them", async (type, record, line) => {
    const server = await answering(record as Record_);
    const outcome = await run(server, { type, expect: { exactly: [line] } });
    expect(outcome).toMatchObject({ ok: true, measures: { answers: 1 } });
  });

  it("accepts any answer where none is declared", async () => {
    expect(await run(await answering(["A", Buffer.from([192, 0, 2, 9])]))).toMatchObject({ ok: true });
  });

  it("fails as wrong-record, saying what was expected and what is there", async () => {
    const server = await answering(["A", Buffer.from([203, 0, 113, 66])]);
    const outcome = await run(server, { expect: { includes: ["192.0.2.1"] } });
    expect(outcome).toMatchObject({ ok: false, reason: "wrong-record" });
    expect(outcome.message).toBe(`expected 192.0.2.1; found 203.0.113.66 at ${server}`);
  });

  it("fails as wrong-record on a record too many, where they are declared exactly", async () => {
    const server = await answering(["A", Buffer.from([192, 0, 2, 1])], ["A", Buffer.from([203, 0, 113, 66])]);
    expect(await run(server, { expect: { includes: ["192.0.2.1"] } })).toMatchObject({ ok: true });
    const outcome = await run(server, { expect: { exactly: ["192.0.2.1"] } });
    expect(outcome).toMatchObject({ ok: false, reason: "wrong-record" });
    expect(outcome.message).toContain("did not expect 203.0.113.66");
  });

  test.each([
    ["name-not-found", { code: 3 }],
    ["no-record", { code: 0 }],
    ["resolver-failed", { code: 2 }],
    ["resolver-failed", { code: 5 }],
  ])("fails as %s on %j", async (reason, options) => {
    const server = await nameServer((question) => reply(question, options));
    expect(await run(server)).toMatchObject({ ok: false, reason });
  });

  it("asks again over TCP when the answer is cut", async () => {
    const asked: Question[] = [];
    const server = await nameServer((question) => {
      asked.push(question);
      return question.tcp
        ? reply(question, { records: [["A", Buffer.from([192, 0, 2, 1])]] })
        : reply(question, { truncated: true });
    });
    expect(await run(server, { expect: { exactly: ["192.0.2.1"] } })).toMatchObject({ ok: true });
    expect(asked.map(({ tcp }) => tcp)).toEqual([false, true]);
  });

  it("takes no notice of an answer to a question that was not asked", async () => {
    const server = await nameServer((question) =>
      reply({ ...question, id: question.id ^ 1 }, { records: [["A", Buffer.from([6, 6, 6, 6])]] }),
    );
    expect(await run(server, {}, { timeoutMs: 700 })).toMatchObject({ ok: false, reason: "timeout" });
  });

  it("fails as timeout on a server that says nothing", async () => {
    const server = await nameServer(() => undefined);
    expect(await run(server, {}, { timeoutMs: 700 })).toMatchObject({ ok: false, reason: "timeout" });
  });

  it("survives junk, and answers whose names loop", async () => {
    const junk = await nameServer(() => Buffer.from("not DNS at all, and long enough to be parsed"));
    expect(await run(junk, {}, { timeoutMs: 700 })).toMatchObject({ ok: false });
    const loop = await nameServer((question) =>
      Buffer.concat([reply(question, { records: [["CNAME", Buffer.from([0xc0, 0x22 + 12])]] })]),
    );
    expect(await run(loop, { type: "CNAME" }, { timeoutMs: 700 })).toMatchObject({ ok: false });
  });

  it("asks every declared server, and names the one that disagrees", async () => {
    const good = await answering(["A", Buffer.from([192, 0, 2, 1])]);
    const bad = await answering(["A", Buffer.from([192, 0, 2, 2])]);
    const outcome = await run([good, bad], { expect: { exactly: ["192.0.2.1"] } });
    expect(outcome).toMatchObject({ ok: false, reason: "wrong-record" });
    expect(outcome.message).toContain(bad);
  });
});

describe("a dns check with DNSSEC", () => {
  const address: Record_ = ["A", Buffer.from([192, 0, 2, 1])];

  it("succeeds where the resolver has verified the answer", async () => {
    const server = await nameServer((question) => reply(question, { authenticated: true, records: [address] }));
    expect(await run(server, { dnssec: true })).toMatchObject({ ok: true });
    expect(await run(server, { conditions: ["[DNS_AUTHENTICATED] == true"] })).toMatchObject({ ok: true });
  });

  it("fails as not-authenticated where it has not", async () => {
    const server = await answering(address);
    expect(await run(server, { dnssec: true })).toMatchObject({ ok: false, reason: "not-authenticated" });
  });

  it("fails as bogus where the server answers only whoever does not ask it to verify", async () => {
    const server = await nameServer((question) =>
      question.flags & 0x10 ? reply(question, { records: [address] }) : reply(question, { code: 2 }),
    );
    expect(await run(server, { dnssec: true })).toMatchObject({ ok: false, reason: "bogus" });
  });

  it("fails as resolver-failed where the server fails in any case", async () => {
    const server = await nameServer((question) => reply(question, { code: 2 }));
    expect(await run(server, { dnssec: true })).toMatchObject({ ok: false, reason: "resolver-failed" });
  });
});

describe("name servers of one zone", () => {
  const soa = (serial: number) =>
    answering(["SOA", Buffer.concat([nameBytes("ns1.example"), nameBytes("root.example"), u32(serial, 1, 2, 3, 4)])]);

  it("agree where their serials are the same", async () => {
    const servers = [await soa(2027), await soa(2027)];
    expect(await run(servers, { type: "SOA", sameSerial: true })).toMatchObject({ ok: true });
  });

  it("are told apart, with each one's serial, where they are not", async () => {
    const [old, young] = [await soa(2026), await soa(2027)];
    const outcome = await run([old, young], { type: "SOA", sameSerial: true });
    expect(outcome).toMatchObject({ ok: false, reason: "serials-differ" });
    expect(outcome.message).toContain(`2026 at ${old}, 2027 at ${young}`);
  });
});

describe("the conditions of a dns check", () => {
  it("may expect a name not to exist", async () => {
    const server = await nameServer((question) => reply(question, { code: 3 }));
    expect(await run(server, { conditions: ["[DNS_RCODE] == NXDOMAIN"] })).toMatchObject({ ok: true });
    expect(await run(server, { conditions: ["[DNS_RCODE] == NOERROR"] })).toMatchObject({
      ok: false,
      reason: "wrong-record",
      message: expect.stringContaining('[DNS_RCODE] is "NXDOMAIN", expected NOERROR'),
    });
  });

  it("look at the records", async () => {
    const server = await answering(["A", Buffer.from([192, 0, 2, 1])], ["A", Buffer.from([192, 0, 2, 2])]);
    expect(await run(server, { conditions: ["[BODY] == pat(*192.0.2.2*)", "[ROWS] == 2"] })).toMatchObject({
      ok: true,
    });
  });
});

describe("a name server that lies", () => {
  it("by answering another question, is not believed", async () => {
    const server = await nameServer((question) => {
      const other = Buffer.concat([nameBytes("bank.example"), u16(1, 1)]);
      return reply({ ...question, raw: other }, { records: [["A", Buffer.from([6, 6, 6, 6])]] });
    });
    expect(await run(server, {}, { timeoutMs: 700 })).toMatchObject({ ok: false, reason: "timeout" });
  });

  it("by cutting every answer, over TCP too, is not asked for ever", async () => {
    let asked = 0;
    const server = await nameServer((question) => {
      asked++;
      return reply(question, { truncated: true });
    });
    expect(await run(server, {}, { timeoutMs: 2000 })).toMatchObject({ ok: false, reason: "no-record" });
    expect(asked).toBe(2);
  });

  it("by sending other names' records along, is not believed", async () => {
    const server = await answering(["A", Buffer.from([6, 6, 6, 6]), "bank.example"]);
    expect(await run(server)).toMatchObject({ ok: false, reason: "no-record" });
    const both = await answering(["A", Buffer.from([6, 6, 6, 6]), "bank.example"], ["A", Buffer.from([192, 0, 2, 1])]);
    expect(await run(both, { expect: { exactly: ["192.0.2.1"] } })).toMatchObject({ ok: true });
  });

  it("is followed along aliases, in whatever order they come", async () => {
    const chain = Array.from({ length: 40 }, (_, link): Record_ => {
      const owner = link === 0 ? "TILLEULS.example" : `${link}.cdn.example`;
      return ["CNAME", nameBytes(`${link + 1}.cdn.example`), owner];
    });
    const server = await answering(["A", Buffer.from([192, 0, 2, 9]), "40.cdn.example"], ...chain.reverse());
    expect(await run(server, { expect: { exactly: ["192.0.2.9"] } })).toMatchObject({ ok: true });
  });

  it("of more records than any name has, is malformed: each name in it may lead through thousands of pointers", async () => {
    const many = await answering(...Array<Record_>(501).fill(["A", Buffer.from([192, 0, 2, 9])]));
    expect(await run(many)).toMatchObject({ ok: false, reason: "malformed" });
  });

  it("with an address that lacks its bytes, is malformed", async () => {
    expect(await run(await answering(["A", Buffer.alloc(0)]))).toMatchObject({ ok: false, reason: "malformed" });
    expect(await run(await answering(["A", Buffer.from([192, 0, 2])]))).toMatchObject({ reason: "malformed" });
  });

  it("with aliases that go in a circle, is malformed and not followed for ever", async () => {
    const server = await answering(
      ["CNAME", nameBytes("a.example")],
      ["CNAME", nameBytes("b.example"), "a.example"],
      ["CNAME", nameBytes(NAME), "b.example"],
    );
    expect(await run(server)).toMatchObject({
      ok: false,
      reason: "malformed",
      message: expect.stringContaining("circle"),
    });
    const itself = await answering(["CNAME", nameBytes(NAME)]);
    expect(await run(itself)).toMatchObject({ ok: false, reason: "malformed" });
  });

  test.each<[string, RegExp, (socket: Socket) => void]>([
    ["hangs up", /^malformed$/, (socket) => void socket.end()],
    ["resets", /^(closed|malformed)$/, (socket) => void socket.resetAndDestroy()],
    ["says nothing", /^timeout$/, () => {}],
    ["announces more than it sends", /^malformed$/, (socket) => void socket.end(u16(4000, 1, 2))],
    [
      "answers with another id",
      /^malformed$/,
      (socket) => void socket.write(Buffer.concat([u16(12), Buffer.alloc(12)])),
    ],
    ["sends noise without end", /^malformed$/, (socket) => void socket.write(Buffer.alloc(1_000_000, 7))],
  ])("that cuts its answer, and over TCP %s, fails for a reason", async (_, reason, behave) => {
    const server = await nameServer((question) => reply(question, { truncated: true }), behave);
    expect(await run(server, {}, { timeoutMs: 1000 })).toMatchObject({
      ok: false,
      reason: expect.stringMatching(reason),
    });
  });

  it("that cuts its answer where TCP is closed is told so, and not as one that is not there", async () => {
    const server = createSocket("udp4");
    onTestFinished(() => void server.close());
    server.on("message", (message, from) => {
      const answer = Buffer.from(message);
      answer.writeUInt16BE(0x8380, 2);
      server.send(answer, from.port, from.address);
    });
    server.bind(0, "127.0.0.1");
    await once(server, "listening");
    expect(await run(`127.0.0.1:${server.address().port}`)).toMatchObject({
      ok: false,
      reason: "malformed",
      message: expect.stringContaining("does not answer over TCP"),
    });
  });

  it("with a wildcard where nothing should be, is found out by what the name must not have", async () => {
    const server = await answering(["A", Buffer.from([6, 6, 6, 6])]);
    const wish = { name: "no-such-name.tilleuls.example", conditions: ["[DNS_RCODE] == NXDOMAIN"] };
    expect(await run(server, wish)).toMatchObject({ ok: false, reason: "wrong-record" });
  });

  it("about how many records there are, is malformed", async () => {
    const server = await nameServer((question) => {
      const answer = reply(question, { records: [["A", Buffer.from([1, 2, 3, 4])]] });
      answer.writeUInt16BE(65_535, 6);
      return answer;
    });
    expect(await run(server, {}, { timeoutMs: 2000 })).toMatchObject({ ok: false, reason: "malformed" });
  });
});

describe("the declaration of a dns check", () => {
  test.each([[["dns.example"]], [["192.0.2.1:0"]], [["2001:db8::1:53:53:53:53:53:53"]], [["[192.0.2.1]:53"]], [[]]])(
    "refuses the resolvers %j",
    (resolvers) => expect(check.params.safeParse({ name: NAME, resolvers }).success).toBe(false),
  );
  test.each([[["192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353"]]])("accepts %j", (resolvers) =>
    expect(check.params.safeParse({ name: NAME, resolvers }).success).toBe(true),
  );
  test.each(["", "a b", "a..b", "-a.example", "a/b"])("refuses the name %j", (name) =>
    expect(check.params.safeParse({ name }).success).toBe(false),
  );
});
