import { describe, expect, it, test } from "vitest";
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
