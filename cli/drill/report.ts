import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { derive, rootBytes } from "../../stacks/secrets.ts";

/** What a drill found. Times are ISO 8601, lengths of time seconds. */
export interface Report {
  version: 1;
  association: string;
  stack: string;
  /** The commit that was rebuilt from, `-dirty` where files differed from it; null where it is not known. */
  commit: string | null;
  started: string;
  ended: string;
  passed: boolean;
  /** From the start to the last check that holds; null where some never did. */
  rtoSeconds: number | null;
  volumes: {
    service: string;
    volume: string;
    snapshot: string;
    taken: string;
    rpoSeconds: number;
    files: number;
    bytes: number;
    rpoGoalSeconds: number;
  }[];
  /** What made an end of it, where something did before any check was asked. */
  problem?: string;
  services: {
    service: string;
    rtoSeconds: number | null;
    rtoGoalSeconds: number | null;
    failing: string[];
    /** Whether it holds what was planted in the lost one; left out where nothing was. */
    canary?: "found" | "missing";
  }[];
}

export interface Signed {
  report: Report;
  /** Ed25519 (RFC 8032), of the report's text as `JSON.stringify` gives it; base64. */
  signature: string;
  /** SPKI, base64. */
  publicKey: string;
}

/** PKCS #8 of an Ed25519 key (RFC 8410) up to its 32 bytes. */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

/** The key that reports are signed with: whoever has the root secret, and nobody else. */
export const signingKey = (rootSecret: string): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([PKCS8, derive(rootBytes(rootSecret), "drill/signature", 32)]),
    format: "der",
    type: "pkcs8",
  });

export function signReport(report: Report, key: KeyObject): Signed {
  const publicKey = createPublicKey(key).export({ format: "der", type: "spki" }).toString("base64");
  return { report, signature: sign(null, Buffer.from(JSON.stringify(report)), key).toString("base64"), publicKey };
}

/** True where the report is the one that the holder of the root secret signed. */
export const isGenuine = ({ report, signature }: Signed, rootSecret: string): boolean =>
  verify(
    null,
    Buffer.from(JSON.stringify(report)),
    createPublicKey(signingKey(rootSecret)),
    Buffer.from(signature, "base64"),
  );

/** A report as it was written; undefined where the text is none. */
export function readSigned(text: string): Signed | undefined {
  try {
    const { report, signature, publicKey } = JSON.parse(text) as Partial<Signed>;
    const whole = typeof report?.started === "string" && typeof signature === "string" && typeof publicKey === "string";
    return whole ? { report, signature, publicKey } : undefined;
  } catch {
    return undefined;
  }
}

const length = (seconds: number | null): string => {
  if (seconds === null) return "never";
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return hours > 0
    ? `${hours} h ${minutes} min`
    : minutes > 0
      ? `${minutes} min ${Math.round(seconds % 60)} s`
      : `${Math.round(seconds)} s`;
};

/** The report for people. */
export function describeReport({ report, signature, publicKey }: Signed, drill = true): string {
  const row = (...cells: (string | number)[]): string => `| ${cells.join(" | ")} |`;
  return [
    `# ${drill ? "Recovery drill" : "Rebuild"} of ${report.association}, ${report.started.slice(0, 16).replace("T", " ")} UTC`,
    "",
    report.passed
      ? `**Passed.** Everything was rebuilt in ${length(report.rtoSeconds)}, from Git, a copy of the backup repository and one holder's key.`
      : `**Failed.** ${report.problem ?? "The tables show what did not come back."}`,
    "",
    `Commit ${report.commit ?? "unknown"}; stack ${report.stack}${drill ? ", removed afterwards unless kept" : ""}.`,
    "",
    "## Data",
    "",
    "Every file was read again after its restore and compared with its snapshot's hashes, before any service started.",
    "",
    row("Service", "Volume", "Snapshot", "Taken", "Would be lost (RPO)", "Promised", "Files", "Bytes"),
    row(...Array(8).fill("---")),
    ...report.volumes.map((one) =>
      row(
        one.service,
        one.volume,
        one.snapshot,
        one.taken.slice(0, 19),
        length(one.rpoSeconds),
        length(one.rpoGoalSeconds),
        one.files,
        one.bytes,
      ),
    ),
    "",
    "## Services",
    "",
    "A planted value is one that was written by the service's own means before the snapshot, and has to be found again by them.",
    "",
    row("Service", "Back after (RTO)", "Promised", "Checks that fail", "Planted value"),
    row(...Array(5).fill("---")),
    ...report.services.map((one) =>
      row(
        one.service,
        length(one.rtoSeconds),
        one.rtoGoalSeconds === null ? "" : length(one.rtoGoalSeconds),
        one.failing.join(", "),
        one.canary ?? "",
      ),
    ),
    "",
    "## Signature",
    "",
    `Ed25519 key ${createHash("sha256").update(publicKey).digest("hex").slice(0, 16)}, signature ${signature}; it covers the JSON beside this page.`,
    "",
  ].join("\n");
}
