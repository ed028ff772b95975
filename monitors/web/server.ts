import { once } from "node:events";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer } from "../net/http.ts";

export interface Serving {
  /** The port really listened on. */
  port: number;
  /** Lets answers under way be finished for `graceMs`, then cuts them. */
  stop(graceMs: number): Promise<void>;
}

/** How long the rest of a request may take to come once it is answered. */
const LET_GO_MS = 1000;

/** Serves until stopped. @throws where the port cannot be opened. */
export async function serve(app: RequestListener, listen: number, address: string): Promise<Serving> {
  const server: Server = createServer(
    // Slow readers and writers do not keep a place for ever.
    { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 5000, connectionsCheckingInterval: 5000 },
    app,
  );
  server.maxConnections = 512;
  // Nor do those who go on sending what nobody reads any more: five hundred of them would keep everybody else out for half a minute.
  server.prependListener("request", (request, response) => {
    response.once("finish", () => {
      if (!request.complete) setTimeout(() => request.complete || request.socket.destroy(), LET_GO_MS).unref();
    });
  });
  server.listen(listen, address);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    stop: async (graceMs) => {
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}
