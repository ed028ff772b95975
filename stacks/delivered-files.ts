import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { ROOT } from "./root.ts";

/** Files by path under `/etc/vigie`; a secret output where the content is one. */
export type Files = Readonly<Record<string, pulumi.Input<string>>>;

/** A file to deliver: by its content, or by where the provider finds it on this machine. */
export type Upload = { path: string } & ({ content: pulumi.Input<string> } | { source: string; sourceHash: string });

/**
 * From this many bytes on, what is no secret stands in a file instead of in the state. The provider compares uploads by quoting their
 * contents again and again, and the CLI encrypts and writes all of them at each `up`: with them, one that changes nothing took twice as long.
 */
const LARGE = 2048;

/**
 * Files by path as a courier takes them, in the order of their paths. Large ones that are no output, and thereby no secret, are laid out under
 * `.vigie/delivered/STACK/NAME`, where they can also be read; what lay there of an earlier declaration is removed.
 * A source is given relative to the program's folder, where the provider runs too: a checkout that was moved changes nothing.
 */
export function layOut(name: string, files: Files): Upload[] {
  const folder = join(ROOT, ".vigie", "delivered", pulumi.getStack(), name);
  const uploads = Object.entries(files)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, content]): Upload => {
      if (typeof content !== "string" || Buffer.byteLength(content) < LARGE) return { path, content };
      const file = join(folder, path);
      write(file, content);
      return { path, source: relative(process.cwd(), file), sourceHash: sha256(content) };
    });
  removeOthers(
    folder,
    uploads.flatMap((upload) => ("source" in upload ? [join(folder, upload.path)] : [])),
  );
  return uploads;
}

/** Left alone where it says the same already: another program may be reading it. */
function write(file: string, content: string): void {
  if (existsSync(file) && readFileSync(file, "utf8") === content) return;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, content, { mode: 0o600 });
}

function removeOthers(folder: string, kept: readonly string[]): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile() && !kept.includes(file)) rmSync(file);
  }
}

const sha256 = (content: string): string => createHash("sha256").update(content).digest("hex");
