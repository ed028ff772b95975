import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { type Edition, newerPackages } from "./edition.ts";
import { type InstalledPackage, readLock, runtimePackages } from "./packages.ts";
import { ROOT } from "./root.ts";

/** What an image is built from, as paths from the project's root. */
export interface ImageSource {
  /** Name of the image and of its staged context. */
  name: string;
  /** The folder that holds the Dockerfile. */
  folder: string;
  /** Further files and folders of the project that the Dockerfile copies, at the same paths. */
  include?: readonly string[];
  /** npm packages that it runs with, put into `node_modules`: all of production's, or these and what they need. */
  packages?: "production" | readonly string[];
}

const HASH_LENGTH = 12;
const STAGE = ".vigie/contexts";

/**
 * Builds an image on an engine. Its tag is the hash of all it is built from: same content, same image, no rebuild;
 * other content, another image, and only the containers that use it are replaced.
 * The context is copied to `.vigie/contexts/NAME`, so that the engine is sent nothing else of the project.
 */
export function buildImage(
  source: ImageSource,
  host: string,
  opts: pulumi.CustomResourceOptions,
  edition: Edition = {},
  root: string = ROOT,
): docker.RemoteImage {
  if (edition.hold !== undefined) {
    // By another name in the state: one that is built and one that is only looked up must not inherit each other's `build`.
    return new docker.RemoteImage(`${host}-${source.name}-held`, { name: edition.hold, keepLocally: true }, opts);
  }
  const files = contextFiles(source, root);
  const packages = source.packages ? runtimePackages(readLock(root), source.packages) : [];
  const tag = tagOf(hashFiles(files, packages), edition);
  const context = join(root, STAGE, source.name);
  stage(files, packages, context, tag, root, edition);
  return new docker.RemoteImage(
    `${host}-${source.name}`,
    { name: `vigie/${source.name}:${tag}`, build: { context }, keepLocally: true },
    // The tag says when to build; that a checkout was moved does not.
    { ...opts, ignoreChanges: ["build"] },
  );
}

/** A file of a build context: its path in the context, and where it is. */
export interface ContextFile {
  path: string;
  file: string;
}

/** The files of an image's context in the order of their paths. */
export function contextFiles({ folder, include = [] }: ImageSource, root: string): ContextFile[] {
  const own = filesUnder(join(root, folder)).map((file) => ({ path: relative(join(root, folder), file), file }));
  const others = include
    .flatMap((path) => filesUnder(join(root, path)))
    .map((file) => ({ path: relative(root, file), file }));
  return [...own, ...others].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function filesUnder(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** A short hash of the paths, contents and executable bits of a context, and of what its packages are. */
export function hashFiles(files: readonly ContextFile[], packages: readonly InstalledPackage[] = []): string {
  const hash = createHash("sha256");
  for (const { path, file } of files) {
    const content = readFileSync(file);
    hash.update(`${path}\0${statSync(file).mode & 0o111 ? "x" : "-"}${content.length}\0`).update(content);
  }
  hash.update(JSON.stringify(packages));
  return hash.digest("hex").slice(0, HASH_LENGTH);
}

/** The tag of an image: what it is built from, then as of when its packages are, where that was ever said. */
export const tagOf = (hash: string, { packages }: Edition): string =>
  packages === undefined ? hash : `${hash}-${packages.toLowerCase().replaceAll(/[^0-9a-z]/g, "")}`;

/** Copies what an image is built from to where an engine is to build it. */
export function layOut(
  files: readonly ContextFile[],
  packages: readonly InstalledPackage[],
  into: string,
  root: string = ROOT,
): void {
  for (const { path, file } of files) {
    const target = join(into, path);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(file, target);
  }
  for (const { path } of packages) {
    // A package's own node_modules are packages of their own.
    const inside = join(root, path, "node_modules");
    cpSync(join(root, path), join(into, path), { recursive: true, filter: (source) => source !== inside });
  }
}

/** Lays a context out, unless the very same one lies there already: packages are thousands of files. */
function stage(
  files: readonly ContextFile[],
  packages: readonly InstalledPackage[],
  into: string,
  tag: string,
  root: string,
  { packages: asOf }: Edition,
): void {
  const mark = `${into}.tag`;
  if (existsSync(mark) && readFileSync(mark, "utf8") === tag) return;
  rmSync(mark, { force: true });
  rmSync(into, { recursive: true, force: true });
  layOut(files, packages, into, root);
  if (asOf !== undefined) {
    const dockerfile = join(into, "Dockerfile");
    writeFileSync(dockerfile, newerPackages(readFileSync(dockerfile, "utf8"), asOf));
  }
  writeFileSync(mark, tag);
}
