import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type Server } from "node:http";

const NONCE = /^[0-9a-f]{32,128}$/;
const proof = (key: string, words: string): string => createHmac("sha256", key).update(words).digest("hex");

/** Whether two proofs are the same, in a time that tells nothing. */
function same(given: unknown, expected: string): boolean {
  const one = Buffer.from(String(given));
  const other = Buffer.from(expected);
  return one.length === other.length && timingSafeEqual(one, other);
}

/**
 * Answers `GET /report` to whoever proves that they know the key, and proves in turn that the answer is the agent's own and
 * made for this very question: the key itself is never sent, and an old answer is no use to anybody.
 *
 * Asked with `vigie-nonce` (hexadecimal) and `vigie-proof`, HMAC-SHA256 (RFC 2104) of `ask NONCE`; answered with
 * `vigie-proof`, that of `answer NONCE BODY`.
 */
export function serveReport(key: string, report: () => object, port: number, address = "0.0.0.0"): Server {
  const server = createServer(
    { requestTimeout: 10_000, headersTimeout: 10_000, maxHeaderSize: 4096 },
    (request, response) => {
      const nonce = String(request.headers["vigie-nonce"] ?? "");
      const known = NONCE.test(nonce) && same(request.headers["vigie-proof"], proof(key, `ask ${nonce}`));
      if (request.method !== "GET" || request.url !== "/report" || !known) {
        response.writeHead(known ? 404 : 401, { connection: "close" }).end();
        return;
      }
      const body = JSON.stringify(report());
      response
        .writeHead(200, { "content-type": "application/json", "vigie-proof": proof(key, `answer ${nonce} ${body}`) })
        .end(body);
    },
  );
  server.maxConnections = 20;
  server.on("clientError", (_, socket) => socket.destroy());
  return server.listen(port, address);
}
