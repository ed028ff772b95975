import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { type Command, stackFlags } from "./command.ts";
import { unseal } from "./recovery/escrow.ts";
import { escrowFile, keepEscrow } from "./recovery/keep-escrow.ts";
import { Refusal } from "./refusal.ts";
import { say } from "./say.ts";
import { openStack, stackName } from "./stack.ts";

const command: Command = {
  flags: {
    stack: stackFlags.stack,
    open: { type: "string", value: "KEYFILE", help: "shows that this key alone opens the escrow; no secret is shown" },
    file: {
      type: "string",
      value: "ESCROW",
      help: "with --open: an escrow from elsewhere, such as a copy of the repository",
    },
    "new-key": { type: "string", value: "FILE", help: "makes a recovery key for a holder" },
  },
  notes: [
    "The root secret, the passphrase and the stack's configuration, encrypted to the recovery key of each holder who has one.",
    "With Git and a copy of the backup repository, one of these keys rebuilds everything: npm run drill proves it.",
    "It is sealed anew at each `up`; without flags, this seals it now.",
  ].join("\n"),
  async run({ flags }) {
    if (typeof flags["new-key"] === "string") return makeKey(flags["new-key"]);
    const stack = stackName(flags.stack);
    if (typeof flags.open === "string") {
      const sealed = read(typeof flags.file === "string" ? flags.file : escrowFile(stack), "npm run escrow   makes it");
      const {
        made,
        stack: of,
        passphrase,
        state,
        images = {},
      } = await unseal(sealed, read(flags.open, "Name the holder's key file"));
      say.good(`This key alone opens the escrow of ${of}, made ${made}`);
      const more = [
        passphrase && "the passphrase",
        state && "Pulumi's state",
        Object.keys(images).length > 0 && `the digests of ${Object.keys(images).length} images`,
      ].filter(Boolean);
      say.line(`  it holds the root secret, ${more.map((one) => `${one}, `).join("")}and the stack's configuration`);
      return;
    }
    if (flags.file !== undefined)
      throw new Refusal({ what: "--file goes with --open", fix: "--open KEYFILE --file ESCROW" });
    if (!(await keepEscrow(await openStack(stack, false)))) return 1;
  },
};

/** As `age-keygen` writes it; never over another. */
async function makeKey(file: string): Promise<void> {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  try {
    writeFileSync(file, `# public key: ${recipient}\n${identity}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    throw new Refusal({
      what: `${file} cannot be made: ${(error as Error).message}`,
      fix: "Name a file that is not there yet",
    });
  }
  say.good(`${file} is the key: its holder keeps it, on a stick or in a vault, never here`);
  say.line("To be declared, in holders:");
  say.result(`recoveryKey: "${recipient}"`);
}

function read(file: string, fix: string): string {
  if (!existsSync(file)) throw new Refusal({ what: `There is no ${file}`, fix });
  return readFileSync(file, "utf8");
}

export default command;
