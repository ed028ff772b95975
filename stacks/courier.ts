import { createHash } from "node:crypto";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { type Files, layOut } from "./delivered-files.ts";

/** Where configuration and secrets are found by the programs. */
export const CONFIG_DIR = "/etc/vigie";

/** A volume with the files in it, and the container that put them there. */
export interface Delivered {
  volume: docker.Volume;
  courier: docker.Container;
}

/**
 * Delivers files to a container whose root is read-only. The provider can only upload into a root that is writable, so another container
 * that is never started, the courier, receives them in a volume, which the real one then mounts read-only.
 * The volume is named by the hash of its content: other content is another volume, and nothing of the old one stays behind.
 */
export function deliver(
  name: string,
  image: pulumi.Input<string>,
  files: Files,
  opts: pulumi.CustomResourceOptions,
): Delivered {
  const fullName = pulumi.unsecret(pulumi.output(files).apply((content) => `${name}-config-${hashOf(content)}`));
  const volume = new docker.Volume(`${name}-config`, { name: fullName }, opts);
  const courier = new docker.Container(
    `${name}-courier`,
    {
      name: fullName.apply((text) => text.replace("-config-", "-courier-")),
      image,
      entrypoints: ["/bin/true"],
      start: false,
      mustRun: false,
      networkMode: "none",
      restart: "no",
      logDriver: "none",
      volumes: [{ volumeName: volume.name, containerPath: CONFIG_DIR }],
      uploads: layOut(name, files).map(({ path, ...from }) => ({ file: `${CONFIG_DIR}/${path}`, ...from })),
    },
    opts,
  );
  return { volume, courier };
}

const HASH_LENGTH = 12;

/**
 * A short hash of files' paths and contents. It stands in the volume's name, in the clear: contents that are secret are
 * random and long, so that it tells nothing of them.
 */
export function hashOf(files: Readonly<Record<string, string>>): string {
  const hash = createHash("sha256");
  for (const path of Object.keys(files).sort()) hash.update(JSON.stringify([path, files[path]]));
  return hash.digest("hex").slice(0, HASH_LENGTH);
}
