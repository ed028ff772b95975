import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type SecureVersion, type TLSSocket } from "node:tls";
import type { RunContext } from "../check.ts";
import { type Address, formatAddress } from "./address.ts";
import { wrongIdentity } from "./certificates.ts";

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
  /** Offer no newer version: to see whether an old one is still accepted. */
  maxVersion?: SecureVersion;
}

/** Which of a name's addresses are tried. */
export interface AddressWish {
  /** Only those of this version of IP. */
  family?: 4 | 6;
  /** Only those that it accepts: asked about the address itself, so that no name can lead elsewhere between question and connection. */
  allow?(address: string): boolean;
}

/** The addresses of a name are not among those that may be connected to. */
export class ForbiddenAddress extends Error {
  override name = "ForbiddenAddress";
  readonly code = "VIGIE_FORBIDDEN_ADDRESS";
}

type Context = Pick<RunContext, "signal" | "resources" | "step">;

/**
 * Opens a TCP connection, and TLS over it where wished. All addresses of the name are tried (RFC 8305); `address` is the one that answered.
 * Rejects with the error of the connection, or the signal's reason; nothing is left open then.
 */
export async function openSocket(
  target: Address,
  context: Context,
  tls?: TlsWish,
  wish: AddressWish = {},
): Promise<{ socket: Socket; phases: Phases; address: string }> {
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
  addresses = chosen(target.host, addresses, wish);
  step("connecting", { to: formatAddress(target), addresses });
  const socket = cutWith(signal, connectTcp(tcpOptions(target, addresses)));
  await opened(socket, "connect");
  lap("connect_seconds");
  // Where there was no choice it is known: asking the system takes a twentieth of a check.
  const address = addresses.length === 1 ? addresses[0]! : (socket.remoteAddress ?? "");
  if (tls === undefined) return { socket, phases, address };
  const secured = await secure(socket, tls, context);
  lap("tls_seconds");
  return { socket: secured, phases, address };
}

/** TLS over a connection that is open already. Rejects as `openSocket` does; nothing is left open then. */
export async function secure(socket: Socket, tls: TlsWish, context: Context): Promise<TLSSocket> {
  const { signal, resources, step } = context;
  step("agreeing on TLS", tls.serverName);
  const secured = connectTls({
    socket,
    ...(isIP(tls.serverName) === 0 ? { servername: tls.serverName } : { host: tls.serverName }),
    ...(tls.maxVersion === undefined
      ? { secureContext: resources.trust.secureContext() }
      : // Security level 0 (openssl-ciphers(1)): our own library would refuse before the server can.
        { maxVersion: tls.maxVersion, minVersion: "TLSv1", ciphers: "DEFAULT:!DHE:@SECLEVEL=0" }),
    rejectUnauthorized: !tls.anyCertificate,
    checkServerIdentity: tls.anyCertificate ? () => undefined : wrongIdentity,
    ...(tls.protocols === undefined ? {} : { ALPNProtocols: [...tls.protocols] }),
  });
  carriers.add(socket);
  try {
    await opened(secured, "secureConnect", signal);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return cutWith(signal, secured, socket);
}

function chosen(host: string, addresses: readonly string[], { family, allow }: AddressWish): readonly string[] {
  if (family === undefined && allow === undefined) return addresses;
  const ofFamily = family === undefined ? addresses : addresses.filter((address) => isIP(address) === family);
  if (ofFamily.length === 0) throw Object.assign(new Error(`${host} has no IPv${family} address`), { code: "ENODATA" });
  const allowed = allow === undefined ? ofFamily : ofFamily.filter(allow);
  if (allowed.length > 0) return allowed;
  throw new ForbiddenAddress(`${host} is at ${ofFamily.join(", ")}, where this check may not be sent`);
}

/** Connections that TLS lies over: it is TLS that is cut, and cuts them. */
const carriers = new WeakSet<Socket>();

/**
 * Whoever reads from the socket when the time is over is told so by it.
 * @param under the connection that it lies over, where it is TLS
 */
export function cutWith<S extends Socket>(signal: AbortSignal, socket: S, under?: Socket): S {
  if (under !== undefined) carriers.add(under);
  // An error that nobody listens for just then would end the whole lookout; whoever waits finds it in `errored`.
  socket.on("error", ignore);
  const cut = () => {
    // TLS that is destroyed just after the connection under it crashes Node 24.21 (SIGSEGV), and the lookout with it.
    if (!carriers.has(socket) && !under?.destroyed) socket.destroy(signal.reason as Error);
  };
  signal.addEventListener("abort", cut, { once: true });
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

/** Waits for the event; `signal` is given where nothing else cuts the socket when it is aborted. */
function opened<S extends Socket>(socket: S, event: string, signal?: AbortSignal): Promise<S> {
  return new Promise((resolve, reject) => {
    const done = () => {
      socket.off(event, onOpen);
      socket.off("error", onError);
      socket.off("close", onClose);
      signal?.removeEventListener("abort", onAbort);
    };
    const fail = (error: unknown) => {
      done();
      // Late errors of a socket that nobody reads any more are of no interest.
      socket.on("error", ignore);
      socket.destroy();
      reject(error);
    };
    const onOpen = () => {
      done();
      resolve(socket);
    };
    const onError = (error: Error) => fail(first(error));
    const onClose = () => fail(Object.assign(new Error("the connection was closed"), { code: "ECONNRESET" }));
    const onAbort = () => fail(signal!.reason);
    // Each is called once at most, and taken away by hand: `once` would make another function for each.
    socket.on(event, onOpen);
    socket.on("error", onError);
    socket.on("close", onClose);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

const ignore = () => {};

/** When every address failed, the first failure says most. */
const first = (error: Error): Error =>
  error instanceof AggregateError ? ((error.errors[0] as Error) ?? error) : error;
