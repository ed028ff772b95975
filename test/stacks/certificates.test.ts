import { expect, it } from "vitest";
import { certificatesFor } from "../../stacks/certificates.ts";

const named = (...hostnames: (string | undefined)[]) =>
  ({ services: Object.fromEntries(hostnames.map((hostname, index) => [`s${index}`, { hostname }])) }) as never;

it.each([
  ["auto", ["wiki.tilleuls.localhost"], "internal"],
  ["auto", ["wiki.asso.fr", "nas.home.arpa"], "internal"],
  ["auto", ["wiki.asso.fr", undefined], "acme"],
  // Not a part of a name that somebody owns.
  ["auto", ["wiki.localhost.fr", "test.fr", "mylocal.org"], "acme"],
  ["acme", ["wiki.localhost"], "acme"],
  ["internal", ["wiki.asso.fr"], "internal"],
] as const)("set to %s, certificates of %j are %s", (set, names, from) => {
  expect(certificatesFor(set, named(...names))).toBe(from);
});
