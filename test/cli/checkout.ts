import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "../../cli/places.ts";
import { type Ended, run } from "../../cli/run.ts";

const COPIED = [
  ...["association", "cli", "dashboards", "monitors", "runbooks", "stacks", "test/toolchain"],
  ...["package.json", "package-lock.json", "Pulumi.yaml", "tsconfig.json"],
];

/** A copy of the checkout with state and secrets of its own, that a test may break as it likes. */
export interface Checkout {
  root: string;
  /** The words that run Vigie in it, and the environment to give them, for tests that start it by themselves. */
  words: (...words: string[]) => string[];
  env: NodeJS.ProcessEnv;
  /** Runs a command of Vigie in it, to its end. */
  vigie: (...words: string[]) => Promise<Ended>;
  write: (path: string, content: string) => void;
  remove: () => void;
}

/** @param extra variables of the environment, such as DOCKER_HOST */
export function copyCheckout(extra: NodeJS.ProcessEnv = {}): Checkout {
  const root = mkdtempSync(join(tmpdir(), "vigie-"));
  for (const path of COPIED)
    if (existsSync(join(ROOT, path))) cpSync(join(ROOT, path), join(root, path), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
  const { VITEST: _, ...own } = process.env;
  const env = { ...own, PATH: `${join(ROOT, "node_modules", ".bin")}:${process.env.PATH}`, CI: "true", ...extra };
  const words = (...rest: string[]) => ["--disable-warning=ExperimentalWarning", join(root, "cli", "main.ts"), ...rest];
  return {
    root,
    words,
    env,
    vigie: (...rest) => run(process.execPath, words(...rest), { cwd: root, env }),
    write: (path, content) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** A declaration with one service, `site`, which answers on `port` of 127.0.0.1. */
export const smallDeclaration = (id: string, port: number): string => `
import { defineAssociation } from "../../association/index.ts";
export default defineAssociation({
  association: { id: "${id}", name: "Small", mainDomain: "small.localhost", contact: "it" },
  domains: { "small.localhost": {} },
  teams: { it: { name: { fr: "Informatique", en: "IT" } } },
  holders: { amelie: { name: "Amélie Test", email: "amelie@small.localhost" } },
  roles: { it: { title: { fr: "Informatique", en: "IT" }, team: "it", holders: ["amelie"] } },
  hosts: { main: { name: { fr: "Ici", en: "Here" }, address: "127.0.0.1", publishOn: "127.0.0.1" } },
  services: {
    site: {
      name: { fr: "Site", en: "Site" }, purpose: { fr: "Essai", en: "Trial" }, owner: "it",
      delivery: { by: "us", kind: "stand-in", host: "main", settings: { names: ["a.small.localhost"] }, publish: { http: ${port} } },
      checks: [{ check: "tcp", address: "http" }],
      backup: { none: "It holds nothing at all" }, runbook: "proxy", privacy: { none: "It holds nothing at all" },
    },
  },
} as never);
`;

/**
 * A program of the same shape as the real one, in the place of the stacks: what the commands do is tested apart from what
 * is deployed. Its volume is protected, as those of services are.
 *
 * @param container further arguments of the container, as source
 */
export const smallProgram = (id: string, port: number, container = ""): string => `
import { fileURLToPath } from "node:url";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
const site = new pulumi.ComponentResource("vigie:service:site", "site");
const here = { parent: site };
const network = new docker.Network("${id}-site", { name: "${id}-site" }, here);
const volume = new docker.Volume("${id}-data", { name: "${id}-data" }, { ...here, protect: true });
const context = fileURLToPath(new URL("../image", import.meta.url));
const image = new docker.RemoteImage("main-site", { name: "${id}-site:1", build: { context }, forceRemove: true }, here);
new docker.Container("${id}-site", {
  name: "${id}-demo-site", image: image.imageId, command: ["sleep", "infinity"], init: true, destroyGraceSeconds: 2,
  ports: [{ internal: 80, external: ${port}, ip: "127.0.0.1" }],
  networksAdvanced: [{ name: network.name }], volumes: [{ volumeName: volume.name, containerPath: "/data" }],
  memory: 64, memorySwap: 64, ${container}
}, { ...here, deleteBeforeReplace: true });
const secret = new pulumi.Config("vigie").requireSecret("rootSecret");
export const urls = { site: "http://127.0.0.1:${port}" };
export const passwords = pulumi.secret({ amelie: secret.apply((text) => "first-" + text.slice(0, 8)) });
`;
