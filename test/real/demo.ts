import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { inject, vi } from "vitest";
import type { Check, Inventory } from "../../association/index.ts";
import { readInventory, readSettings } from "../../cli/declared.ts";
import { ROOT } from "../../cli/places.ts";
import { type Ended, run } from "../../cli/run.ts";
import { stackFor } from "./names.ts";

/** The stack that the tests of this folder and of `test/browser` share. */
export const STACK = stackFor("real");

/** The demo that `setup.ts` brought up, as tests find it. */
export interface Demo {
  /** Starts the name of each container, network and volume. */
  prefix: string;
  /** Where Pulumi's state and passphrase are: for commands that work on the stack. */
  env: Record<string, string>;
  /** Addresses that `up` printed, by service. */
  urls: Record<string, string>;
  /** First passwords, by login. */
  passwords: Record<string, string>;
  /** Certificate of the proxy's own authority, in PEM. */
  authority: string;
  /** File with all that `up` wrote. */
  transcript: string;
}

declare module "vitest" {
  export interface ProvidedContext {
    demo: Demo;
  }
}

export const demo = (): Demo => inject("demo");

/** Runs a command of Vigie in this checkout, as a user would. */
export const vigie = (words: readonly string[], env: Record<string, string> = demo().env): Promise<Ended> =>
  run(process.execPath, [join(ROOT, "bin", "vigie.mjs"), ...words], {
    cwd: ROOT,
    env: { ...userEnvironment(), ...env },
  });

/** The environment without what the test runner adds to it. */
export function userEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV$|TEST$|DEV$|PROD$|MODE$)/.test(name));
  return { ...Object.fromEntries(kept), CI: "true" };
}

/** What the stack was derived from. */
export const readDemo = (): Promise<Inventory> => readInventory(STACK, readSettings(STACK));

/** Name of a service's container. */
export const container = (service: string): string => `${demo().prefix}-${service}`;

/** Runs docker and gives what it wrote; throws, with its words, where it fails. */
export const docker = (...words: string[]): string =>
  execFileSync("docker", words, { encoding: "utf8", maxBuffer: 2 ** 28, stdio: ["ignore", "pipe", "pipe"] });

/** Runs a program in a service's container. */
export const inside = (service: string, ...words: string[]): string => docker("exec", container(service), ...words);

/** Like `inside`, with text for its input; never throws. */
export function attemptInside(service: string, words: readonly string[], input = "") {
  const { status, stdout, stderr } = spawnSync("docker", ["exec", "-i", container(service), ...words], {
    encoding: "utf8",
    input,
  });
  return { code: status, stdout, stderr };
}

/** An answer as a program in a container got it. */
export interface InnerAnswer {
  status: number;
  text: string;
}

/** Has Node in a service's container make a request: the lookout and the backup agent have no other client. */
export function fetchFrom(service: string, url: string, more: Omit<InnerRequest, "url"> = {}): InnerAnswer {
  return fetchEachFrom(service, [{ url, ...more }])[0]!;
}

interface InnerRequest {
  url: string;
  method?: string;
  authorization?: string | undefined;
}

/** The same for several, one after the other: a program takes seconds to start on a busy machine. */
export function fetchEachFrom(service: string, requests: readonly InnerRequest[]): InnerAnswer[] {
  const program = `
    const answers = [];
    for (const { url, method, authorization } of ${JSON.stringify(requests)}) {
      const answer = await fetch(url, { method, headers: authorization === undefined ? {} : { authorization } });
      answers.push({ status: answer.status, text: await answer.text() });
    }
    console.log(JSON.stringify(answers));`;
  // By its input: arguments can be read by any process, and some of these hold a password.
  const { stdout, stderr } = attemptInside(service, ["node", "--input-type=module", "-"], program);
  if (stdout === "")
    throw new Error(`${service} could not fetch ${requests.map(({ url }) => url).join(", ")}: ${stderr}`);
  return JSON.parse(stdout) as InnerAnswer[];
}

/** Waits until `condition` no longer throws, looking at it about every second; fails with its last error. */
export const eventually = <T>(condition: () => T | Promise<T>, seconds: number): Promise<T> =>
  vi.waitFor(condition, { timeout: seconds * 1000, interval: 1000 });

/** Id of a check within its service, as labels have it. */
export const localId = ({ id, service }: Check): string => id.slice(service.length + 1);
