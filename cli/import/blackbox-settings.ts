import type { DraftCheck, Fields, Tell } from "./draft.ts";

/** What a prober's settings say of an address as a check. */
export type Prober = (address: string, settings: Fields, tell: Tell) => DraftCheck | undefined;

/** Which version of IP is asked for. */
export const ipOf = ({ preferred_ip_protocol: protocol, ip_protocol_fallback: fallback }: Fields): Fields =>
  fallback === false && (protocol === "ip4" || protocol === "ip6") ? { ip: protocol === "ip4" ? 4 : 6 } : {};

/** What there is nothing like; what is set to what the exporter does anyway is worth no word. */
export function tellRest(settings: Fields, read: Readonly<Record<string, readonly unknown[]>>, tell: Tell): void {
  for (const [key, value] of Object.entries(settings))
    if (!Object.hasOwn(read, key) || (read[key]!.length > 0 && !read[key]!.includes(value)))
      tell(key, "the lookout has no such setting");
}
