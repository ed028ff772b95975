import type { Access } from "./arguments.ts";
import { EXIT } from "./messages.ts";
import { type Outside, SFTP } from "./outside.ts";
import { type Place, reasonOf, Unusable } from "./repository.ts";
import type { Restic } from "./restic.ts";

/** What restic and the programs it starts are given to get in: options, environment, and files for us to write beside. */
export interface Entry {
  readonly access: Pick<Access, "options" | "environment">;
  readonly files: Readonly<Record<string, string>>;
}

/**
 * How restic gets in. Secrets go into files of a folder that is ours alone and held in memory, never into arguments or the
 * environment: ssh insists that its key be nobody else's, and S3's pair is read from the file that AWS's tools know.
 * Pure.
 *
 * @param folder where the files will be
 * @param read gives a secret by its file
 */
export function entryOf(
  repository: string,
  { sftp, s3 }: Outside,
  folder: string,
  read: (file: string) => string,
): Entry {
  if (sftp) {
    const [, host = "", port = "22"] = SFTP.exec(repository) ?? [];
    const known = port === "22" ? host : `[${host}]:${port}`;
    const settings = [
      "BatchMode=yes",
      "IdentitiesOnly=yes",
      "StrictHostKeyChecking=yes",
      `UserKnownHostsFile=${folder}/known-hosts`,
      "ConnectTimeout=20",
      // A line that was cut off is noticed, instead of waited on.
      "ServerAliveInterval=15",
      "ServerAliveCountMax=4",
    ];
    const words = ["-F", "none", "-i", `${folder}/key`, ...settings.flatMap((setting) => ["-o", setting])];
    return {
      access: { options: [`sftp.args=${words.join(" ")}`] },
      files: { key: `${read(sftp.keyFile).trim()}\n`, "known-hosts": `${known} ${sftp.hostKey}\n` },
    };
  }
  if (s3)
    return {
      access: {
        options: s3.region === undefined ? [] : [`s3.region=${s3.region}`],
        environment: { AWS_SHARED_CREDENTIALS_FILE: `${folder}/credentials` },
      },
      files: {
        credentials: `[default]\naws_access_key_id = ${read(s3.keyIdFile).trim()}\naws_secret_access_key = ${read(s3.secretKeyFile).trim()}\n`,
      },
    };
  return { access: {}, files: {} };
}

const PATIENCE_MS = 90_000;
/** What trying again does not mend. */
const FINAL =
  /permission denied \(|host key verification failed|access ?denied|InvalidAccessKeyId|SignatureDoesNotMatch|NoSuchBucket|bucket does not exist/i;

/**
 * A repository that only restic itself can look at. One agent alone uses it: there are no turns to take.
 *
 * restic tries for a quarter of an hour what is refused as well as what is broken: what is refused is given up at once.
 *
 * @param patience how long it may try otherwise, in milliseconds
 */
export const outsidePlace = (restic: Restic, patience = PATIENCE_MS): Place => ({
  async exists() {
    const refused = new AbortController();
    let why: string | undefined;
    const ran = await restic(["cat", "config", "--no-lock"], {
      signal: AbortSignal.any([refused.signal, AbortSignal.timeout(patience)]),
      onError: (words) => {
        if (!FINAL.test(words)) return;
        why ??= words;
        refused.abort();
      },
    });
    if (ran.code === EXIT.ok) return true;
    if (ran.code === EXIT.noRepository) return false;
    throw new Unusable(`the store does not let us in: ${why ?? reasonOf(ran)}`);
  },
  enter: async () => true,
  leave: async () => {},
});
