import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface, type Interface } from "node:readline";
import { connect as connectTls } from "node:tls";

/** A conversation line by line, for what no well-behaved client library would say. */
export class Dialogue {
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#reader = createInterface({ input: socket });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  static async open(port: number, tls = false): Promise<Dialogue> {
    const socket = tls
      ? connectTls({ host: "127.0.0.1", port, rejectUnauthorized: false })
      : connect({ host: "127.0.0.1", port });
    socket.on("error", () => {});
    await once(socket, tls ? "secureConnect" : "connect");
    return new Dialogue(socket);
  }

  /** Sends a line and returns the whole answer, its lines joined; "" where the server has hung up. */
  async say(line: string | Buffer): Promise<string> {
    this.#socket.write(typeof line === "string" ? `${line}\r\n` : line);
    return this.answer();
  }

  /** An SMTP answer (RFC 5321 section 4.2): lines with a hyphen after the code are followed by others. */
  async answer(): Promise<string> {
    const lines: string[] = [];
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) return lines.join("\n");
      lines.push(value);
      if (!/^\d{3}-/.test(value)) return lines.join("\n");
    }
  }

  /** ManageSieve answers end with OK, NO or BYE (RFC 5804 section 1.2). */
  async sieveAnswer(): Promise<string> {
    const lines: string[] = [];
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) return lines.join("\n");
      lines.push(value);
      if (/^(OK|NO|BYE)/.test(value)) return lines.join("\n");
    }
  }

  send(text: string): void {
    this.#socket.write(text);
  }

  get socket(): Socket {
    return this.#socket;
  }

  close(): void {
    this.#reader.close();
    this.#socket.destroy();
  }
}

/** Opens SMTP and greets. */
export async function smtp(port: number, tls = false): Promise<Dialogue> {
  const dialogue = await Dialogue.open(port, tls);
  await dialogue.answer();
  await dialogue.say("EHLO mx.example.net");
  return dialogue;
}

/** The answer to the last of some commands of one envelope. */
export async function envelope(port: number, ...commands: string[]): Promise<string> {
  const dialogue = await smtp(port);
  try {
    let answer = "";
    for (const command of commands) answer = await dialogue.say(command);
    return answer;
  } finally {
    dialogue.close();
  }
}
