import { once } from "node:events";
import type { Socket } from "node:net";
import type { RunContext } from "../check.ts";
import { overTls } from "./_mail-tls.ts";

/** A server's answer: its code, and its lines without it. */
export interface Reply {
  code: number;
  lines: string[];
}

/** What is read at most for one answer, in bytes: a server that never stops talking is not listened to. */
const MOST_READ = 64 * 1024;

/** The answer does not follow RFC 5321 section 4.2. */
export class MalformedReply extends Error {
  override name = "MalformedReply";
}

/** An SMTP conversation (RFC 5321), as far as a check needs one: it never sends a message. */
export class SmtpConversation {
  #socket: Socket;
  #buffer = "";

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** The next answer. Rejects where the connection ends, or where what comes is no SMTP. */
  async reply(): Promise<Reply> {
    const lines: string[] = [];
    for (let size = 0; ; ) {
      const line = await this.#line();
      size += line.length;
      const [, code, mark, text] = /^(\d{3})([ -]?)(.*)$/.exec(line) ?? [];
      if (code === undefined || size > MOST_READ)
        throw new MalformedReply(`no SMTP answer: ${JSON.stringify(line.slice(0, 120))}`);
      lines.push(text ?? "");
      if (mark !== "-") return { code: Number(code), lines };
    }
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#buffer.indexOf("\n");
      if (end >= 0) {
        const line = this.#buffer.slice(0, end).replace(/\r$/, "");
        this.#buffer = this.#buffer.slice(end + 1);
        return line;
      }
      if (this.#buffer.length > MOST_READ) throw new MalformedReply("a line without end");
      const chunk: Buffer | null = this.#socket.read() as Buffer | null;
      if (chunk !== null) this.#buffer += chunk.toString("latin1");
      else if (this.#socket.readableEnded || this.#socket.destroyed)
        throw this.#socket.errored ?? Object.assign(new Error("the server hung up"), { code: "ECONNRESET" });
      else await stirred(this.#socket);
    }
  }

  async say(command: string): Promise<Reply> {
    this.#socket.write(`${command}\r\n`);
    return this.reply();
  }

  /** Goes over to TLS after the server's 220 (RFC 3207); whatever was sent before in clear is forgotten. */
  async secure(serverName: string, context: Pick<RunContext, "resources" | "signal" | "step">): Promise<void> {
    this.#buffer = "";
    this.#socket = await overTls(this.#socket, serverName, context);
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Until there is something to read, or nothing more will come. Nothing goes on listening: a server that answers byte by byte stirs often. */
async function stirred(socket: Socket): Promise<void> {
  const done = new AbortController();
  try {
    await Promise.race(["readable", "end", "close"].map((event) => once(socket, event, { signal: done.signal })));
  } finally {
    done.abort();
  }
}

/** A word of the EHLO answer, such as `SIZE`, with what follows it; undefined where it is not offered. */
export const offered = ({ lines }: Reply, word: string): string | undefined =>
  lines
    .slice(1)
    .map((line) => line.split(" "))
    .find(([first]) => first?.toUpperCase() === word)
    ?.slice(1)
    .join(" ");
