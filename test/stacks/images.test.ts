import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { contextFiles, hashFiles, type ImageSource } from "../../stacks/images.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A project with some files: path → content, executable where the path says so. */
function project(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "vigie-image-"));
  folders.push(root);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

const source: ImageSource = { name: "wiki", folder: "image", include: ["package.json", "shared"] };
const hashOf = (root: string): string => hashFiles(contextFiles(source, root));

const FILES = {
  "image/Dockerfile": "FROM debian:trixie-slim\n",
  "image/start": "#!/bin/sh\n",
  "package.json": "{}",
  "shared/deep/a.ts": "export const a = 1;\n",
  "elsewhere/secret": "not sent to the engine",
};

describe("a build context", () => {
  it("has the image's own files at its top, what it includes at its own path, and nothing else", () => {
    const root = project(FILES);
    expect(contextFiles(source, root)).toEqual([
      { path: "Dockerfile", file: join(root, "image/Dockerfile") },
      { path: "package.json", file: join(root, "package.json") },
      { path: "shared/deep/a.ts", file: join(root, "shared/deep/a.ts") },
      { path: "start", file: join(root, "image/start") },
    ]);
  });
});

describe("the hash of a build context", () => {
  it("is the same wherever and whenever the files are", () => {
    const [one, other] = [project(FILES), project(Object.fromEntries(Object.entries(FILES).reverse()))];
    utimesSync(join(other, "image/Dockerfile"), 0, 0);
    expect(hashOf(other)).toBe(hashOf(one));
    expect(hashOf(one)).toMatch(/^[0-9a-f]{12}$/);
  });

  it("is the same when something changes that is not in the context", () => {
    expect(hashOf(project({ ...FILES, "elsewhere/secret": "changed" }))).toBe(hashOf(project(FILES)));
  });

  it("changes with a file that becomes executable", () => {
    const root = project(FILES);
    const before = hashOf(root);
    chmodSync(join(root, "image/start"), 0o755);
    expect(hashOf(root)).not.toBe(before);
  });

  it("changes with a file's path, even where its content stays", () => {
    const root = project(FILES);
    const before = hashOf(root);
    renameSync(join(root, "image/start"), join(root, "image/begin"));
    expect(hashOf(root)).not.toBe(before);
  });

  it("is the same exactly where all paths and contents are", () => {
    const name = fc.stringMatching(/^[a-c]{1,2}$/);
    const files = fc.dictionary(name, fc.string({ maxLength: 3 }), { minKeys: 1, maxKeys: 3 });
    const hash = (all: Record<string, string>) => {
      const root = project(
        Object.fromEntries(Object.entries(all).map(([path, content]) => [`image/${path}`, content])),
      );
      return hashFiles(contextFiles({ name: "x", folder: "image" }, root));
    };
    const sorted = (all: Record<string, string>) => JSON.stringify(Object.entries(all).sort());
    fc.assert(
      fc.property(files, files, (one, other) => {
        expect(hash(one) === hash(other)).toBe(sorted(one) === sorted(other));
      }),
      { numRuns: 60 },
    );
  });

  it("tells content that moves from one file to the next", () => {
    const hash = (a: string, b: string) =>
      hashFiles(contextFiles({ name: "x", folder: "image" }, project({ "image/a": a, "image/b": b })));
    expect(hash("12", "3")).not.toBe(hash("1", "23"));
  });
});
