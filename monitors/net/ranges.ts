import { BlockList, isIPv6 } from "node:net";

/** Networks that nobody outside of a machine or a building reaches (IANA special-purpose address registries, RFC 6890). */
const NETWORKS: readonly (readonly [network: string, prefix: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  ["::", 128],
  ["::1", 128],
  ["64:ff9b:1::", 48],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
];

/** Where clouds hand out credentials to whoever asks from within. */
const LINK_LOCAL: typeof NETWORKS = [
  ["169.254.0.0", 16],
  ["fe80::", 10],
];

const listOf = (networks: typeof NETWORKS): BlockList => {
  const list = new BlockList();
  for (const [network, prefix] of networks) list.addSubnet(network, prefix, isIPv6(network) ? "ipv6" : "ipv4");
  return list;
};

const internal = listOf(NETWORKS);
const linkLocal = listOf(LINK_LOCAL);

/** An IPv4 address in IPv6's clothing (RFC 4291 section 2.5.5.2, RFC 6052) is judged as what it leads to: Node's list does. */
const includes = (list: BlockList, address: string): boolean => {
  const plain = address.replace(/%.*$/, "");
  return list.check(plain, isIPv6(plain) ? "ipv6" : "ipv4");
};

export const isInternal = (address: string): boolean => includes(internal, address);

export const isLinkLocal = (address: string): boolean => includes(linkLocal, address);
