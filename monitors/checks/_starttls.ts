import type { Socket } from "node:net";
import type { RunContext } from "../check.ts";
import { Reader } from "./_reader.ts";
import type { StartTlsProtocol } from "./_starttls-names.ts";

/** What a protocol says before TLS; a string says how the server refused. */
type Dialogue = (reader: Reader, say: (text: string | Uint8Array) => void) => Promise<string | undefined>;

const quoted = (line: string): string => JSON.stringify(line.slice(0, 120));
const MOST_LINES = 100;

/** RFC 3207. */
const smtp: Dialogue = async (reader, say) => {
  const reply = async () => {
    for (let lines = 0; lines < MOST_LINES; lines++) {
      const line = await reader.line();
      if (!/^\d{3}-/.test(line)) return line;
    }
    return "an answer without end";
  };
  const greeting = await reply();
  if (!greeting.startsWith("220")) return `expected a greeting (220); the server said ${quoted(greeting)}`;
  say("EHLO vigie.invalid\r\n");
  const hello = await reply();
  if (!hello.startsWith("250")) return `expected 250 to EHLO; the server said ${quoted(hello)}`;
  say("STARTTLS\r\n");
  const ready = await reply();
  return ready.startsWith("220") ? undefined : `expected 220 to STARTTLS; the server said ${quoted(ready)}`;
};

/** RFC 9051 section 6.2.1. */
const imap: Dialogue = async (reader, say) => {
  const greeting = await reader.line();
  if (!/^\* (OK|PREAUTH)\b/i.test(greeting)) return `expected an IMAP greeting; the server said ${quoted(greeting)}`;
  say("v1 STARTTLS\r\n");
  for (let lines = 0; lines < MOST_LINES; lines++) {
    const line = await reader.line();
    if (line.startsWith("* ")) continue;
    return /^v1 OK\b/i.test(line) ? undefined : `expected OK to STARTTLS; the server said ${quoted(line)}`;
  }
  return "expected an answer to STARTTLS; the server talks about other things";
};

/** RFC 2595 section 4. */
const pop3: Dialogue = async (reader, say) => {
  const greeting = await reader.line();
  if (!greeting.startsWith("+OK")) return `expected a POP3 greeting; the server said ${quoted(greeting)}`;
  say("STLS\r\n");
  const answer = await reader.line();
  return answer.startsWith("+OK") ? undefined : `expected +OK to STLS; the server said ${quoted(answer)}`;
};

/** An extended request 1.3.6.1.4.1.1466.20037 as message 1 (RFC 4511 section 4.14.1), in BER. */
const LDAP_REQUEST = Buffer.concat([
  Buffer.from([0x30, 0x1d, 0x02, 0x01, 0x01, 0x77, 0x18, 0x80, 0x16]),
  Buffer.from("1.3.6.1.4.1.1466.20037"),
]);

const ldap: Dialogue = async (reader, say) => {
  say(LDAP_REQUEST);
  const head = await reader.bytes(2);
  // A sequence whose length takes one byte or the next ones (X.690 section 8.1.3): answers to this are short.
  const more = head[1]! & 0x80 ? head[1]! & 0x7f : 0;
  if (head[0] !== 0x30 || more > 2) return "expected an LDAP answer";
  const length = more === 0 ? head[1]! : (await reader.bytes(more)).readUIntBE(0, more);
  const body = await reader.bytes(Math.min(length, 4096));
  // messageID 1, then an extended response whose first element is the result code.
  const at = body.indexOf(0x78);
  const code = body.indexOf(Buffer.from([0x0a, 0x01]), Math.max(at, 0));
  if (at < 0 || code < 0) return "expected an LDAP answer";
  return body[code + 2] === 0 ? undefined : `the server refuses StartTLS (LDAP result ${body[code + 2]})`;
};

/** SSLRequest of PostgreSQL's protocol 3. */
const POSTGRES_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

const postgres: Dialogue = async (reader, say) => {
  say(POSTGRES_REQUEST);
  const answer = (await reader.bytes(1)).toString("latin1");
  return answer === "S" ? undefined : `expected the server to accept TLS; it said ${quoted(answer)}`;
};

const DIALOGUES: Readonly<Record<StartTlsProtocol, Dialogue>> = { smtp, submission: smtp, imap, pop3, ldap, postgres };

/**
 * Brings a connection to the point where TLS begins; undefined where the server agrees, else how it refused.
 * Nothing that was said in clear is left over for TLS: a server that sent ahead is cut off (CVE-2011-0411).
 */
export async function startTls(
  protocol: StartTlsProtocol,
  socket: Socket,
  { step }: Pick<RunContext, "step">,
): Promise<string | undefined> {
  step("asking for TLS", protocol);
  return DIALOGUES[protocol](new Reader(socket), (text) => void socket.write(text));
}
