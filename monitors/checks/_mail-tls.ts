import { once } from "node:events";
import type { Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import type { RunContext } from "../check.ts";
import { cutWith } from "../net/connect.ts";

/**
 * TLS over a connection to a mail server, its certificate verified. Names no protocol (ALPN, RFC 7301): mail servers hang up on
 * one that is not theirs, and web servers' is what other checks ask for.
 */
export async function overTls(
  socket: Socket,
  serverName: string,
  { resources, signal, step }: Pick<RunContext, "resources" | "signal" | "step">,
): Promise<TLSSocket> {
  step("agreeing on TLS", serverName);
  const secureContext = resources.trust.secureContext();
  const secured = cutWith(signal, connect({ socket, servername: serverName, secureContext }), socket);
  await once(secured, "secureConnect", { signal });
  return secured;
}
