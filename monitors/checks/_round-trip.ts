import { setTimeout as wait } from "node:timers/promises";
import type { ImapFlow } from "imapflow";
import { createTransport } from "nodemailer";
import { failed, type Outcome, type RunContext } from "../check.ts";
import type { Address } from "../net/address.ts";
import { connection, isRefusal } from "./_mailbox.ts";

/** How often the box is looked at while the message is on its way, in milliseconds. */
const LOOK_EVERY = 500;
/** Messages of runs that did not end are removed after this time, in milliseconds. */
const STALE = 3_600_000;
/** Begins the subject of every message of the lookout's own. */
const SUBJECT = "vigie-probe";

export interface Letter {
  from: string;
  to: string;
  /** Makes the subject one of its own. */
  token: string;
}

/** Submits a message of the lookout's own. @returns how long it took to be accepted, in seconds */
export async function submit(
  out: Address,
  serverName: string | undefined,
  { login, password }: { login: string; password: string },
  { from, to, token }: Letter,
  context: RunContext,
): Promise<number> {
  const transport = createTransport({
    ...(await connection(out, serverName, context)),
    auth: { user: login, pass: password },
  });
  const hangUp = () => transport.close();
  context.signal.addEventListener("abort", hangUp, { once: true });
  try {
    context.step("submitting", { to, token });
    const since = performance.now();
    await transport.sendMail({ from, to, subject: `${SUBJECT} ${token}`, text: "A message of the lookout to itself." });
    return (performance.now() - since) / 1000;
  } finally {
    context.signal.removeEventListener("abort", hangUp);
    transport.close();
  }
}

/** Waits for a message to be there, removes it and those that earlier runs have left. @returns the folder it came to */
export async function collect(client: ImapFlow, token: string, context: RunContext): Promise<"INBOX" | "Junk"> {
  for (;;) {
    for (const folder of ["INBOX", "Junk"] as const) {
      await client.mailboxOpen(folder);
      const found = (await client.search({ header: { subject: token } }, { uid: true })) || [];
      if (found.length === 0) continue;
      const before = new Date(Date.now() - STALE);
      const stale = (await client.search({ header: { subject: SUBJECT }, before }, { uid: true })) || [];
      await client.messageDelete([...found, ...stale], { uid: true });
      return folder;
    }
    context.step("not there yet");
    await wait(LOOK_EVERY, undefined, { signal: context.signal });
  }
}

/** The outcome of a round trip that a server refused, by its words; what has another cause is thrown on. */
export function refusedTrip(error: unknown, login: string, measures: Readonly<Record<string, number>>): Outcome {
  if (isRefusal(error)) return failed("wrong-password", `the server refuses ${login}`, { measures });
  const said = refusalOf(error);
  if (said !== undefined) return failed("wrong-reply", `the server refused the message: ${said}`, { measures });
  throw error;
}

/** What a server answered to a message that it refused, in short; undefined where the error is another. */
function refusalOf(error: unknown): string | undefined {
  const said = (error as { response?: unknown }).response;
  return typeof said === "string" ? JSON.stringify(said.slice(0, 160)) : undefined;
}
