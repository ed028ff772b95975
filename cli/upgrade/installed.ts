import { run } from "../run.ts";

/** Debian packages and their versions. */
export type Packages = ReadonlyMap<string, string>;

/** The installed packages in dpkg's status file (dpkg(1), deb822(5)). Pure. */
export function parseStatus(text: string): Packages {
  const found = new Map<string, string>();
  for (const paragraph of text.split(/\n\n+/)) {
    const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, "m").exec(paragraph)?.[1];
    const [name, version] = [field("Package"), field("Version")];
    if (name && version && / installed$/.test(field("Status") ?? "")) found.set(name, version);
  }
  return found;
}

/** dpkg's record in an image: what was really installed when it was built. Empty where the image is not Debian's. */
export async function statusOf(engine: string, image: string): Promise<string> {
  const words = ["run", "--rm", "--network", "none", "--read-only", "--cap-drop", "ALL", "--user", "0"];
  const { code, stdout } = await run("docker", [
    ...["--host", engine, ...words],
    ...["--entrypoint", "cat", image, "/var/lib/dpkg/status"],
  ]);
  return code === 0 ? stdout : "";
}

export const packagesOf = async (engine: string, image: string): Promise<Packages> =>
  parseStatus(await statusOf(engine, image));

/** A package whose version differs between two images; a side is absent where it does not have it. */
export interface Difference {
  readonly package: string;
  readonly from?: string;
  readonly to?: string;
}

/** What changes from one image's packages to another's, by name. Pure. */
export function differences(before: Packages, after: Packages): Difference[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((name) => {
    const [from, to] = [before.get(name), after.get(name)];
    if (from === to) return [];
    return [{ package: name, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }];
  });
}

/** A difference in words. */
export const describeDifference = ({ package: name, from, to }: Difference): string =>
  from === undefined ? `${name} ${to}, new` : to === undefined ? `${name} ${from}, gone` : `${name} ${from} → ${to}`;
