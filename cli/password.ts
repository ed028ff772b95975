import { type Command, stackFlags, suggestion } from "./command.ts";
import { Refusal } from "./refusal.ts";
import { say } from "./say.ts";
import { openStack, stackName } from "./stack.ts";

/** The first password of `login`. @throws {Refusal} naming the nearest login, and all of them */
export function passwordOf(login: string, passwords: Readonly<Record<string, string>>): string {
  const logins = Object.keys(passwords).sort();
  const found = Object.hasOwn(passwords, login) ? passwords[login] : undefined;
  if (found !== undefined) return found;
  throw new Refusal({
    what: `Nobody signs in as "${login}"${suggestion(login, logins)}`,
    fix: logins.length > 0 ? `Logins: ${logins.join(", ")}` : "npm run up   makes the accounts first",
  });
}

const command: Command = {
  words: { usage: "[LOGIN]", min: 0, max: 1 },
  flags: { stack: stackFlags.stack },
  notes:
    "Without a login, it lists those that have one. `npm run --silent password -- LOGIN` writes the password alone.",
  async run({ flags, words: [login] }) {
    const { stack } = await openStack(stackName(flags.stack), false);
    const { passwords } = await stack.outputs();
    const all = (passwords?.value ?? {}) as Record<string, string>;
    if (login !== undefined) say.result(passwordOf(login, all));
    else for (const known of Object.keys(all).sort()) say.result(known);
  },
};

export default command;
