import { hkdfSync } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/**
 * Every secret of a stack, derived from its root secret by HKDF-SHA-256 (RFC 5869) with the secret's purpose as `info`:
 * the same at each `up`, different for each purpose, and all recovered from one root.
 */
export class Secrets {
  readonly #root: pulumi.Output<string>;

  /** @param root 32 random bytes or more, in base64url. */
  constructor(root: pulumi.Output<string>) {
    this.#root = root;
  }

  /** 256 bits for programs, in base64url, such as `token("restic/repository")`. */
  token(purpose: string): pulumi.Output<string> {
    return this.#derive(purpose, (root) => derive(root, purpose, 32).toString("base64url"));
  }

  /** A person's first password on every service: easy to type, 100 bits. */
  password(login: string): pulumi.Output<string> {
    return this.#derive(login, (root) => readable(derive(root, `password/${login}`, 20)));
  }

  #derive(purpose: string, from: (root: Buffer) => string): pulumi.Output<string> {
    if (purpose === "") throw new Error("a secret needs a purpose");
    return pulumi.secret(this.#root.apply((root) => from(rootBytes(root))));
  }
}

const SALT = "vigie/secrets/1";

/** `length` bytes for a purpose. */
export const derive = (root: Buffer, purpose: string, length: number): Buffer =>
  Buffer.from(hkdfSync("sha256", root, SALT, purpose, length));

const LEAST_BYTES = 32;

/** @throws where the root is too short to protect anything. */
export function rootBytes(root: string): Buffer {
  const bytes = Buffer.from(root.trim(), "base64url");
  if (bytes.length < LEAST_BYTES) {
    throw new Error(`vigie:rootSecret holds ${bytes.length} bytes; it needs ${LEAST_BYTES} random bytes in base64url`);
  }
  return bytes;
}

/** Crockford's base 32 without the letters that are read as digits: 32 signs, so each byte gives 5 bits without bias. */
const SIGNS = "0123456789abcdefghjkmnpqrstvwxyz";
const GROUP = 5;

/** Bytes as groups of five signs joined by hyphens, each sign carrying 5 bits. */
export function readable(bytes: Buffer): string {
  const signs = [...bytes].map((byte) => SIGNS[byte % SIGNS.length]).join("");
  return signs.match(new RegExp(`.{1,${GROUP}}`, "g"))!.join("-");
}
