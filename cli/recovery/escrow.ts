import { armor, Decrypter, Encrypter } from "age-encryption";
import { z } from "zod";
import type { People } from "../../association/index.ts";
import { Refusal } from "../refusal.ts";

/** All that cannot be had from Git and a copy of the backup repository. Secret as a whole. */
const escrow = z.strictObject({
  version: z.literal(1),
  stack: z.string(),
  /** When it was made, ISO 8601. */
  made: z.string(),
  /** Every other secret is derived from it: see `stacks/secrets.ts`. */
  rootSecret: z.string(),
  /** What the stack's state and configuration are encrypted with. */
  passphrase: z.string().optional(),
  /** The text of the stack's settings, as the CLI reads them. */
  config: z.string(),
  /** Pulumi's state, as `pulumi stack export` writes it; secrets in it are encrypted by the passphrase once more. */
  state: z.string().optional(),
  /** What each container ran: the image's name and its digest on the engine. */
  images: z.record(z.string(), z.strictObject({ name: z.string(), id: z.string() })).optional(),
});
export type Escrow = z.output<typeof escrow>;

/** Recovery keys by holder. Pure. */
export const recoveryKeys = ({ holders }: Pick<People, "holders">): Record<string, string> =>
  Object.fromEntries(
    Object.entries(holders).flatMap(([id, { recoveryKey }]) => (recoveryKey === undefined ? [] : [[id, recoveryKey]])),
  );

/**
 * Encrypts to every key, so that each opens it alone (age-encryption.org/v1, armored).
 * @throws {Refusal} naming each holder whose key is mistyped
 */
export async function seal(content: Escrow, keys: Readonly<Record<string, string>>): Promise<string> {
  const encrypter = new Encrypter();
  const wrong: string[] = [];
  for (const [holder, key] of Object.entries(keys)) {
    try {
      encrypter.addRecipient(key);
    } catch {
      wrong.push(holder);
    }
  }
  if (wrong.length > 0)
    throw new Refusal(
      wrong.map((holder) => ({
        what: `The recovery key of ${holder} is mistyped: its checksum is wrong`,
        fix: `Copy it again from the line "public key" of ${holder}'s key file: holders.${holder}.recoveryKey`,
      })),
    );
  return armor.encode(await encrypter.encrypt(JSON.stringify(content)));
}

/**
 * Opens an escrow with one holder's key file, as `age-keygen` writes it.
 * @throws {Refusal} where the file holds no key, the key opens it not, or what is inside is no escrow
 */
export async function unseal(sealed: string, keyFile: string): Promise<Escrow> {
  const identities = keyFile
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line.startsWith("AGE-SECRET-KEY-"));
  if (identities.length === 0)
    throw new Refusal({ what: "The key file holds no key", fix: "It has a line that begins with AGE-SECRET-KEY-1" });
  const parsed = escrow.safeParse(asJson(await decrypt(sealed, identities)));
  if (parsed.success) return parsed.data;
  throw new Refusal({
    what: "What is inside is no escrow of this version",
    fix: "Use the Vigie that made it: see Git",
  });
}

/** How age tells a key that it was not sealed to. Whatever else it says is about the escrow: every byte is authenticated. */
const STRANGER = /no identity matched/;

async function decrypt(sealed: string, identities: readonly string[]): Promise<string> {
  const decrypter = new Decrypter();
  try {
    for (const identity of identities) decrypter.addIdentity(identity);
  } catch {
    // Not in age's words: they hold the key.
    throw new Refusal({
      what: "The key in the key file is mistyped or cut short: its checksum is wrong",
      fix: "Use another copy of it, or another holder's key",
    });
  }
  try {
    return await decrypter.decrypt(armor.decode(sealed), "text");
  } catch (error) {
    const { message } = error as Error;
    throw new Refusal(
      STRANGER.test(message)
        ? {
            what: "That key does not open the escrow: it was not sealed to it",
            fix: "Use the key file of a holder whose key was declared when this escrow was sealed, or an escrow sealed since yours was declared",
          }
        : {
            what: `The escrow is damaged or cut short (${message}): no key opens this copy`,
            fix: "Use another: escrow.age beside any copy of the snapshots, or .vigie/escrow-STACK.age of the checkout",
          },
    );
  }
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // somebody sealed something else to that key
  }
}
