import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Access } from "./arguments.ts";
import type { Elsewhere } from "./copy.ts";
import { addressWithPassword, type Declaration, restUser } from "./declaration.ts";
import { entryOf, outsidePlace } from "./entry.ts";
import { folderPlace, restPlace } from "./place.ts";
import type { Copy } from "./policy.ts";
import type { Place } from "./repository.ts";
import { type Restic, resticOf } from "./restic.ts";

export interface Connection {
  readonly restic: Restic;
  readonly place: Place;
  readonly access: Access;
  /** What must appear in no log. */
  readonly secrets: readonly string[];
}

const read = (file: string): string => readFileSync(file, "utf8").replace(/\r?\n$/, "");

/** The same for another repository that snapshots are copied to; a user of ours has the same password there. */
export function connectCopy(declaration: Declaration, copy: Copy, from: Access): Elsewhere {
  const file = `/run/vigie/repository-${copy.id}`;
  if (copy.sftp === undefined && copy.s3 === undefined) {
    const { restic, place } = connect({ ...declaration, repository: copy.repository }, file);
    return { restic, place, from };
  }
  const folder = `/run/vigie/copy-${copy.id}`;
  const secrets = [read(declaration.repositoryPasswordFile)];
  const { access, files } = entryOf(copy.repository, copy, folder, (path) => {
    const secret = read(path);
    secrets.push(secret);
    return secret;
  });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(files)) writeFileSync(`${folder}/${name}`, text, { mode: 0o600 });
  writeFileSync(file, copy.repository, { mode: 0o600 });
  const { bandwidth } = declaration.policy;
  const restic = resticOf(
    { repositoryFile: file, passwordFile: declaration.repositoryPasswordFile, bandwidth, ...access },
    secrets,
  );
  return { restic, place: outsidePlace(restic), from };
}

/** restic on the declared repository, with the passwords read from their files. */
export function connect(declaration: Declaration, repositoryFile = "/run/vigie/repository"): Connection {
  const user = restUser(declaration.repository);
  const password = user ? read(declaration.restPasswordFile) : "";
  // restic takes the user's password from the address alone, and an address given as an argument is there for all to see.
  mkdirSync("/run/vigie", { recursive: true, mode: 0o700 });
  writeFileSync(repositoryFile, addressWithPassword(declaration.repository, password), { mode: 0o600 });
  const secrets = [password, encodeURIComponent(password), read(declaration.repositoryPasswordFile)];
  const access: Access = {
    repositoryFile,
    passwordFile: declaration.repositoryPasswordFile,
    bandwidth: declaration.policy.bandwidth,
  };
  const restic = resticOf(access, secrets);
  if (!user) return { restic, place: folderPlace(declaration.repository), access, secrets };
  const address = new URL(declaration.repository.slice("rest:".length));
  address.username = "";
  return { restic, place: restPlace(address, user, password), access, secrets };
}

/**
 * The same for what somebody waits for: restic by itself tries for a quarter of an hour before it says that nobody answers.
 * @throws {Unusable}
 */
export async function reach(declaration: Declaration): Promise<Connection> {
  const connection = connect(declaration);
  // Whether there is one is for restic to say, in each command's way.
  await connection.place.exists();
  return connection;
}
