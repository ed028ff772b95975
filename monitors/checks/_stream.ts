import type { Socket } from "node:net";
import { z } from "zod";
import { hostname } from "../../association/index.ts";
import type { RunContext } from "../check.ts";
import { type Address, formatAddress, parseAddress } from "../net/address.ts";
import { openSocket, type Phases, secure } from "../net/connect.ts";
import type { StartTlsProtocol } from "./_starttls-names.ts";

/** `host:port`, or the name of one of the service's own ports. */
export const addressParam = z.string().min(1).max(300);

/** How a connection is protected: not at all, after the protocol's own request, or from the first byte. */
export const TLS_MODES = ["no", "starttls", "yes"] as const;

/** Fields of every check that connects to a server of its protocol. */
export const streamParams = {
  /** Where to connect: `host:port`, or the name of one of the service's own ports. */
  address: addressParam.optional(),
  /** Whether TLS protects it: not at all, on the protocol's own request, or from the first byte; its certificate is verified. */
  tls: z.enum(TLS_MODES).default("no"),
  /** The name that the certificate must be for; the address's own when left out. */
  serverName: hostname.optional(),
};

interface Own {
  address?: string | undefined;
  tls: (typeof TLS_MODES)[number];
  serverName?: string | undefined;
}

interface Asked {
  service: { id: string; ports: Readonly<Record<string, unknown>> };
  endpoint(port: string): Address | undefined;
}

/** The parameters with their address in full; a string says why it cannot be known. `port` is the name of the usual one. */
export function withAddress<P extends { address?: string | undefined }>(
  own: P,
  { endpoint, service }: Asked,
  port: string,
): P | string {
  const address = own.address ?? port;
  if (parseAddress(address)) return own;
  const found = endpoint(address);
  if (found) return { ...own, address: formatAddress(found) };
  return `an \`address\` \`host:port\`, or a reachable port of ${service.id} (${Object.keys(service.ports).join(", ") || "it has none"})`;
}

/** What a check may read of a server in all, in bytes. */
const MOST_READ = 4 * 1024 * 1024;
const LOOK_EVERY_MS = 25;

/** More came than the check may read. */
export class Flood extends Error {
  override name = "Flood";
  readonly code = "VIGIE_TOO_LARGE";
}

/** A connection as a protocol's library takes it over: open, TLS agreed on where wished, and cut when too much comes. */
export async function openStream(
  own: Own,
  protocol: StartTlsProtocol,
  context: RunContext,
): Promise<{ socket: Socket; phases: Phases; flooded(): Flood | undefined; refused?: string }> {
  const target = parseAddress(own.address ?? "");
  if (target === undefined) throw new Error("this check was not completed from its service");
  const opened = await openSocket(target, context);
  const { phases } = opened;
  let { socket } = opened;
  let flood: Flood | undefined;
  const flooded = () => flood;
  const raw = socket;
  try {
    if (own.tls === "starttls") {
      const { startTls } = await import("./_starttls.ts");
      const refused = await startTls(protocol, socket, context);
      if (refused !== undefined) {
        socket.destroy();
        return { socket, phases, flooded, refused };
      }
    }
    if (own.tls !== "no") {
      const since = performance.now();
      socket = await secure(socket, { serverName: own.serverName ?? target.host }, context);
      phases.tls_seconds = (performance.now() - since) / 1000;
    }
  } catch (error) {
    socket.destroy();
    throw error;
  }
  // Libraries keep what they read until they have understood it: the number of bytes is what bounds them.
  const looking = setInterval(() => {
    if (raw.bytesRead <= MOST_READ) return;
    flood = new Flood(`more than ${MOST_READ} bytes came`);
    socket.destroy(flood);
  }, LOOK_EVERY_MS);
  raw.once("close", () => clearInterval(looking));
  return { socket, phases, flooded };
}

/** The same connection for a library that wants to open it by itself: its `connect` only says that it is open. */
export function alreadyOpen(socket: Socket): Socket {
  socket.connect = () => {
    process.nextTick(() => socket.emit("connect"));
    return socket;
  };
  const removeAll = socket.removeAllListeners.bind(socket);
  socket.removeAllListeners = (event) => {
    removeAll(event);
    // An error that nobody listens for would end the whole lookout.
    return socket.on("error", () => {});
  };
  return socket;
}
