import { type ClientHttp2Stream, connect, constants, type IncomingHttpHeaders } from "node:http2";
import { type Exchanger, MOST_HEADERS, type Received } from "./_exchanger.ts";
import { Pieces } from "./_pieces.ts";

/** Header fields that an answer may have; each costs more than its bytes. */
const MOST_FIELDS = 1000;

const {
  HTTP2_HEADER_METHOD,
  HTTP2_HEADER_PATH,
  HTTP2_HEADER_AUTHORITY,
  HTTP2_HEADER_SCHEME,
  HTTP2_HEADER_STATUS,
  NGHTTP2_CANCEL,
  NGHTTP2_NO_ERROR,
  NGHTTP2_REFUSED_STREAM,
} = constants;

/**
 * HTTP/2 (RFC 9113) by Node's own client, loaded only where a server has agreed on it: it lets a server say goodbye and still finish its answer
 * (section 6.8), and tells an answer that was cut from one that is whole; undici does neither.
 */
export const http2: Exchanger = async (socket, { url, method, headers, body }, maxBytes, context) => {
  const session = connect(url.origin, {
    createConnection: () => socket,
    maxHeaderListPairs: MOST_FIELDS,
    settings: { enablePush: false, maxHeaderListSize: MOST_HEADERS },
  });
  try {
    return await new Promise<Received>((resolve, reject) => {
      session.on("error", reject);
      session.on("close", () => reject(cut("the connection was closed")));
      // The authority is a pseudo-header (RFC 9113 section 8.3.1).
      const { host, ...others } = headers;
      const sentAt = performance.now();
      context.step("waiting for the answer");
      const stream = session.request({
        [HTTP2_HEADER_METHOD]: method,
        [HTTP2_HEADER_SCHEME]: url.protocol.slice(0, -1),
        [HTTP2_HEADER_AUTHORITY]: host,
        [HTTP2_HEADER_PATH]: url.pathname + url.search,
        ...others,
      });
      stream.on("error", (error) => reject(asCut(error, stream)));
      const pieces = new Pieces(maxBytes);
      let answer: { status: number; headers: IncomingHttpHeaders; firstByteAt: number } | undefined;
      const finish = (isCut: boolean) =>
        answer && resolve({ ...answer, headers: fieldsOf(answer.headers), body: pieces.body, cut: isCut, sentAt });
      stream.on("response", (found) => {
        const status = Number(found[HTTP2_HEADER_STATUS]);
        answer = { status, headers: found, firstByteAt: performance.now() };
        context.step("reading the body", { status, headers: fieldsOf(found) });
      });
      stream.on("data", (piece: Buffer) => {
        if (pieces.add(piece)) return;
        finish(true);
        session.destroy();
      });
      stream.on("close", () => {
        const problem = answer && whyNotWhole(stream, answer.headers["content-length"], pieces.body.length, method);
        if (problem === undefined) finish(false);
        reject(cut(problem ?? "it ended without an answer"));
      });
      stream.end(body);
    });
  } finally {
    // What comes later is of no account, and would end the lookout if nobody listened.
    session.on("error", () => {});
    session.destroy();
    socket.destroy();
  }
};

const cut = (words: string): Error => Object.assign(new Error(words), { code: "ECONNRESET" });

/** A server that takes its answer back has cut it, and broken no rule. */
const asCut = (error: Error, { rstCode }: ClientHttp2Stream): Error =>
  rstCode === NGHTTP2_CANCEL || rstCode === NGHTTP2_REFUSED_STREAM ? cut("the server gave the answer up") : error;

function whyNotWhole(
  { rstCode }: ClientHttp2Stream,
  announced: string | undefined,
  came: number,
  method: string,
): string | undefined {
  if (rstCode !== NGHTTP2_NO_ERROR) return "the server gave the answer up";
  if (announced === undefined || method === "HEAD" || came >= Number(announced)) return undefined;
  return `${came} of ${announced} bytes came`;
}

/** Without pseudo-headers. */
const fieldsOf = (headers: IncomingHttpHeaders): Received["headers"] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(":")));
