import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./root.ts";

/** The part of `package-lock.json` that is read here (lockfileVersion 3). */
export interface Lock {
  packages: Record<string, LockedPackage>;
}

interface LockedPackage {
  version?: string;
  integrity?: string;
  dev?: boolean;
  devOptional?: boolean;
  optional?: boolean;
  dependencies?: Record<string, string>;
}

/** A package as it is installed: its folder, such as `node_modules/zod`, and what it is. */
export interface InstalledPackage {
  path: string;
  version: string;
  integrity: string;
}

/** The project's lock. */
export const readLock = (root: string = ROOT): Lock =>
  JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));

/**
 * The packages that a program runs with: all that production needs, or the named ones with all that they need.
 * Images take them from the project's own `node_modules`: what was tested is what runs, and a build needs no registry.
 *
 * @throws where a name is not a package of the project
 */
export function runtimePackages(lock: Lock, wanted: "production" | readonly string[]): InstalledPackage[] {
  const paths = wanted === "production" ? production(lock) : closure(lock, wanted);
  return paths.sort().map((path) => {
    const { version = "", integrity = "" } = lock.packages[path]!;
    return { path, version, integrity };
  });
}

const production = ({ packages }: Lock): string[] =>
  Object.entries(packages).flatMap(([path, { dev, devOptional, optional }]) =>
    path.startsWith("node_modules/") && !dev && !devOptional && !optional ? [path] : [],
  );

function closure({ packages }: Lock, names: readonly string[]): string[] {
  const found = new Set<string>();
  const add = (name: string, from: string): void => {
    const path = resolve(packages, name, from);
    if (path === undefined)
      throw new Error(`package-lock.json has no package "${name}"${from && `, which ${from} needs`}`);
    if (found.has(path)) return;
    found.add(path);
    for (const dependency of Object.keys(packages[path]!.dependencies ?? {})) add(dependency, path);
  };
  for (const name of names) add(name, "");
  return [...found];
}

/** Where Node would find a package: in the nearest `node_modules` upwards. */
function resolve(packages: Lock["packages"], name: string, from: string): string | undefined {
  for (let base = from; ; base = base.slice(0, Math.max(0, base.lastIndexOf("/node_modules/")))) {
    const path = `${base}${base && "/"}node_modules/${name}`;
    if (packages[path]) return path;
    if (base === "") return undefined;
  }
}
