import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Place, Unusable } from "./repository.ts";

/** A folder that one agent alone uses: a disk of the host. */
export const folderPlace = (path: string): Place => ({
  exists: async () => existsSync(join(path, "config")),
  enter: async () => true,
  leave: async () => {},
});

const TIMEOUT = 10_000;

/**
 * A repository on a REST server: https://github.com/restic/restic/blob/master/doc/REST_backend.rst
 *
 * The turnstile is made of what such a server has: an object can be created once, and of all objects in an append-only
 * repository, those under locks/ can be deleted. The server refuses a name that is not its content's SHA-256.
 *
 * @param address the repository's, without user and password, ending in a slash
 */
export function restPlace(address: URL, user: string, password: string): Place {
  const body = "vigie: making the repository";
  const object = new URL(`locks/${createHash("sha256").update(body).digest("hex")}`, address);
  const call = async (method: string, url: URL, content?: string): Promise<number> => {
    const response = await fetch(url, {
      method,
      signal: AbortSignal.timeout(TIMEOUT),
      headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` },
      ...(content === undefined ? {} : { body: content }),
    }).catch((error: Error) => {
      const cause = error.cause instanceof Error ? error.cause.message : error.message;
      throw new Unusable(`the repository's server ${address.host} does not answer: ${cause}`);
    });
    await response.arrayBuffer();
    if (response.status === 401) {
      throw new Unusable(
        `the repository's server ${address.host} does not know the user ${user} by the password in the rest-password file`,
      );
    }
    if (response.status >= 500)
      throw new Unusable(`the repository's server ${address.host} answers ${response.status}`);
    return response.status;
  };
  return {
    async exists() {
      const status = await call("HEAD", new URL("config", address));
      if (status === 200) return true;
      if (status === 404) return false;
      throw new Unusable(`the repository's server ${address.host} answers ${status} where the repository should be`);
    },
    async enter() {
      const folder = new URL(address);
      folder.searchParams.set("create", "true");
      await call("POST", folder);
      return (await call("POST", object, body)) === 200;
    },
    async leave() {
      await call("DELETE", object);
    },
  };
}
