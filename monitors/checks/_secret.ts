import { open } from "node:fs/promises";
import { type SecretRef, secretFile } from "../../association/index.ts";

/** Passwords and keys are far shorter, in bytes. */
const LONGEST = 65_536;

/**
 * A secret that the stack has delivered, without the white space around it; undefined where its file cannot be read or is empty, which is a
 * fault of our own configuration (`not-configured`). Read at each run: the file may be replaced.
 */
export async function readSecret(ref: SecretRef): Promise<string | undefined> {
  const file = await open(secretFile(ref)).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LONGEST), 0, LONGEST, 0);
    return buffer.toString("utf8", 0, bytesRead).trim() || undefined;
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}
