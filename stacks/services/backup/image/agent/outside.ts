import { isObject } from "./shape.ts";

/** A folder of a machine that lets us in by SSH. */
export interface Sftp {
  readonly keyFile: string;
  /** What the machine proves its identity with: `ssh-ed25519 AAAA…`. */
  readonly hostKey: string;
}

/** A bucket of a store that speaks S3. */
export interface S3 {
  readonly keyIdFile: string;
  readonly secretKeyFile: string;
  readonly region?: string;
}

/** How a store of others is entered: by one way or the other. */
export interface Outside {
  readonly sftp?: Sftp;
  readonly s3?: S3;
}

/** With the host and its port. */
export const SFTP = /^sftp:\/\/[A-Za-z0-9._-]+@([A-Za-z0-9.-]+):(\d{1,5})\/\/[A-Za-z0-9._/-]+$/;
const S3 = /^s3:https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[A-Za-z0-9._-]+){2}$/;
const FILE = /^\/[A-Za-z0-9._/-]+$/;
const HOST_KEY = /^[a-z0-9-]+ [A-Za-z0-9+/=]+$/;
const isFile = (value: unknown): value is string => typeof value === "string" && FILE.test(value);

/** Reads the outside part of a copy; undefined where it is none or makes no sense. Pure. */
export function parseOutside(repository: string, given: Readonly<Record<string, unknown>>): Outside | undefined {
  const { sftp, s3 } = given;
  if (SFTP.test(repository) && isObject(sftp)) {
    const { keyFile, hostKey } = sftp;
    if (isFile(keyFile) && typeof hostKey === "string" && HOST_KEY.test(hostKey)) return { sftp: { keyFile, hostKey } };
  }
  if (S3.test(repository) && isObject(s3)) {
    const { keyIdFile, secretKeyFile, region } = s3;
    const named = region === undefined || (typeof region === "string" && /^[A-Za-z0-9._-]+$/.test(region));
    if (isFile(keyIdFile) && isFile(secretKeyFile) && named)
      return { s3: { keyIdFile, secretKeyFile, ...(region === undefined ? {} : { region }) } };
  }
  return undefined;
}

/** The files with secrets that it takes. */
export const filesOf = ({ sftp, s3 }: Outside): string[] => [
  ...(sftp ? [sftp.keyFile] : []),
  ...(s3 ? [s3.keyIdFile, s3.secretKeyFile] : []),
];
