import { describe, expect, it } from "vitest";
import {
  cleanMessage,
  errorsIn,
  explainFailure,
  explainFailures,
  explanations,
  type Failure,
} from "../../cli/failures.ts";

const wiki: Failure = {
  message: "",
  service: "wiki",
  thing: "container demo-wiki",
  container: "demo-wiki",
  context: ".vigie/contexts/wiki",
};
const told = (message: string, failure: Partial<Failure> = {}): string => {
  const { what, fix } = explainFailure({ ...wiki, message, ...failure }, "demo");
  return `${what} → ${fix}`;
};

/** Messages as Docker 20.10 to 28, BuildKit, Pulumi and ssh word them. */
const SEEN: readonly [name: string, message: string, words: RegExp][] = [
  [
    "a build that fails under BuildKit",
    "executor failed running [/bin/sh -c apt-get install -y nothing]: exit code: 100",
    /^Wiki: its image cannot be built: `apt-get install -y nothing` failed with exit code 100 → docker build \.vigie\/contexts\/wiki/i,
  ],
  [
    "a build that fails under a later BuildKit",
    'process "/bin/sh -c npm ci" did not complete successfully: exit code: 1',
    /`npm ci` failed with exit code 1/,
  ],
  [
    "a build that fails under the classic builder",
    "The command '/bin/sh -c make all' returned a non-zero code: 2",
    /`make all` failed with exit code 2/,
  ],
  [
    "a build that finds the disk full",
    "head: write error: No space left on device\nThe command '/bin/sh -c make all' returned a non-zero code: 2",
    /^Wiki: the disk is full → docker system df/i,
  ],
  [
    "a Dockerfile that does not parse",
    "dockerfile parse error line 3: unknown instruction: RUNN",
    /its Dockerfile cannot be used: dockerfile parse error line 3: unknown instruction: RUNN/,
  ],
  [
    "a file that is not in the context",
    'failed to compute cache key: "/missing" not found: not found',
    /its Dockerfile cannot be used/,
  ],
  [
    "a taken port, told by the proxy",
    "driver failed programming external connectivity on endpoint demo-wiki (24): Error starting userland proxy: listen tcp4 0.0.0.0:443: bind: address already in use",
    /port 443 is taken.*→ docker ps --filter publish=443.*ss -tulnp/,
  ],
  [
    "a taken port, told by another container",
    "Bind for 0.0.0.0:8443 failed: port is already allocated",
    /port 8443 is taken/,
  ],
  ["a taken port on IPv6", "listen tcp6 [::]:80: bind: address already in use", /port 80 is taken/],
  [
    "a container's name in use",
    'Conflict. The container name "/demo-wiki" is already in use by container "24ab". You have to remove (or rename) that container',
    /already has a container called demo-wiki.*→ docker inspect demo-wiki/,
  ],
  [
    "a network's name in use",
    "network with name demo-front already exists",
    /already has a network called demo-front.*→ docker network rm demo-front/,
  ],
  [
    "an engine that stopped",
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    /engine stopped or cannot be reached → npm run engine/,
  ],
  ["an engine that stopped during a build", "error during connect: Post http://docker/build: EOF", /engine stopped/],
  ["an engine that stopped during a call", "Unable to create container: unexpected EOF", /engine stopped/],
  [
    "an engine's socket that is gone",
    "error pinging Docker server: dial unix /var/run/docker.sock: connect: no such file or directory",
    /engine stopped/,
  ],
  [
    "no permission",
    "Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
    /may not use the Docker engine → sudo usermod/,
  ],
  ["a full disk", "write /var/lib/docker/tmp/x: no space left on device", /disk is full → docker system df/],
  [
    "no addresses left",
    "could not find an available, non-overlapping IPv4 address pool among the defaults",
    /no network addresses left → docker network prune/,
  ],
  [
    "no addresses left, as later versions say",
    "all predefined address pools have been fully subnetted",
    /no network addresses left/,
  ],
  [
    "a registry out of reach",
    'failed to do request: Head "https://registry-1.docker.io/v2/library/debian/manifests/trixie-slim": dial tcp: lookup registry-1.docker.io: no such host',
    /does not reach the image registry registry-1\.docker\.io/,
  ],
  [
    "an image that does not exist",
    "manifest for debian:trixi not found: manifest unknown: manifest unknown",
    /does not exist in the registry/,
  ],
  [
    "a private image",
    "pull access denied for galette, repository does not exist or may require 'docker login'",
    /does not exist in the registry/,
  ],
  [
    "a lock",
    "the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end",
    /another command is at work.*→ .*pulumi -- cancel --stack demo/i,
  ],
  [
    "a wrong passphrase",
    "getting stack configuration: get stack secrets manager: incorrect passphrase",
    /the passphrase is not the one.*→ Restore/i,
  ],
  [
    "protected data",
    'unable to delete resource "urn:pulumi:demo::vigie::docker:index/volume:Volume::data": as it is currently marked for protection',
    /would delete protected data/,
  ],
  [
    "protected data, to be replaced",
    'resource "urn:x" cannot be deleted because it is protected',
    /would delete protected data/,
  ],
  [
    "a plugin that cannot be downloaded",
    "Could not automatically download and install resource plugin 'pulumi-resource-docker' at version v5.2.0",
    /docker plugin cannot be had/,
  ],
  ["a container that does not stay up", "container exited immediately", /did not stay up.*→ docker logs demo-wiki/],
  ["a container that stays unhealthy", "container 24ab is in unhealthy state", /did not stay up/],
  ["a host out of reach", "ssh: connect to host nas.example port 22: Connection timed out", /not reached by ssh/],
];

describe("explainFailure", () => {
  it.each(SEEN)("tells %s", (_, message, words) => {
    expect(told(message)).toMatch(words);
  });

  it("has an example of every explanation", () => {
    const unseen = explanations.filter(
      ({ pattern }) =>
        ![...SEEN.map(([, message]) => message), CRASH, DECLARATION].some((message) => pattern.test(message)),
    );
    expect(unseen.map(({ pattern }) => String(pattern))).toEqual([]);
  });

  const DECLARATION =
    "The declaration has 2 problems:\n  services.wiki.owner\n    found nothing; expected a role\n  x\n    found y\n    at main (file:///a/stacks/index.ts:3:4)";
  it("shows a declaration's problems whole, without a stack trace", () => {
    expect(told(DECLARATION)).toMatch(/^The declaration has 2 problems:[\s\S]*found y → Correct the declaration/);
  });

  const CRASH =
    "Running program '/x/stacks/index.ts' failed with an unhandled exception:\nTypeError: host is undefined\n    at deploy (file:///x/stacks/index.ts:9:3)\n    at node:internal/process:1:1\n    at async node:internal/x:2:2";
  it("shows where the program stopped, without Node's own frames", () => {
    expect(told(CRASH)).toBe(
      "The program stopped: TypeError: host is undefined → at deploy (file:///x/stacks/index.ts:9:3)",
    );
  });

  it("names the service and the thing where it knows no better words", () => {
    expect(told("Something new")).toBe(
      "wiki: container demo-wiki: Something new → docker logs demo-wiki   may show more",
    );
  });

  it("does without what is not known", () => {
    const { what, fix } = explainFailure(
      { message: "executor failed running [/bin/sh -c false]: exit code: 1" },
      "demo",
    );
    expect(what).toBe("Its image cannot be built: `false` failed with exit code 1");
    expect(fix).not.toMatch(/undefined/);
  });
});

describe("explainFailures", () => {
  it("tells once what comes to the same words", () => {
    const stopped = (service: string): Failure => ({ service, message: "Cannot connect to the Docker daemon" });
    expect(explainFailures([stopped("wiki"), stopped("wiki"), stopped("nas")], "demo")).toHaveLength(2);
  });
});

describe("cleanMessage", () => {
  it("drops the layers that passed the message on", () => {
    const urn = "urn:pulumi:demo::vigie::vigie:service:wiki$docker:index/container:Container::wiki";
    expect(
      cleanMessage(
        `1 error occurred:\n\t* creating ${urn}: 1 error occurred:\n\t* Unable to start container: no\n\n\n\n`,
      ),
    ).toBe("Unable to start container: no");
    expect(cleanMessage("  sdk-v2/provider2.go:572: sdk.helper_schema: it failed\n\n: provider=docker@5.2.0\n")).toBe(
      "it failed",
    );
  });
  it("keeps the lines of a message of several", () => {
    expect(cleanMessage("one\n\n\n  two\n")).toBe("one\n  two");
  });
});

describe("errorsIn", () => {
  it("finds each error of what the CLI wrote, warnings left out", () => {
    expect(errorsIn("code: 255\nwarning: x\nerror: first\n  more\nerror: second\n")).toEqual([
      "first\n  more",
      "second",
    ]);
  });
  it("finds none where there is none", () => {
    expect(errorsIn("all is well")).toEqual([]);
  });
});
