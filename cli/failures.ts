import type { Problem } from "./refusal.ts";

/** Something that Pulumi reports as failed. */
export interface Failure {
  /** What Pulumi, the plugin or the engine said, cleaned by `cleanMessage`. */
  message: string;
  /** The declared service it belongs to, where it belongs to one. */
  service?: string;
  /** The thing itself, in words: `container wiki`. */
  thing?: string;
  /** Folder an image was being built from. */
  context?: string;
  /** Name of the container on its engine. */
  container?: string;
}

interface Explanation {
  pattern: RegExp;
  what: (found: RegExpExecArray, failure: Failure) => string;
  fix: (found: RegExpExecArray, failure: Failure, stack: string) => string;
}

/** `wiki: `, where the failure belongs to a service. */
const of = ({ service, thing }: Failure): string => (service ? `${service}: ` : thing ? `${thing}: ` : "");

const AGAIN = "then: npm run up";

/**
 * What goes wrong in an `up`, told by how Docker, Pulumi or the plugin words it. The first that matches is used: the precise
 * ones come first. The words are those of Docker 20.10 to 28 and Pulumi 3.200 and later, as seen.
 */
export const explanations: readonly Explanation[] = [
  {
    pattern: /The declaration has \d+ problems?:[\s\S]*/,
    what: ([text]) => text.replace(/\n {4}at [\s\S]*$/, "").trim(),
    fix: () => "Correct the declaration; nothing was touched",
  },
  {
    pattern: /failed with an unhandled exception:\s*([^\n]+)([\s\S]*)/,
    what: ([, reason]) => `The program stopped: ${reason!.trim()}`,
    fix: ([, , trace]) =>
      trace!.replace(/^\s*at (?:async )?(?:\S+ \()?node:.*$/gm, "").trim() ||
      "npm run pulumi -- preview   may show more",
  },
  {
    pattern: /no space left on device/i,
    what: (_, failure) => `${of(failure)}the disk is full`,
    fix: () => `docker system df   shows what Docker uses; docker builder prune frees what no image needs, ${AGAIN}`,
  },
  {
    pattern:
      /(?:executor failed running \[|process "|The command ')(?:\/bin\/(?:sh|bash) -\S+ )?([\s\S]+?)(?:\]|" did not|' returned)[\s\S]*?(?:code: ?)(\d+)/,
    what: ([, command, code], failure) =>
      `${of(failure)}its image cannot be built: \`${oneLine(command!)}\` failed with exit code ${code}`,
    fix: (_, { context }) =>
      `docker build ${context ?? "FOLDER"}   shows the whole output; correct its Dockerfile (or make room, where no space was left), ${AGAIN}`,
  },
  {
    pattern:
      /(?:dockerfile parse error|unknown instruction|failed to read dockerfile|failed to compute cache key|COPY failed|lstat .* no such file)[^\n]*/i,
    what: ([text], failure) => `${of(failure)}its Dockerfile cannot be used: ${oneLine(text)}`,
    fix: (_, { context }) => `docker build ${context ?? "FOLDER"}   shows where; correct it, ${AGAIN}`,
  },
  {
    pattern: /(?:address already in use|port is already allocated)/,
    what: (_, failure) => `${of(failure)}port ${portIn(failure.message)} is taken by another program or container`,
    fix: (_, failure) =>
      `docker ps --filter publish=${portIn(failure.message)}; sudo ss -tulnp 'sport = :${portIn(failure.message)}'   show which; stop it, ${AGAIN}`,
  },
  {
    pattern: /container name "?\/?([^" ]+)"? is already in use/,
    what: ([, name], failure) =>
      `${of(failure)}the engine already has a container called ${name} that this stack did not make`,
    fix: ([, name], _, stack) =>
      `docker inspect ${name}   shows what it is. If it is left over: docker rm --force ${name}, ${AGAIN}. If another checkout made the stack ${stack} on this engine, use another name: --stack NAME`,
  },
  {
    pattern: /network with name (\S+) already exists/,
    what: ([, name], failure) =>
      `${of(failure)}the engine already has a network called ${name} that this stack did not make`,
    fix: ([, name]) => `docker network rm ${name}, ${AGAIN}`,
  },
  {
    pattern: /permission denied.*docker(?:\.sock| daemon)|docker(?:\.sock| daemon).*permission denied/is,
    what: (_, failure) => `${of(failure)}you may not use the Docker engine`,
    fix: () => 'sudo usermod -aG docker "$USER"   then log out and in again',
  },
  {
    pattern:
      /(?:could not find an available, non-overlapping|all predefined address pools have been fully subnetted|Pool overlaps)/,
    what: (_, failure) => `${of(failure)}the engine has no network addresses left`,
    fix: () =>
      [
        `docker network prune   removes the networks that no container uses, ${AGAIN}`,
        "If all are in use: Docker has room for about thirty networks unless /etc/docker/daemon.json says otherwise, such as",
        '{ "default-address-pools": [{ "base": "172.16.0.0/12", "size": 24 }] }, then systemctl restart docker',
      ].join("\n"),
  },
  {
    pattern:
      /(?:failed to do request: Head|Get) "?https:\/\/([^/"]+)\/v2\/(?:[^"]*?)"?: (?:dial|net|context|EOF|unexpected|x509|proxyconnect)/,
    what: ([, registry], failure) => `${of(failure)}the engine does not reach the image registry ${registry}`,
    fix: () => `Check the machine's network (docker pull debian:trixie-slim), ${AGAIN}`,
  },
  {
    pattern: /(?:manifest (?:for \S+ )?(?:unknown|not found)|pull access denied for|repository does not exist)[^\n]*/,
    what: ([text], failure) => `${of(failure)}its image does not exist in the registry: ${oneLine(text)}`,
    fix: () => `Correct the image's name or tag, ${AGAIN}`,
  },
  {
    pattern:
      /(?:cannot connect to the docker daemon|error during connect|error pinging docker server|dial unix \S+: connect: |read unix \S+: |connection reset by peer|broken pipe|unexpected EOF|: EOF$|transport is closing)/im,
    what: (_, failure) => `${of(failure)}the Docker engine stopped or cannot be reached`,
    fix: () => `npm run engine   tells how to start it, ${AGAIN}: it goes on from where it was`,
  },
  {
    pattern: /currently locked by/,
    what: () => "another command is at work on this stack",
    fix: (_, __, stack) => `Wait for it to end. If none is: npm run pulumi -- cancel --stack ${stack}, ${AGAIN}`,
  },
  {
    pattern: /incorrect passphrase/,
    what: (_, __) => "the passphrase is not the one that this stack's secrets were written with",
    fix: () =>
      "Restore .vigie/passphrase (or PULUMI_CONFIG_PASSPHRASE) from the copy kept with the association's other secrets",
  },
  {
    pattern: /(?:is protected|cannot be deleted|marked (?:for|as) protect)[^\n]*/i,
    what: (_, failure) => `${of(failure)}this change would delete protected data`,
    fix: (_, { thing }) =>
      `Move the data first, or if it may go: npm run pulumi -- state unprotect URN   (npm run pulumi -- stack --show-urns lists them${thing ? `; this one is the ${thing}` : ""})`,
  },
  {
    pattern:
      /(?:could not (?:automatically )?(?:download|find)[^\n]*plugin|no resource plugin '?(\S+?)'? found|failed to (?:download|install) plugin)[^\n]*/i,
    what: ([text]) => `Pulumi's docker plugin cannot be had: ${oneLine(text)}`,
    fix: () => `Check that this machine reaches https://get.pulumi.com and https://github.com, ${AGAIN}`,
  },
  {
    pattern:
      /(?:container exited|exited immediately|is not running|unhealthy|did not become healthy|container .* to be in healthy state)[^\n]*/i,
    what: ([text], failure) => `${of(failure)}its container started and did not stay up: ${oneLine(text)}`,
    fix: (_, { container }) => `docker logs ${container ?? "CONTAINER"}   shows why, ${AGAIN}`,
  },
  {
    pattern:
      /(?:host key verification failed|permission denied \(publickey|could not resolve hostname|ssh: connect to host)[^\n]*/i,
    what: ([text], failure) => `${of(failure)}its host is not reached by ssh: ${oneLine(text)}`,
    fix: () => `npm run engine and ssh USER@HOST docker version   show more, ${AGAIN}`,
  },
];

/** A failure in the user's words, with what to do. Pure. */
export function explainFailure(failure: Failure, stack: string): Problem {
  for (const { pattern, what, fix } of explanations) {
    const found = pattern.exec(failure.message);
    if (found) return { what: capital(what(found, failure)), fix: fix(found, failure, stack) };
  }
  const thing = failure.service && failure.thing ? `${failure.service}: ${failure.thing}: ` : of(failure);
  return {
    what: `${thing}${failure.message}`,
    fix: failure.container
      ? `docker logs ${failure.container}   may show more`
      : "npm run pulumi -- preview --diff   may show more",
  };
}

/** Failures explained, those that come to the same words told once. */
export function explainFailures(failures: readonly Failure[], stack: string): Problem[] {
  const problems = failures.map((failure) => explainFailure(failure, stack));
  return problems.filter(({ what }, index) => problems.findIndex((other) => other.what === what) === index);
}

/** A diagnostic without the layers that pass it on: list bullets, the resource's name once more, the plugin's file names. */
export function cleanMessage(text: string): string {
  return text
    .replace(/^\s*sdk-v2\/\S+: sdk\.helper_schema: /, "")
    .replace(/: provider=docker@\S+\s*$/, "")
    .replace(/^\s*\d+ errors? occurred:\s*/gm, "")
    .replace(/^\s*\* /gm, "")
    .replace(/(?:creating|updating|deleting|replacing) urn:pulumi:\S+: (?:\d+ errors? occurred:\s*(?:\* )?)?/g, "")
    .replace(/\n\s*\n+/g, "\n")
    .trim();
}

/** The errors in what the CLI wrote before any resource was touched. */
export function errorsIn(output: string): string[] {
  return [...output.matchAll(/^error: ([\s\S]*?)(?=^error: |(?![\s\S]))/gm)].map(([, text]) => text!.trim());
}

/** The port in `listen tcp4 0.0.0.0:443: bind: …` or `Bind for 0.0.0.0:443 failed: …`. */
const portIn = (message: string): string =>
  /(?:listen \S+ |Bind for |exposing port \S+ )\S*?:(\d+)/.exec(message)?.[1] ?? "it needs";

const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();
const capital = (text: string): string => (/^[a-z]+ [a-z]/.test(text) ? text[0]!.toUpperCase() + text.slice(1) : text);
