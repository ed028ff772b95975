/** An image as it is named: https://github.com/distribution/reference */
export interface Reference {
  /** `registry-1.docker.io`, or `host[:port]`. */
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  /** `sha256:…`, where it is pinned. */
  readonly digest?: string;
}

/** Reads a name such as `debian:trixie-slim`, `localhost:5000/x/galette:1.2@sha256:…`. Pure. */
export function parseReference(text: string): Reference {
  const [name = "", digest] = text.split("@");
  const [, path = name, tag = "latest"] = /^(.*?)(?::([\w][\w.-]{0,127}))?$/.exec(name) ?? [];
  const [first = "", ...rest] = path.split("/");
  const hasHost = rest.length > 0 && /[.:]|^localhost$/.test(first);
  return {
    registry: hasHost ? first : "registry-1.docker.io",
    repository: hasHost ? rest.join("/") : rest.length === 0 ? `library/${first}` : path,
    tag,
    ...(digest === undefined ? {} : { digest }),
  };
}

/** Media types of image indexes and manifests (OCI distribution specification 1.1, and Docker's own before it). */
const ACCEPT = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

const TIMEOUT = 10_000;
const MOST_BYTES = 4 * 1024 * 1024;

/** A registry on this machine is spoken to without TLS, as Docker does. */
const schemeOf = (registry: string): string =>
  /^(localhost|127\.\d+\.\d+\.\d+)(:|$)/.test(registry) ? "http" : "https";

/**
 * Asks a registry, anonymously; where it wants a token, from the place that it names (distribution specification, "token").
 * @throws in words a volunteer understands
 */
async function ask(registry: string, path: string, method: "GET" | "HEAD"): Promise<Response> {
  const url = `${schemeOf(registry)}://${registry}/v2/${path}`;
  const call = async (headers: Record<string, string>): Promise<Response> =>
    fetch(url, { method, headers: { accept: ACCEPT, ...headers }, signal: AbortSignal.timeout(TIMEOUT) }).catch(
      (error: Error) => {
        throw new Error(
          `${registry} is not reached: ${error.cause instanceof Error ? error.cause.message : error.message}`,
        );
      },
    );
  let answer = await call({});
  if (answer.status === 401) {
    const token = await tokenFor(answer.headers.get("www-authenticate") ?? "");
    if (token !== undefined) answer = await call({ authorization: `Bearer ${token}` });
  }
  if (answer.ok) return answer;
  throw new Error(`${registry} answers ${answer.status} about ${path.replace(/\?.*/, "")}`);
}

async function tokenFor(challenge: string): Promise<string | undefined> {
  if (!/^bearer /i.test(challenge)) return undefined;
  const part = (name: string): string | undefined => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1];
  const realm = part("realm");
  if (realm === undefined) return undefined;
  const url = new URL(realm);
  for (const name of ["service", "scope"]) {
    const value = part(name);
    if (value !== undefined) url.searchParams.set(name, value);
  }
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) });
  const { token, access_token } = (await answer.json()) as { token?: string; access_token?: string };
  return token ?? access_token;
}

/** What a tag stands for now: `sha256:…`. @throws where the registry does not say */
export async function digestOf({ registry, repository, tag }: Reference): Promise<string> {
  const answer = await ask(registry, `${repository}/manifests/${tag}`, "HEAD");
  const digest = answer.headers.get("docker-content-digest");
  if (digest?.match(/^sha256:[0-9a-f]{64}$/)) return digest;
  throw new Error(`${registry} gives no digest of ${repository}:${tag}`);
}

/** All tags of a repository; what a registry answers is bounded. */
export async function tagsOf({ registry, repository }: Reference): Promise<string[]> {
  const text = (await (await ask(registry, `${repository}/tags/list`, "GET")).text()).slice(0, MOST_BYTES);
  const { tags } = JSON.parse(text) as { tags?: unknown };
  return Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === "string") : [];
}

/**
 * Tags newer than one, of its own shape: `1.2.3-slim` is followed by `1.3.0-slim`, and neither by `2.0-rc1` nor by `latest`.
 * The newest first. Pure.
 */
export function newerTags(tag: string, all: readonly string[]): string[] {
  const shape = (text: string): string => text.replace(/\d+/g, "#");
  const numbers = (text: string): number[] => (text.match(/\d+/g) ?? []).map(Number);
  const own = numbers(tag);
  if (own.length === 0) return [];
  const later = (a: readonly number[], b: readonly number[]): number => {
    const at = a.findIndex((value, index) => value !== b[index]);
    return at < 0 ? 0 : a[at]! - b[at]!;
  };
  return all
    .filter((other) => shape(other) === shape(tag) && later(numbers(other), own) > 0)
    .sort((a, b) => later(numbers(b), numbers(a)));
}
