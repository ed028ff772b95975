import { z } from "zod";
import { duration, ref } from "../../../association/index.ts";
import { identifier } from "../../../association/schema/values.ts";

/** A secret of somebody else's system, under `vigie:secrets` in the stack's configuration. */
const given = z.strictObject({ secret: identifier }, '`{ secret: "NAME" }`');

/** restic's addresses and options are words with separators of their own: what could be taken for one is no name. */
const word = (what: string) => z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, what);

const folder = z
  .string()
  .regex(/^(\/[A-Za-z0-9][A-Za-z0-9._-]*)+$/, "an absolute path of letters, digits, dots, hyphens and underscores");

/** A folder of a machine that lets us in by SSH (RFC 4251): a friend's NAS, a rented disk. */
const sftp = z.strictObject({
  /** Its name or IPv4 address. */
  host: word("a host name such as nas.example.org"),
  port: z.number().int().min(1).max(65_535).default(22),
  user: word("a user's name"),
  /** The folder; made when it is not there. */
  path: folder,
  /**
   * What the machine proves its identity with, as `ssh-keyscan -t ed25519 HOST` prints it after the name: declared, so that
   * nobody on the way can pass for it.
   */
  hostKey: z
    .string()
    .regex(
      /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]{60,}={0,2}$/,
      "a public host key such as `ssh-ed25519 AAAA…`, without name or comment",
    ),
  /** The private key that we are let in by. */
  key: given,
});

/** A bucket of a store that speaks S3: Scaleway, OVHcloud, Garage, MinIO … */
const s3 = z.strictObject({
  /** `https://` and a host, with a port where it needs one. */
  endpoint: z
    .string()
    .regex(/^https:\/\/[A-Za-z0-9][A-Za-z0-9.-]*(:\d{1,5})?$/, "an address such as https://s3.fr-par.scw.cloud"),
  bucket: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "a bucket's name: 3 to 63 lower-case letters, digits, dots, hyphens"),
  /** The folder in it. */
  path: word("a name of letters, digits, dots, hyphens and underscores").default("vigie"),
  region: word("a region such as fr-par").optional(),
  keyId: given,
  secretKey: given,
});

const PLACES = ["repository", "sftp", "s3"] as const;

/** Where else all snapshots are copied to. */
export const destination = z
  .strictObject({
    /** A service of ours on another host, of kind backup-repository: append-only. */
    repository: ref("service").optional(),
    sftp: sftp.optional(),
    s3: s3.optional(),
    /** How often. */
    every: duration.prefault("1d"),
  })
  .refine(
    (one) => PLACES.filter((place) => one[place] !== undefined).length === 1,
    "exactly one of `repository`, `sftp` and `s3`",
  );
export type Destination = z.output<typeof destination>;

/** Whether it is a machine that is none of ours. */
export const isOutside = ({ sftp, s3 }: Destination): boolean => sftp !== undefined || s3 !== undefined;

/** The secrets that it takes to get there. */
export const destinationSecrets = ({ sftp, s3 }: Destination) => [
  ...(sftp ? [sftp.key] : []),
  ...(s3 ? [s3.keyId, s3.secretKey] : []),
];
