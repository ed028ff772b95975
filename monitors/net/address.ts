import { isIPv6 } from "node:net";

export interface Address {
  /** Name or IP address, without brackets. */
  host: string;
  port: number;
}

/** `host:port`, an IPv6 address in brackets (RFC 3986 section 3.2.2); undefined where it is not one. */
export function parseAddress(text: string): Address | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/[\]@]+)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  const host = bracketed ?? plain;
  if (host === undefined || port < 1 || port > 65_535) return undefined;
  if (bracketed !== undefined && !isIPv6(bracketed)) return undefined;
  return { host, port };
}

/** The version of IP that an address is of; 4 where none is known. */
export const ipVersion = (host: string): 4 | 6 => (isIPv6(host) ? 6 : 4);

export const formatAddress = ({ host, port }: Address): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
