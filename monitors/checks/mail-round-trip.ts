import { randomBytes } from "node:crypto";
import { z } from "zod";
import { hostname, secret, secretFile } from "../../association/index.ts";
import { mailAddress } from "../../association/schema/values.ts";
import { defineCheck, failed, good } from "../check.ts";
import { parseAddress } from "../net/address.ts";
import { hostPort, written } from "./_address.ts";

const params = z.strictObject({
  /** The box that is written to and read. */
  address: mailAddress,
  /** Where to submit over TLS, `host:port`; the service's port `submissions` when left out. */
  submit: hostPort.optional(),
  /** Where to read over TLS, `host:port`; the service's port `imaps` when left out. */
  read: hostPort.optional(),
  /** The name that the certificates must be for. */
  serverName: hostname.optional(),
  /** The box's login. */
  login: z.string().min(1).default("vigie-probe"),
  /** Its password; the one that the stack derives for the login when left out. */
  password: secret.optional(),
});

export default defineCheck({
  summary: "A message goes the whole way: submitted, filtered, delivered, read, deleted",
  params,
  resolve: (own, context) => {
    const submit = own.submit ?? written(context.endpoint("submissions"));
    const read = own.read ?? written(context.endpoint("imaps"));
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
    const [{ collect, refusedTrip, submit: post }, { signIn }, { readSecret }] = await Promise.all([
      import("./_round-trip.ts"),
      import("./_mailbox.ts"),
      import("./_secret.ts"),
    ]);
    const [out, back] = [parseAddress(submit ?? ""), parseAddress(read ?? "")];
    if (ref === undefined || out === undefined || back === undefined)
      return failed("not-configured", "this check was not completed from its service");
    const password = await readSecret(ref);
    if (password === undefined) return failed("not-configured", `${secretFile(ref)} cannot be read`);
    const measures: Record<string, number> = {};
    const token = randomBytes(12).toString("hex");
    const account = { login, password };
    try {
      measures.submit_seconds = await post(out, serverName, account, { from: address, to: address, token }, context);
      const accepted = performance.now();
      const client = await signIn(back, serverName, account, context);
      try {
        const folder = await collect(client, token, context);
        measures.delivery_seconds = (performance.now() - accepted) / 1000;
        return folder === "INBOX"
          ? good({ measures })
          : failed("taken-for-spam", "our own message was taken for spam: it came to Junk", { measures });
      } finally {
        client.close();
      }
    } catch (error) {
      return refusedTrip(error, login, measures);
    }
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    "mail-round-trip": z.input<typeof params>;
  }
}
