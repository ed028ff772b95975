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
  const decrypter = new Decrypter();
  let text: string;
  try {
    for (const identity of identities) decrypter.addIdentity(identity);
    text = await decrypter.decrypt(armor.decode(sealed), "text");
  } catch (error) {
    throw new Refusal({
      what: `That key does not open the escrow: ${(error as Error).message}`,
      fix: "Use the key file of a holder whose key was declared when the escrow was made",
    });
  }
  const parsed = escrow.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new Refusal({
    what: "What is inside is no escrow of this version",
    fix: "Use the Vigie that made it: see Git",
  });
}
