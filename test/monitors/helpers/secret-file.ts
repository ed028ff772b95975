import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file with a secret in it, as the stack delivers them. */
export function secretFile(content: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "vigie-secret-")), "secret");
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}
