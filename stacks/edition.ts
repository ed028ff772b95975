import { z } from "zod";

/**
 * Which edition of its image a service runs; kept for each stack in its configuration, by `npm run upgrade`.
 * An image is named by what it is built from, which says nothing about *when*: the same Dockerfile gives newer Debian packages
 * next month. `packages` says as of when, so that security updates are one recorded change, and an `up` without one is none.
 */
const edition = z.strictObject({
  /** As of when its Debian packages are, ISO 8601 in UTC; those that were newest when it was first built, where left out. */
  packages: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?Z$/, "a time such as 2026-11-24T10:00Z")
    .optional(),
  /** The very image it is to stay with, whatever the checkout says: set where a newer one had to go back. */
  hold: z
    .string()
    .regex(/^vigie\/[a-z0-9-]+:[a-z0-9-]+$/, "an image such as vigie/wiki:0123456789ab")
    .optional(),
  /** Why it is held, for people. */
  because: z.string().optional(),
});
export type Edition = z.output<typeof edition>;

const editions = z.record(z.string(), edition);

/** Editions by service, from the configuration. @throws where they are malformed */
export function readEditions(raw: unknown): Record<string, Edition> {
  const { data, error } = editions.safeParse(raw ?? {});
  if (error) throw new Error(error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "));
  return data;
}

const FROM_DEBIAN = /^FROM\s+(?:--\S+\s+)*(?:debian|node):\S+.*$/gim;

/**
 * A Dockerfile that brings its Debian base up to date first. The moment stands in the command, so that neither this layer nor
 * any after it is taken from an earlier build's cache; those that share a base and a moment share the layer. Pure.
 */
export const newerPackages = (dockerfile: string, asOf: string): string =>
  dockerfile.replace(
    FROM_DEBIAN,
    (from) => `${from}
RUN : packages as of ${asOf} \\
 && apt-get update -qq \\
 && DEBIAN_FRONTEND=noninteractive apt-get upgrade -y -qq --no-install-recommends \\
 && rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/debconf/*-old`,
  );
