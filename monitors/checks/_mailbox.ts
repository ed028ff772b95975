import { isIP } from "node:net";
import type { ImapFlow } from "imapflow";
import type { RunContext } from "../check.ts";
import type { Address } from "../net/address.ts";
import { reasonOfError } from "../net/failure.ts";

/** Options by which imapflow and nodemailer reach a server as other checks do: our resolver, our authorities, one name. */
export async function connection(target: Address, serverName: string | undefined, context: RunContext) {
  const addresses = isIP(target.host)
    ? [target.host]
    : await context.resources.resolver.lookup(target.host, context.signal);
  return {
    host: addresses[0]!,
    port: target.port,
    secure: true,
    tls: { servername: serverName ?? target.host, secureContext: context.resources.trust.secureContext() },
  };
}

/**
 * What a server may say at once, in bytes: the library's own bound is a gigabyte. Messages are fetched piece by piece, so that the longest
 * answers are lists of messages.
 */
const MOST_READ = 4 * 1024 * 1024;

/** An IMAP client (RFC 9051) that has signed in; it is gone when the signal says so. */
export async function signIn(
  target: Address,
  serverName: string | undefined,
  { login: user, password: pass }: { login: string; password: string },
  context: RunContext,
): Promise<ImapFlow> {
  const { ImapFlow: Client } = await import("imapflow");
  const client = new Client({
    ...(await connection(target, serverName, context)),
    auth: { user, pass },
    logger: false,
    disableAutoIdle: true,
    maxLineLength: MOST_READ,
    maxLiteralSize: MOST_READ,
    maxResponseSize: 2 * MOST_READ,
  });
  // Errors after the fact are events as well as rejections.
  client.on("error", () => {});
  context.signal.addEventListener("abort", () => client.close(), { once: true });
  try {
    await client.connect();
  } catch (error) {
    // What the library stumbles over while it reads is the server's doing.
    throw isRefusal(error) || reasonOfError(error) !== "internal" ? error : asMalformed(error as Error);
  }
  return client;
}

const asMalformed = (error: Error): Error => Object.assign(error, { code: "VIGIE_MALFORMED" });

/** True for an error that says "wrong login or password". */
export const isRefusal = (error: unknown): boolean =>
  (error as { authenticationFailed?: boolean }).authenticationFailed === true ||
  (error as { code?: string }).code === "EAUTH";
