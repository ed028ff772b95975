import { type Command, stackFlags, suggestion } from "./command.ts";
import { readInventory, readSettings } from "./declared.ts";
import { mailContainer } from "./mail-server.ts";
import { Refusal } from "./refusal.ts";
import { handOver } from "./run.ts";
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

/**
 * Has the mail server take the password that is typed, or comes by standard input: it passes through no argument and no file of ours.
 * @returns the exit code of `vigie-password`, which says what it did
 */
async function chooseForMail(login: string | undefined, stack: string): Promise<number> {
  if (login === undefined)
    throw new Refusal({ what: "Whose password is it?", fix: "npm run password -- LOGIN --choose" });
  const { engine, container } = mailContainer(await readInventory(stack, readSettings(stack)));
  const terminal = process.stdin.isTTY ? ["--interactive", "--tty"] : ["--interactive"];
  const code = await handOver("docker", [
    ...["--host", engine, "exec", ...terminal],
    ...[container, "vigie-password", login],
  ]);
  if (code === 0) say.line("For mail; other services keep the first password");
  return code;
}

const command: Command = {
  words: { usage: "[LOGIN]", min: 0, max: 1 },
  flags: {
    stack: stackFlags.stack,
    choose: { type: "boolean", help: "its owner types another one for mail, here: twice, unseen" },
  },
  notes:
    "Without a login, it lists those that have one. `npm run --silent password -- LOGIN` writes the password alone.",
  async run({ flags, words: [login] }) {
    if (flags.choose) return chooseForMail(login, stackName(flags.stack));
    const { stack } = await openStack(stackName(flags.stack), false);
    const { passwords } = await stack.outputs();
    const all = (passwords?.value ?? {}) as Record<string, string>;
    if (login !== undefined) say.result(passwordOf(login, all));
    else for (const known of Object.keys(all).sort()) say.result(known);
  },
};

export default command;
