import { Resolver as Dns } from "node:dns/promises";
import { readFile, stat } from "node:fs/promises";

/** Finds the addresses of names. */
export interface Resolver {
  /**
   * IPv4 addresses first, then IPv6; at least one.
   * @throws an error with a `code` as of `node:dns` (`ENOTFOUND`, `ESERVFAIL`, `ETIMEOUT` …), or the signal's reason.
   */
  lookup(name: string, signal: AbortSignal): Promise<readonly string[]>;
}

export interface ResolverOptions {
  /** Name servers, as `address` or `address:port`; the machine's own when left out. */
  servers?: readonly string[];
  /** Names with fixed addresses. */
  hostsFile?: string;
}

/**
 * Asks the name servers itself instead of getaddrinfo, which has a handful of threads for the whole process:
 * a few names whose servers hang would hold up every other check. Nothing is cached, so that a failing name is noticed.
 */
export function makeResolver({ servers, hostsFile = "/etc/hosts" }: ResolverOptions = {}): Resolver {
  const hosts = hostsReader(hostsFile);
  return {
    async lookup(name, signal) {
      const plain = name.toLowerCase().replace(/\.$/, "");
      const fixed = (await hosts()).get(plain);
      if (fixed) return fixed;
      if (plain === "localhost") return LOOPBACK;
      try {
        return await ask(plain, servers, signal);
      } catch (error) {
        // RFC 6761 section 6.3; asked all the same, for in containers such names lead to the proxy.
        if (plain.endsWith(".localhost") && !signal.aborted) return LOOPBACK;
        throw error;
      }
    },
  };
}

const LOOPBACK = ["127.0.0.1", "::1"];

async function ask(name: string, servers: readonly string[] | undefined, signal: AbortSignal): Promise<string[]> {
  const dns = new Dns({ timeout: 2000, tries: 2 });
  if (servers) dns.setServers([...servers]);
  const cancel = () => dns.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const [four, six] = await Promise.allSettled([dns.resolve4(name), dns.resolve6(name)]);
    signal.throwIfAborted();
    const found = [four, six].flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    if (found.length > 0) return found;
    throw four.status === "rejected"
      ? four.reason
      : Object.assign(new Error(`${name} has no address`), { code: "ENODATA" });
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/** The hosts file (hosts(5)), read again when it has changed. */
function hostsReader(path: string): () => Promise<Map<string, string[]>> {
  let known = { mtimeMs: -1, names: new Map<string, string[]>() };
  let lookedAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (performance.now() - lookedAt < 1000) return known.names;
    lookedAt = performance.now();
    try {
      const { mtimeMs } = await stat(path);
      if (mtimeMs !== known.mtimeMs) known = { mtimeMs, names: parseHosts(await readFile(path, "utf8")) };
    } catch {
      known = { mtimeMs: -1, names: new Map() };
    }
    return known.names;
  };
}

/** Addresses by name, in the file's order. */
export function parseHosts(text: string): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [address, ...aliases] = line.replace(/#.*/, "").trim().split(/\s+/);
    for (const alias of aliases) {
      const key = alias.toLowerCase();
      names.set(key, [...(names.get(key) ?? []), address!]);
    }
  }
  return names;
}
