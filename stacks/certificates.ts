import type { Inventory } from "../association/index.ts";
import type { Certificates } from "./config.ts";

/** Names that nobody can own (RFC 2606, RFC 6761, RFC 6762, RFC 8375): no public authority signs for them. */
const RESERVED = /(^|\.)(localhost|test|example|invalid|local|internal|home\.arpa)$/;

/** Where certificates come from: as is set, else from an authority of our own where no other could give one. */
export function certificatesFor(set: Certificates | "auto", { services }: Pick<Inventory, "services">): Certificates {
  if (set !== "auto") return set;
  const names = Object.values(services).flatMap(({ hostname }) => hostname ?? []);
  return names.some((name) => RESERVED.test(name)) ? "internal" : "acme";
}
