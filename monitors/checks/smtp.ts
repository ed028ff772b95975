import { z } from "zod";
import { hostname } from "../../association/index.ts";
import { defineCheck, failed, good } from "../check.ts";
import { parseAddress } from "../net/address.ts";
import { atOwnPort, hostPort } from "./_address.ts";

const params = z.strictObject({
  /** Where to connect, `host:port`; the service's port `smtp` when left out. */
  address: hostPort.optional(),
  /** The name that the certificate must be for; the address's own when left out. */
  serverName: hostname.optional(),
  /** Whether the server must offer STARTTLS with a good certificate. */
  tls: z.boolean().default(true),
  /** The least message size that it must take, in bytes (RFC 1870). */
  minSize: z.number().int().nonnegative().default(10_000_000),
  /** Whether to make sure that it relays for nobody: asks to write from one foreign address to another, and sends nothing. */
  relay: z.enum(["refused", "ignored"]).default("refused"),
});

/** Reserved names (RFC 2606): whoever accepts them relays for anybody, and no message ever leaves. */
const FOREIGN = { from: "probe@example.com", to: "probe@example.net" };

export default defineCheck({
  summary: "A mail server receives: greeting, STARTTLS, certificate, size, no open relay (RFC 5321, RFC 3207)",
  anywhere: true,
  params,
  resolve: atOwnPort("smtp"),
  target: ({ address }) => address ?? "",
  measures: {
    connect_seconds: { help: "Time to open the connection." },
    greeting_seconds: { help: "Time until the server's greeting." },
    size_limit_bytes: { help: "The largest message that the server says it takes." },
  },
  run: async ({ address, serverName, tls, minSize, relay }, context) => {
    const target = parseAddress(address ?? "");
    if (target === undefined) return failed("not-configured", "this check has no address");
    const [{ openSocket }, { MalformedReply, offered, SmtpConversation }] = await Promise.all([
      import("../net/connect.ts"),
      import("./_smtp.ts"),
    ]);
    const { socket, phases } = await openSocket(target, context);
    const talk = new SmtpConversation(socket);
    let measures: Record<string, number> = phases;
    const wrong = (expected: string, { code, lines }: { code: number; lines: string[] }) =>
      failed(
        "wrong-reply",
        `expected ${expected}; the server said ${JSON.stringify(`${code} ${lines[0] ?? ""}`.slice(0, 120))}`,
        { measures },
      );
    try {
      const since = performance.now();
      const greeting = await talk.reply();
      measures = { ...measures, greeting_seconds: (performance.now() - since) / 1000 };
      context.step("greeted", greeting.lines[0]);
      if (greeting.code !== 220) return wrong("a greeting (220)", greeting);
      let hello = await talk.say("EHLO vigie.invalid");
      if (hello.code !== 250) return wrong("250 to EHLO", hello);
      if (tls) {
        if (offered(hello, "STARTTLS") === undefined)
          return failed("handshake", "the server does not offer STARTTLS", { measures });
        const ready = await talk.say("STARTTLS");
        if (ready.code !== 220) return wrong("220 to STARTTLS", ready);
        await talk.secure(serverName ?? target.host, context);
        hello = await talk.say("EHLO vigie.invalid");
        if (hello.code !== 250) return wrong("250 to EHLO over TLS", hello);
      }
      const size = Number(offered(hello, "SIZE") || 0);
      measures = { ...measures, size_limit_bytes: size };
      // No number, or 0, says that there is no fixed limit (RFC 1870 section 3).
      if (size !== 0 && size < minSize)
        return failed("wrong-reply", `expected messages of ${minSize} bytes to be taken; the limit is ${size}`, {
          measures,
        });
      if (relay === "refused") {
        context.step("asking to relay", FOREIGN);
        const from = await talk.say(`MAIL FROM:<${FOREIGN.from}>`);
        const to = from.code === 250 ? await talk.say(`RCPT TO:<${FOREIGN.to}>`) : from;
        if (to.code < 400)
          return failed("wrong-reply", "an open relay: it takes mail from strangers to strangers", { measures });
      }
      await talk.say("QUIT").catch(() => undefined);
      return good({ measures });
    } catch (error) {
      if (error instanceof MalformedReply) return failed("malformed", error.message, { measures });
      throw error;
    } finally {
      talk.close();
    }
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    smtp: z.input<typeof params>;
  }
}
