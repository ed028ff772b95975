import { type Command, stackFlags } from "./command.ts";
import { readInventory, readSettings } from "./declared.ts";
import { askMail, mailContainer } from "./mail-server.ts";
import { Refusal } from "./refusal.ts";
import { say } from "./say.ts";
import { stackName } from "./stack.ts";

const ACTIONS = ["status", "rotate"] as const;

const command: Command = {
  words: { usage: "[status|rotate]", min: 0, max: 1 },
  flags: {
    stack: stackFlags.stack,
    force: {
      type: "boolean",
      help: "rotate although the DNS does not answer the next key yet: what it signs will not be believed",
    },
  },
  notes:
    "Two keys are always published. `rotate` signs with the other one from now on; mail flows meanwhile, and no signature is ever invalid.",
  async run({ flags, words: [action = "status"] }) {
    if (!(ACTIONS as readonly string[]).includes(action))
      throw new Refusal({
        what: `"${action}" is nothing that dkim does`,
        fix: `npm run dkim -- ${ACTIONS.join(" or ")}`,
      });
    const name = stackName(flags.stack);
    const mail = mailContainer(await readInventory(name, readSettings(name)));
    const { code, stdout, stderr } = await askMail(mail, "vigie-dkim", action, ...(flags.force ? ["--force"] : []));
    if (code !== 0)
      throw new Refusal({
        what: stderr.trim() || stdout.trim() || `vigie-dkim ended with ${code}`,
        fix: /no such container|not running/i.test(stderr)
          ? `npm run up -- --stack ${name}`
          : `npm run dns -- --check --stack ${name}   shows what the DNS answers`,
      });
    say.result(stdout.trimEnd());
  },
};

export default command;
