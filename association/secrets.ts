import { z } from "zod";
import { identifier } from "./schema/values.ts";

/** Where the lookout finds the secrets of its checks, each in a file of its own. */
export const SECRETS_DIR = "/etc/vigie/secrets";

/**
 * A secret that a check needs, by name: neither declarations nor inventories ever hold one. The stack puts it into a file of the lookout.
 *
 * - `{ secret: "shop-db" }`: a password of a system that is not ours to set, given once by
 *   `npm run pulumi -- config set --secret --path vigie:secrets.shop-db`;
 * - `{ derived: "mail/vigie-probe" }`: one that the stack derives, by its purpose (see `stacks/secrets.ts`);
 * - `{ file: "/run/…" }`: a file that is there already.
 */
export const secret = z.union(
  [
    z.strictObject({
      /** Its name under `vigie:secrets` in the stack's configuration. */
      secret: identifier,
    }),
    z.strictObject({
      /** Its purpose, such as `mail/vigie-probe`. */
      derived: z
        .string()
        .regex(/^[a-z0-9][a-z0-9._-]*(\/[a-z0-9][a-z0-9._-]*)+$/, "a purpose such as mail/vigie-probe"),
    }),
    z.strictObject({
      /** Its path on the lookout. */
      file: z.string().startsWith("/", "a path that starts with /"),
    }),
  ],
  '`{ secret: "NAME" }`, `{ derived: "PURPOSE" }` or `{ file: "/PATH" }`',
);
export type SecretRef = z.output<typeof secret>;

/** A secret that the stack delivers. */
export type DeliveredSecret = Exclude<SecretRef, { file: string }>;

/** The file on the lookout that holds a secret. */
export function secretFile(ref: SecretRef): string {
  if ("file" in ref) return ref.file;
  return `${SECRETS_DIR}/${"secret" in ref ? `outside/${ref.secret}` : `derived/${ref.derived}`}`;
}

/** Those that the stack has to deliver: each once, in an order of their own. */
export const deliveredSecrets = (refs: readonly SecretRef[]): DeliveredSecret[] =>
  [...new Map(refs.flatMap((ref) => ("file" in ref ? [] : [[secretFile(ref), ref] as const])))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, ref]) => ref);
