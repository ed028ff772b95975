/** What a container is joined to, as its engine lists it and as the stack made it. */
export interface Shape {
  /** Names of its networks. */
  networks: readonly string[];
  /** Volumes and host paths: where they are mounted, and whether they may be written. */
  mounts: readonly { source?: string; path: string; writable: boolean }[];
  /** Ports opened on the host: `ADDRESS:PUBLISHED->INTERNAL/PROTOCOL`. */
  ports: readonly string[];
}

/** Labels by which the stack writes on a container what it made, so that the lookout can see what became of it. */
export const LABELS = {
  stack: "vigie.stack",
  service: "vigie.service",
  /** Id of the image. */
  image: "vigie.image",
  /** Its shape, as `describeShape` writes it. */
  shape: "vigie.shape",
} as const;

/** A shape as one text in an order of its own: equal texts, equal shapes; what differs can be told by its pieces. */
export function describeShape({ networks, mounts, ports }: Shape): string {
  const pieces = [
    ...networks.map((name) => `network ${name}`),
    // A host path may be told by another name of the same place; a volume's name is its identity.
    ...mounts.map(
      ({ source, path, writable }) =>
        `${writable ? "writable" : "read-only"} ${path}${source ? ` from ${source}` : ""}`,
    ),
    ...ports.map((port) => `port ${port}`),
  ];
  return [...new Set(pieces)].sort().join("; ");
}

/** The pieces of a shape's text. */
export const piecesOf = (shape: string): Set<string> => new Set(shape.split("; ").filter((piece) => piece !== ""));
