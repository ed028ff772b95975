import type { Socket } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Frames } from "../../../monitors/checks/_postgres-frames.ts";
import ldap from "../../../monitors/checks/ldap.ts";
import mysql from "../../../monitors/checks/mysql.ts";
import postgres from "../../../monitors/checks/postgres.ts";
import { runCheck } from "../helpers/run.ts";
import { secretFile } from "../helpers/secret-file.ts";
import { closedPort, tcp } from "../helpers/servers.ts";

const account = { database: "shop", login: "vigie", password: { file: secretFile("s3cret") } };
const KINDS = [
  ["postgres", postgres, account],
  ["mysql", mysql, account],
  ["ldap", ldap, {}],
] as const;

/** Pieces of PostgreSQL's protocol 3, from the server. */
const message = (type: string, ...parts: (string | Buffer)[]): Buffer => {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  const head = Buffer.alloc(5);
  head.write(type, 0, "latin1");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
const ready = message("Z", "I");
const signedIn = Buffer.concat([message("R", Buffer.alloc(4)), ready]);
const int16 = (n: number) => Buffer.from([n >> 8, n & 255]);
const int32 = (n: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(n);
  return bytes;
};
const oneColumn = message("T", int16(1), "n\0", int32(0), int16(0), int32(23), int16(4), int32(-1), int16(0));
const row = (value: string) => message("D", int16(1), int32(value.length), value);
const pgError = (code: string, words: string) => message("E", `SFATAL\0C${code}\0M${words}\0`, Buffer.alloc(1));

/** A server that answers the first thing it hears, then each query. */
const pgServer = (first: Buffer, onQuery?: (socket: Socket) => void) =>
  tcp((socket) => {
    let heard = 0;
    socket.on("data", () => {
      heard++;
      if (heard === 1) socket.write(first);
      else onQuery?.(socket);
    });
  });

describe("what a PostgreSQL server says", () => {
  /** Fields are read one after the other until a type that is zero, as `pg` does; whether that is found within the message. */
  const ends = (body: Buffer): boolean => {
    for (let at = 0; at < body.length; ) {
      if (body[at] === 0) return true;
      const end = body.indexOf(0, at + 1);
      if (end === -1) return false;
      at = end + 1;
    }
    return false;
  };

  it("is cut before the library reads for ever, however it comes in pieces", () => {
    const bytes = fc
      .uint8Array({ maxLength: 12 })
      .map((all) => Buffer.from(all.map((byte) => (byte < 150 ? 0 : byte))));
    const type = fc.constantFrom("E", "N", "S", "R");
    const cuts = fc.array(fc.nat({ max: 40 }), { maxLength: 6 });
    fc.assert(
      fc.property(fc.array(fc.tuple(type, bytes), { minLength: 1, maxLength: 4 }), cuts, (said, places) => {
        const all = Buffer.concat(said.map(([one, body]) => message(one, body)));
        const frames = new Frames();
        const at = [0, ...places.map((place) => Math.min(place, all.length)).sort((a, b) => a - b), all.length];
        for (let piece = 1; piece < at.length; piece++) frames.take(all.subarray(at[piece - 1], at[piece]));
        if (!frames.broken) for (const [one, body] of said) if ("EN".includes(one)) expect(ends(body)).toBe(true);
      }),
    );
  });

  it("may be an error with all its fields, or none", () => {
    const frames = new Frames();
    expect(
      frames.take(Buffer.concat([pgError("28P01", "no"), message("N", Buffer.alloc(1)), signedIn, row("1")])),
    ).toBe(true);
    for (const length of [0, 3, -1])
      expect(new Frames().take(Buffer.concat([Buffer.from("R"), int32(length)]))).toBe(false);
  });
});

describe("a postgres check", () => {
  it("fails, and stops nothing else, on an error or a notice that has no end", async () => {
    for (const body of [Buffer.alloc(50_000, 65), Buffer.from("S"), Buffer.from("SFATAL\0"), Buffer.alloc(0)])
      for (const type of ["E", "N"]) {
        const { address } = await pgServer(message(type, body));
        expect(await runCheck(postgres, { address, ...account })).toMatchObject({ ok: false, reason: "malformed" });
      }
  });

  it("does not show its password, though the server writes it back", async () => {
    const { address } = await pgServer(pgError("28P01", 'password "s3cret" is wrong'));
    expect(await runCheck(postgres, { address, ...account })).toMatchObject({
      reason: "wrong-password",
      message: 'the server says: password "(hidden)" is wrong (28P01)',
    });
  });

  it("reads rows, and judges them", async () => {
    const { address } = await pgServer(signedIn, (socket) =>
      socket.write(Buffer.concat([oneColumn, row("3"), row("4"), message("C", "SELECT 2\0"), ready])),
    );
    expect(
      await runCheck(postgres, { address, ...account, conditions: ["[ROWS] == 2", "[BODY][1].n == 4"] }),
    ).toMatchObject({
      ok: true,
      measures: { rows: 2 },
    });
    expect(await runCheck(postgres, { address, ...account, conditions: ["[ROWS] > 2"] })).toMatchObject({
      ok: false,
      reason: "wrong-rows",
    });
  });

  it.each([
    ["wrong-password", "28P01"],
    ["no-such-thing", "3D000"],
    ["unreachable", "57P03"],
    ["query-failed", "42P01"],
  ])("fails as %s on SQLSTATE %s", async (reason, code) => {
    const { address } = await pgServer(pgError(code, "<b>no</b>"));
    expect(await runCheck(postgres, { address, ...account })).toMatchObject({ ok: false, reason });
  });

  it("stops reading rows that never end", async () => {
    const { address, open } = await pgServer(signedIn, (socket) => {
      socket.write(oneColumn);
      const more = () => {
        while (!socket.destroyed && socket.write(row("x".repeat(8000))));
      };
      socket.on("drain", more);
      more();
    });
    expect(await runCheck(postgres, { address, ...account })).toMatchObject({ ok: false, reason: "too-large" });
    await expect.poll(() => open.size).toBe(0);
  });

  it("refuses a server without TLS where TLS is declared", async () => {
    const { address } = await tcp((socket) => void socket.once("data", () => socket.write("N")));
    expect(await runCheck(postgres, { address, ...account, tls: "starttls" })).toMatchObject({
      ok: false,
      reason: "handshake",
    });
  });
});

/** One packet of MySQL's protocol. */
const packet = (number: number, body: Buffer) => {
  const head = Buffer.alloc(4);
  head.writeUIntLE(body.length, 0, 3);
  head[3] = number;
  return Buffer.concat([head, body]);
};
const mysqlError = (code: number, words: string) =>
  Buffer.concat([Buffer.from([0xff, code & 255, code >> 8]), Buffer.from(`#28000${words}`)]);

it.each([
  ["wrong-password", 1045],
  ["no-such-thing", 1049],
  ["query-failed", 1130],
])("a mysql check fails as %s on error %d instead of a greeting", async (reason, code) => {
  const { address } = await tcp((socket) => void socket.write(packet(0, mysqlError(code, "no"))));
  expect(await runCheck(mysql, { address, ...account })).toMatchObject({ ok: false, reason });
});

describe.each(KINDS)("a %s check", (_, kind, more) => {
  const run = (input: Record<string, unknown>, timeoutMs = 4000) =>
    runCheck(kind as never, { ...more, ...input }, { timeoutMs });

  it("tells a closed port", async () => {
    expect(await run({ address: `127.0.0.1:${await closedPort()}` })).toMatchObject({ ok: false, reason: "refused" });
  });

  it("is not taken in by junk, of which it reads little", async () => {
    for (const junk of [
      Buffer.alloc(3000, 0xff),
      Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n".repeat(20)),
      Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff]),
    ]) {
      const { address, open } = await tcp((socket) => {
        socket.resume().write(junk);
        setTimeout(() => socket.end(), 200);
      });
      const outcome = await run({ address }, 2500);
      expect(outcome.ok).toBe(false);
      expect((outcome as { reason: string }).reason, junk.toString("latin1").slice(0, 20)).not.toBe("internal");
      await expect.poll(() => open.size).toBe(0);
    }
  });

  it("does not wait for ever, nor for a byte now and then", async () => {
    const silent = await tcp((socket) => void socket.resume());
    expect(await run({ address: silent.address }, 400)).toMatchObject({ ok: false, reason: "timeout" });
    const slow = await tcp((socket) => {
      const timer = setInterval(() => socket.write(Buffer.from([0x30])), 50);
      socket.resume().on("close", () => clearInterval(timer));
    });
    const outcome = await run({ address: slow.address }, 600);
    expect(outcome.ok).toBe(false);
    expect((outcome as { reason: string }).reason).not.toBe("internal");
    await expect.poll(() => silent.open.size + slow.open.size).toBe(0);
  });

  it("gives up a flood", async () => {
    const { address, open } = await tcp((socket) => {
      const more = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 0x4e)));
      };
      socket.resume();
      socket.on("drain", more);
      more();
    });
    const outcome = await run({ address }, 4000);
    expect(outcome.ok).toBe(false);
    expect(["too-large", "malformed", "closed", "wrong-reply", "query-failed"]).toContain(
      (outcome as { reason: string }).reason,
    );
    await expect.poll(() => open.size).toBe(0);
  });

  it("notices a server that hangs up at once", async () => {
    const { address } = await tcp((socket) => void socket.resume().end());
    const outcome = await run({ address });
    expect(outcome).toMatchObject({ ok: false, reason: "closed" });
  });
});

it("a check of a database says which secret is missing, and never what it is", async () => {
  const { address } = await pgServer(pgError("28P01", 'password "s3cret" is wrong'));
  const outcome = await runCheck(postgres, { address, ...account, password: { file: "/nowhere/password" } });
  expect(outcome).toMatchObject({ ok: false, reason: "not-configured", message: "/nowhere/password cannot be read" });
});

describe("an ldap check", () => {
  const ber = (hex: string) => Buffer.from(hex.replace(/\s/g, ""), "hex");
  type Answer = (id: string) => Buffer;
  /** Answers each message in turn, by its own number. */
  const server = (...answers: Answer[]) =>
    tcp((socket) => {
      let at = 0;
      socket.on("data", (data) => {
        const id = data[data[1]! & 0x80 ? 4 + (data[1]! & 0x7f) : 4]!;
        const answer = answers[at++];
        if (answer) socket.write(answer(id.toString(16).padStart(2, "0")));
      });
    });
  const bind =
    (code: string): Answer =>
    (id) =>
      ber(`30 0c 02 01 ${id} 61 07 0a 01 ${code} 04 00 04 00`);
  const entry: Answer = (id) =>
    ber(`30 1c 02 01 ${id} 64 17 04 04 64633d78 30 0f 30 0d 04 02 636e 31 07 04 05 54696c6c65`);
  const done =
    (code = "00"): Answer =>
    (id) =>
      ber(`30 0c 02 01 ${id} 65 07 0a 01 ${code} 04 00 04 00`);
  const found: Answer = (id) => Buffer.concat([entry(id), done()(id)]);

  it("finds an entry, signed in or not", async () => {
    const anonymous = await server(found);
    expect(
      await runCheck(ldap, { address: anonymous.address, conditions: ["[ROWS] == 1", "[BODY][0].cn == Tille"] }),
    ).toMatchObject({
      ok: true,
      measures: { entries: 1 },
    });
    const own = await server(bind("00"), found);
    const input = { address: own.address, account: { dn: "cn=vigie", password: account.password } };
    expect(await runCheck(ldap, input)).toMatchObject({ ok: true });
  });

  it("tells a wrong password, and that nothing is there", async () => {
    const refusing = await server(bind("31"));
    const input = { address: refusing.address, account: { dn: "cn=vigie", password: account.password } };
    expect(await runCheck(ldap, input)).toMatchObject({ ok: false, reason: "wrong-password" });
    const empty = await server(done());
    expect(await runCheck(ldap, { address: empty.address })).toMatchObject({ ok: false, reason: "no-such-thing" });
    const missing = await server(done("20"));
    expect(await runCheck(ldap, { address: missing.address })).toMatchObject({ ok: false, reason: "no-such-thing" });
    const forbidden = await server(done("32"));
    expect(await runCheck(ldap, { address: forbidden.address })).toMatchObject({ ok: false, reason: "forbidden" });
  });
});
