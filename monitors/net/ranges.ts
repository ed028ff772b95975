import { BlockList, isIPv6 } from "node:net";

/** Networks that nobody outside of a machine or a building reaches (IANA special-purpose address registries, RFC 6890). */
const NETWORKS: readonly (readonly [network: string, prefix: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  // Azure's own server for its machines: an address of the public network that leads into the host.
  ["168.63.129.16", 32],
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
  ["fec0::", 10],
  ["ff00::", 8],
];

/** Where clouds hand out credentials to whoever asks from within. */
const CREDENTIALS: typeof NETWORKS = [
  ["169.254.0.0", 16],
  // Alibaba's, Oracle's and Azure's, which are no link-local addresses.
  ["100.100.100.200", 32],
  ["192.0.0.192", 32],
  ["168.63.129.16", 32],
  ["fd00:ec2::254", 128],
  ["fe80::", 10],
];

/** How IPv6 carries an IPv4 address to where it leads, and after how many bits: translated (RFC 6052), 6to4 (RFC 3056), "compatible" (RFC 4291). */
const CARRIERS: readonly (readonly [address: (four: string) => string, bits: number])[] = [
  [(four) => `64:ff9b::${four}`, 96],
  [
    (four) =>
      `2002:${four
        .split(".")
        .map((byte) => Number(byte).toString(16).padStart(2, "0"))
        .join("")
        .replace(/^.{4}/, "$&:")}::`,
    16,
  ],
  [(four) => `::${four}`, 96],
];

const listOf = (networks: typeof NETWORKS): BlockList => {
  const list = new BlockList();
  for (const [network, prefix] of networks) {
    list.addSubnet(network, prefix, isIPv6(network) ? "ipv6" : "ipv4");
    if (!isIPv6(network))
      for (const [carried, bits] of CARRIERS) list.addSubnet(carried(network), bits + prefix, "ipv6");
  }
  return list;
};

const internal = listOf(NETWORKS);
const linkLocal = listOf(CREDENTIALS);

/** An IPv4 address that is only written as IPv6 (`::ffff:…`) is judged as what it is: Node's list does. */
const includes = (list: BlockList, address: string): boolean => {
  const plain = address.replace(/%.*$/, "");
  return list.check(plain, isIPv6(plain) ? "ipv6" : "ipv4");
};

export const isInternal = (address: string): boolean => includes(internal, address);

export const isLinkLocal = (address: string): boolean => includes(linkLocal, address);
