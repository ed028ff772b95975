import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder that this run's temporary files are in, and go with. */
    temporary: string;
  }
}

/** Unit tests leave nothing behind: a run makes some five hundred folders. */
export default function setUp(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "vigie-unit-"));
  project.provide("temporary", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
