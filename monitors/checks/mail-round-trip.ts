import { randomBytes } from "node:crypto";
import { z } from "zod";
import { hostname, secret, secretFile } from "../../association/index.ts";
import { mailAddress } from "../../association/schema/values.ts";
import { defineCheck, failed, good } from "../check.ts";
import { formatAddress, parseAddress } from "../net/address.ts";

const endpoint = z.string().refine((text) => parseAddress(text) !== undefined, "an address `host:port`");

const params = z.strictObject({
  /** The box that is written to and read. */
  address: mailAddress,
  /** Where to submit over TLS, `host:port`; the service's port `submissions` when left out. */
  submit: endpoint.optional(),
  /** Where to read over TLS, `host:port`; the service's port `imaps` when left out. */
  read: endpoint.optional(),
  /** The name that the certificates must be for. */
  serverName: hostname.optional(),
  /** The box's login. */
  login: z.string().min(1).default("vigie-probe"),
  /** Its password; the one that the stack derives for the login when left out. */
  password: secret.optional(),
});

/** How often the box is looked at while the message is on its way, in milliseconds. */
const LOOK_EVERY = 500;
/** Messages of runs that did not end are removed after this time, in milliseconds. */
const STALE = 3_600_000;
const SUBJECT = "vigie-probe";

export default defineCheck({
  summary: "A message goes the whole way: submitted, filtered, delivered, read, deleted",
  params,
  resolve: (own, context) => {
    const submit = own.submit ?? format(context.endpoint("submissions"));
    const read = own.read ?? format(context.endpoint("imaps"));
    if (submit === undefined || read === undefined)
      return `\`submit\` and \`read\`: ${context.service.id} has no ports \`submissions\` and \`imaps\` that are reached from here`;
    return { ...own, submit, read, password: own.password ?? { derived: `mail/${own.login}` } };
  },
  secrets: ({ password }) => (password === undefined ? [] : [password]),
  target: ({ address }) => address,
  measures: {
    submit_seconds: { help: "Time until the server accepted the message." },
    delivery_seconds: {
      help: "Time from the acceptance of the message until it could be read.",
      metric: "vigie_mail_delivery_seconds",
    },
  },
  run: async ({ address, submit, read, serverName, login, password: ref }, context) => {
    const [{ createTransport }, { connection, isRefusal, signIn }, { readSecret }, { setTimeout: wait }] =
      await Promise.all([
        import("nodemailer"),
        import("./_mailbox.ts"),
        import("./_secret.ts"),
        import("node:timers/promises"),
      ]);
    const [out, back] = [parseAddress(submit ?? ""), parseAddress(read ?? "")];
    if (ref === undefined || out === undefined || back === undefined)
      return failed("not-configured", "this check was not completed from its service");
    const password = await readSecret(ref);
    if (password === undefined) return failed("not-configured", `${secretFile(ref)} cannot be read`);
    const measures: Record<string, number> = {};
    const token = randomBytes(12).toString("hex");
    const transport = createTransport({
      ...(await connection(out, serverName, context)),
      auth: { user: login, pass: password },
    });
    const hangUp = () => transport.close();
    context.signal.addEventListener("abort", hangUp, { once: true });
    try {
      context.step("submitting", { to: address, token });
      const since = performance.now();
      await transport.sendMail({
        from: address,
        to: address,
        subject: `${SUBJECT} ${token}`,
        text: "A message of the lookout to itself.",
      });
      measures.submit_seconds = (performance.now() - since) / 1000;
      const accepted = performance.now();
      const client = await signIn(back, serverName, { login, password }, context);
      try {
        for (;;) {
          for (const folder of ["INBOX", "Junk"]) {
            await client.mailboxOpen(folder);
            const found = (await client.search({ header: { subject: token } }, { uid: true })) || [];
            if (found.length === 0) continue;
            measures.delivery_seconds = (performance.now() - accepted) / 1000;
            const stale =
              (await client.search(
                { header: { subject: SUBJECT }, before: new Date(Date.now() - STALE) },
                { uid: true },
              )) || [];
            await client.messageDelete([...found, ...stale], { uid: true });
            return folder === "INBOX"
              ? good({ measures })
              : failed("taken-for-spam", "our own message was taken for spam: it came to Junk", { measures });
          }
          context.step("not there yet");
          await wait(LOOK_EVERY, undefined, { signal: context.signal });
        }
      } finally {
        client.close();
      }
    } catch (error) {
      if (isRefusal(error)) return failed("wrong-password", `the server refuses ${login}`, { measures });
      const said = (error as { response?: unknown }).response;
      if (typeof said === "string")
        return failed("wrong-reply", `the server refused the message: ${JSON.stringify(said.slice(0, 160))}`, {
          measures,
        });
      throw error;
    } finally {
      context.signal.removeEventListener("abort", hangUp);
      transport.close();
    }
  },
});

const format = (found: { host: string; port: number } | undefined): string | undefined => found && formatAddress(found);

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    "mail-round-trip": z.input<typeof params>;
  }
}
