import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { RunContext } from "../check.ts";
import { type Address, formatAddress } from "./address.ts";

/** How long each part of opening a connection took, in seconds. */
export interface Phases {
  [name: string]: number;
}

export interface TlsWish {
  /** The name asked for (SNI) and verified. */
  serverName: string;
  /** Accept any certificate: for the check that judges it itself. */
  anyCertificate?: boolean;
  /** Protocols to offer (ALPN, RFC 7301); none for servers that hang up on what is not theirs. */
  protocols?: readonly string[];
}

type Context = Pick<RunContext, "signal" | "resources" | "step">;

/**
 * Opens a TCP connection, and TLS over it where wished. All addresses of the name are tried (RFC 8305).
 * Rejects with the error of the connection, or the signal's reason; nothing is left open then.
 */
export async function openSocket(
  target: Address,
  context: Context,
  tls?: TlsWish,
): Promise<{ socket: Socket; phases: Phases }> {
  const { signal, resources, step } = context;
  signal.throwIfAborted();
  const phases: Phases = {};
  let since = performance.now();
  const lap = (phase: string) => {
    const now = performance.now();
    phases[phase] = (now - since) / 1000;
    since = now;
  };
  let addresses: readonly string[] = [target.host];
  if (isIP(target.host) === 0) {
    step("looking up the address", target.host);
    addresses = await resources.resolver.lookup(target.host, signal);
    lap("dns_seconds");
  }
  step("connecting", { to: formatAddress(target), addresses });
  let socket = await opened(connectTcp(tcpOptions(target, addresses)), "connect", signal);
  lap("connect_seconds");
  if (tls === undefined) return { socket: cutWith(signal, socket), phases };
  step("agreeing on TLS", tls.serverName);
  const secured = connectTls({
    socket,
    ...(isIP(tls.serverName) === 0 ? { servername: tls.serverName } : { host: tls.serverName }),
    secureContext: resources.trust.secureContext(),
    rejectUnauthorized: !tls.anyCertificate,
    ...(tls.anyCertificate ? { checkServerIdentity: () => undefined } : {}),
    ...(tls.protocols === undefined ? {} : { ALPNProtocols: [...tls.protocols] }),
  });
  try {
    socket = await opened(secured, "secureConnect", signal);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  lap("tls_seconds");
  return { socket: cutWith(signal, socket), phases };
}

/** Whoever reads from the socket when the time is over is told so by it. */
function cutWith(signal: AbortSignal, socket: Socket): Socket {
  signal.addEventListener("abort", () => socket.destroy(signal.reason as Error), { once: true });
  return socket;
}

function tcpOptions({ port }: Address, addresses: readonly string[]) {
  const list = addresses.map((address) => ({ address, family: isIP(address) }));
  if (list.length === 1) return { host: list[0]!.address, port };
  return {
    host: "name",
    port,
    autoSelectFamily: true,
    // The names have been looked up already, without the few threads that getaddrinfo would keep busy.
    lookup: (_name: string, _options: unknown, callback: (error: null, found: typeof list) => void) =>
      callback(null, list),
  };
}

function opened<S extends Socket>(socket: S, event: string, signal: AbortSignal): Promise<S> {
  return new Promise((resolve, reject) => {
    const done = () => {
      socket.off("error", onError);
      socket.off("close", onClose);
      signal.removeEventListener("abort", onAbort);
    };
    const fail = (error: unknown) => {
      done();
      // Late errors of a socket that nobody reads any more are of no interest.
      socket.on("error", () => {});
      socket.destroy();
      reject(error);
    };
    const onError = (error: Error) => fail(first(error));
    const onClose = () => fail(Object.assign(new Error("the connection was closed"), { code: "ECONNRESET" }));
    const onAbort = () => fail(signal.reason);
    socket.once("error", onError);
    socket.once("close", onClose);
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once(event, () => {
      done();
      resolve(socket);
    });
  });
}

/** When every address failed, the first failure says most. */
const first = (error: Error): Error =>
  error instanceof AggregateError ? ((error.errors[0] as Error) ?? error) : error;
