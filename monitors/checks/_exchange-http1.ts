import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { request as ask } from "../net/http.ts";
import { type Exchanger, MOST_HEADERS } from "./_exchanger.ts";
import { Pieces } from "./_pieces.ts";

/**
 * HTTP/1.1 (RFC 9112) by Node's own client, whose parser is part of it: a new connection for each request costs half of what it does
 * with undici, whose client and parser are made for connections that are kept.
 */
export const http1: Exchanger = (socket, { url, method, headers, body }, maxBytes, context) =>
  new Promise((resolve, reject) => {
    context.step("waiting for the answer");
    const sentAt = performance.now();
    let isComplete = () => false;
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    const asked = ask(
      {
        createConnection: () => socket,
        method,
        path: url.pathname + url.search,
        headers: fieldsOf(method, headers, body),
        maxHeaderSize: MOST_HEADERS,
        joinDuplicateHeaders: true,
      },
      (answer: IncomingMessage) => {
        const firstByteAt = performance.now();
        isComplete = () => answer.complete;
        const status = answer.statusCode!;
        context.step("reading the body", { status, headers: answer.headers });
        const pieces = new Pieces(maxBytes);
        const finish = (cut: boolean) =>
          resolve({ status, headers: answer.headers, body: pieces.body, cut, sentAt, firstByteAt });
        answer.on("data", (piece: Buffer) => {
          if (pieces.add(piece)) return;
          finish(true);
          socket.destroy();
        });
        answer.on("end", () => finish(false));
        answer.on("error", fail);
      },
    );
    // Stays: what a server sends after its answer may be an error too. It is of no account, at once or later: the answer still ends.
    asked.on("error", (error) => {
      if (!isComplete()) fail(error);
    });
    asked.on("upgrade", () =>
      fail(Object.assign(new Error("it changes to another protocol unasked"), { code: "HPE_UNEXPECTED_UPGRADE" })),
    );
    socket.on("close", () => process.nextTick(letGo, socket));
    asked.end(body);
  });

/** Methods that say nothing of a length where there is no body (RFC 9110 section 8.6). */
const WITHOUT_BODY = new Set(["GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT"]);

/** The request's fields in the form that Node writes as they are, in turns name and value; any other is kept in objects first. */
export function fieldsOf(method: string, headers: Readonly<Record<string, string>>, body?: string): string[] {
  const fields: string[] = [];
  for (const name in headers) fields.push(name, headers[name]!);
  if (body !== undefined || !WITHOUT_BODY.has(method))
    fields.push("content-length", String(Buffer.byteLength(body ?? "")));
  fields.push("connection", "close");
  return fields;
}

/**
 * Node's writable streams hold a function (`onwrite`) that V8 makes among what is old, for it is written as an assignment to a property:
 * until the next large collection it keeps the socket, and by it would keep all of the check that was made over it.
 */
function letGo(socket: Socket & { _httpMessage?: unknown }): void {
  socket.removeAllListeners();
  // Nobody waits for one any more; it would end the lookout all the same.
  socket.on("error", ignore);
  socket._httpMessage = null;
}

const ignore = () => {};
