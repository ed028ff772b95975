import { randomBytes } from "node:crypto";
import { z } from "zod";
import { hostname, listName, secret, secretFile } from "../../association/index.ts";
import { mailAddress } from "../../association/schema/values.ts";
import { defineCheck, failed, good } from "../check.ts";
import { parseAddress } from "../net/address.ts";
import { hostPort, written } from "./_address.ts";

const params = z.strictObject({
  /** The list that is written to. The lookout's box is one of its subscribers, and may write to it. */
  list: mailAddress,
  /** The lookout's box. */
  address: mailAddress,
  /** Where to submit over TLS, `host:port`; the mail service's port `submissions` when left out. */
  submit: hostPort.optional(),
  /** Where to read the box over TLS, `host:port`; the mail service's port `imaps` when left out. */
  read: hostPort.optional(),
  /** The name that the certificates must be for; the mail service's own name when left out. */
  serverName: hostname.optional(),
  /** The box's login. */
  login: z.string().min(1).default("vigie-probe"),
  /** Its password; the one that the stack derives for the login when left out. */
  password: secret.optional(),
  /**
   * The page of the list's archive that shows new messages by subject, open to everybody; Sympa's own at the service's web address
   * when left out, `false` where there is none.
   */
  archive: z.union([z.literal(false), z.url({ protocol: /^https?$/ })]).optional(),
});

const LOOK_EVERY = 1000;
/** Redirections that are followed at each look. */
const MOST_HOPS = 3;
/** What is read of a page of the archive at most, in bytes. */
const MOST_READ = 1_000_000;

export default defineCheck({
  summary: "A message goes round a mailing list: posted, distributed, read, archived",
  params,
  resolve: (own, context) => {
    const submit = own.submit ?? written(context.reach("mail", "submissions"));
    const read = own.read ?? written(context.reach("mail", "imaps"));
    if (submit === undefined || read === undefined)
      return "`submit` and `read`: there is no mail service of ours that is reached from the lookout";
    const serverName = own.serverName ?? (context.settingsOf("mail") as { hostname?: string } | undefined)?.hostname;
    const archive =
      own.archive ?? (context.webUrl === undefined ? false : `${context.webUrl}/sympa/arc/${listName(own.list)}`);
    return {
      ...own,
      submit,
      read,
      archive,
      password: own.password ?? { derived: `mail/${own.login}` },
      ...(serverName === undefined ? {} : { serverName }),
    };
  },
  secrets: ({ password }) => (password === undefined ? [] : [password]),
  target: ({ list }) => list,
  measures: {
    submit_seconds: { help: "Time until the server accepted the message." },
    delivery_seconds: {
      help: "Time from the acceptance of the message until a subscriber could read it.",
      metric: "vigie_list_delivery_seconds",
    },
    archive_seconds: { help: "Time from the acceptance of the message until the archive showed it." },
  },
  run: async ({ list, address, submit: out, read, serverName, login, password: ref, archive }, context) => {
    const [{ collect, refusedTrip, submit }, { signIn }, { readSecret }, { exchange }, { setTimeout: wait }] =
      await Promise.all([
        import("./_round-trip.ts"),
        import("./_mailbox.ts"),
        import("./_secret.ts"),
        import("./_exchange.ts"),
        import("node:timers/promises"),
      ]);
    const [door, box] = [parseAddress(out ?? ""), parseAddress(read ?? "")];
    if (ref === undefined || door === undefined || box === undefined)
      return failed("not-configured", "this check was not completed from its service");
    const password = await readSecret(ref);
    if (password === undefined) return failed("not-configured", `${secretFile(ref)} cannot be read`);
    const measures: Record<string, number> = {};
    const account = { login, password };
    const token = randomBytes(12).toString("hex");
    try {
      measures.submit_seconds = await submit(door, serverName, account, { from: address, to: list, token }, context);
      const accepted = performance.now();
      const since = () => (performance.now() - accepted) / 1000;
      const client = await signIn(box, serverName, account, context);
      let folder: string;
      try {
        folder = await collect(client, token, context);
      } finally {
        client.close();
      }
      measures.delivery_seconds = since();
      if (folder !== "INBOX")
        return failed("taken-for-spam", "the list's message was taken for spam: it came to Junk", { measures });
      if (archive === undefined || archive === false) return good({ measures });
      // Sympa sends from the archive to that of the month, and elsewhere while there is none yet: each look begins anew.
      for (let page = new URL(archive), hops = 0; ; ) {
        context.step("looking at the archive", { page: page.href });
        const answer = await exchange({ url: page, method: "GET", headers: {} }, MOST_READ, context);
        const { status, body } = answer;
        if (body.includes(token)) break;
        const location = answer.header("location");
        if (status >= 300 && status < 400 && location !== undefined && URL.canParse(location, page.href)) {
          const { pathname, search } = new URL(location, page.href);
          // Never to another machine, whatever it says.
          page = new URL(pathname + search, page.origin);
          if (hops++ < MOST_HOPS) continue;
        } else if (status !== 200)
          return failed("wrong-status", `${page.href} answers ${status}, not 200`, { measures });
        context.step("waiting for the archive to show it", { status });
        [page, hops] = [new URL(archive), 0];
        await wait(LOOK_EVERY, undefined, { signal: context.signal });
      }
      measures.archive_seconds = since();
      return good({ measures });
    } catch (error) {
      return refusedTrip(error, login, measures);
    }
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    "list-round-trip": z.input<typeof params>;
  }
}
