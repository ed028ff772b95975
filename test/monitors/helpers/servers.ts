import { once } from "node:events";
import { createServer as createHttp, type RequestListener } from "node:http";
import { createSecureServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { createServer as createTcp, type Server, type Socket } from "node:net";
import { createServer as createTls, type TlsOptions } from "node:tls";
import { onTestFinished } from "vitest";

async function listening(server: Server, sockets: Set<Socket>): Promise<number> {
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    const closed = once(server, "close");
    server.close();
    await closed;
  });
  return (server.address() as AddressInfo).port;
}

export interface Started {
  port: number;
  /** Connections open now. */
  open: ReadonlySet<Socket>;
}

/** A web server on a port of its own, closed when the test ends. */
export async function web(listener: RequestListener): Promise<Started & { url: string }> {
  const open = new Set<Socket>();
  const port = await listening(createHttp({ keepAliveTimeout: 60_000 }, listener), open);
  return { port, open, url: `http://127.0.0.1:${port}` };
}

/** A web server that speaks HTTP/2 only. */
export async function web2(options: TlsOptions, onStream: (stream: ServerHttp2Stream) => void) {
  const open = new Set<Socket>();
  const server = createSecureServer({ ...options, allowHTTP1: false });
  server.on("stream", onStream);
  server.on("sessionError", () => {});
  const port = await listening(server as unknown as Server, open);
  return { port, open: open as ReadonlySet<Socket>, url: `https://localhost:${port}` };
}

/** A TCP server that does what it is told with each connection. */
export async function tcp(handler: (socket: Socket) => void): Promise<Started & { address: string }> {
  const open = new Set<Socket>();
  const port = await listening(createTcp(handler), open);
  return { port, open, address: `127.0.0.1:${port}` };
}

/** A TLS server; hangs up as soon as TLS is agreed on unless told otherwise. */
export async function tls(
  options: TlsOptions,
  handler?: (socket: Socket) => void,
): Promise<Started & { address: string }> {
  const open = new Set<Socket>();
  const server = createTls(options, (socket) => {
    socket.on("error", () => {});
    handler?.(socket);
  });
  server.on("tlsClientError", () => {});
  const port = await listening(server, open);
  return { port, open, address: `127.0.0.1:${port}` };
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createTcp().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
