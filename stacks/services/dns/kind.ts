import { z } from "zod";
import { defineKind, hostname } from "../../../association/index.ts";

const settings = z.strictObject({
  /** Names of the zones' name servers, the one that this service is first; others copy its zones. */
  nameServers: z.array(hostname).min(1),
  /** Addresses that may copy whole zones (AXFR, RFC 5936): the second name servers. */
  transfersTo: z.array(z.union([z.ipv4(), z.ipv6()])).default([]),
});
export type DnsSettings = z.output<typeof settings>;

/** NSD: answers for the association's domains, whose records all come from the declaration. */
export default defineKind({
  summary: "Name server (NSD) of the association's domains",
  software: ["nsd"],
  settings,
  provides: ["names"],
  ports: {
    dns: { container: 53, published: 53, protocol: "udp" },
    tcp: { container: 53, published: 53 },
  },
  volumes: {},
});

declare module "../../../association/vocabulary.ts" {
  interface ServiceKinds {
    dns: z.input<typeof settings>;
  }
}
