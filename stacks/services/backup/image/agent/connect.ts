import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { addressWithPassword, type Declaration, restUser } from "./declaration.ts";
import { open, restTurnstile, type Turnstile } from "./repository.ts";
import { type Restic, resticOf } from "./restic.ts";

/** restic on the declared repository, with the passwords read from their files. */
export function connect(declaration: Declaration): { restic: Restic; turnstile: Turnstile } {
  const read = (file: string) => readFileSync(file, "utf8").replace(/\r?\n$/, "");
  const user = restUser(declaration.repository);
  const password = user ? read(declaration.restPasswordFile) : "";
  // restic takes the user's password from the address alone, and an address given as an argument is there for all to see.
  mkdirSync("/run/vigie", { recursive: true, mode: 0o700 });
  const repositoryFile = "/run/vigie/repository";
  writeFileSync(repositoryFile, addressWithPassword(declaration.repository, password), { mode: 0o600 });
  const secrets = [password, encodeURIComponent(password), read(declaration.repositoryPasswordFile)];
  const restic = resticOf({ repositoryFile, passwordFile: declaration.repositoryPasswordFile }, secrets);
  if (!user) return { restic, turnstile: open };
  const address = new URL(declaration.repository.slice("rest:".length));
  address.username = "";
  return { restic, turnstile: restTurnstile(address, user, password) };
}
