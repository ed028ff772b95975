/** A resource of a stack's state. */
interface Resource {
  type: string;
  urn: string;
  inputs?: Record<string, unknown>;
}

const PREFIX = "vigie-bare";
const CLASSES: Readonly<Record<string, string>> = {
  "docker:index/container:Container": "Container",
  "docker:index/network:Network": "Network",
  "docker:index/remoteImage:RemoteImage": "RemoteImage",
  "docker:index/volume:Volume": "Volume",
};

/**
 * A Pulumi program with as many resources of @pulumi/docker as a state has, of the same types and with the simplest
 * arguments that they can have: what anybody would have to pay. Gives its files by name.
 */
export function bareProgram(resources: readonly Resource[]): Record<string, string> {
  const lines = resources.flatMap(({ type }, index) => {
    const name = CLASSES[type];
    return name === undefined ? [] : [made(name, `${PREFIX}-${index}`)];
  });
  return {
    "Pulumi.yaml": "name: bare\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: index.ts\n",
    "package.json": JSON.stringify({ name: "bare", type: "module", private: true }),
    "index.ts": [
      'import * as docker from "@pulumi/docker";',
      'const base = new docker.RemoteImage("base", { name: "debian:trixie-slim", keepLocally: true });',
      ...lines,
      "",
    ].join("\n"),
  };
}

/** A container is made and never started: what runs in it costs Pulumi nothing. */
function made(type: string, name: string): string {
  const args: Record<string, string> = {
    Container: `{ name: "${name}", image: base.imageId, command: ["true"], start: false, mustRun: false, networkMode: "none", logDriver: "none" }`,
    Network: `{ name: "${name}" }`,
    RemoteImage: `{ name: "debian:trixie-slim", keepLocally: true }`,
    Volume: `{ name: "${name}" }`,
  };
  return `new docker.${type}("${name}", ${args[type]});`;
}
