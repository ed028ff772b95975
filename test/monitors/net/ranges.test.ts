import { describe, expect, it } from "vitest";
import { isInternal, isLinkLocal } from "../../../monitors/net/ranges.ts";

/** The ways of writing an IPv4 address as IPv6 that lead to it. */
const dressed = (bytes: readonly number[]): string[] => {
  const four = bytes.join(".");
  const hex = Buffer.from(bytes).toString("hex").replace(/^.{4}/, "$&:");
  return [four, `::ffff:${four}`, `::ffff:${hex}`, `64:ff9b::${four}`, `64:ff9b::${hex}`, `2002:${hex}::1`, `::${hex}`];
};

describe("an address", () => {
  it.each([
    [127, 0, 0, 1],
    [10, 255, 0, 9],
    [172, 31, 255, 255],
    [192, 168, 1, 1],
    [169, 254, 169, 254],
    [100, 127, 0, 1],
    [0, 0, 0, 0],
  ])("%d.%d.%d.%d is ours, however it is written", (...bytes) => {
    for (const address of dressed(bytes)) expect(isInternal(address), address).toBe(true);
  });

  it.each([
    [8, 8, 8, 8],
    [172, 32, 0, 1],
    [193, 168, 1, 1],
    [100, 128, 0, 1],
  ])("%d.%d.%d.%d is the world's, however it is written", (...bytes) => {
    for (const address of dressed(bytes)) expect(isInternal(address), address).toBe(false);
  });

  it.each(["::", "::1", "fe80::1%eth0", "fd12::1", "ff02::1", "fec0::1"])("%s is ours", (address) =>
    expect(isInternal(address)).toBe(true),
  );
  it.each(["2001:4860:4860::8888", "2a01:e0a::1"])("%s is the world's", (address) =>
    expect(isInternal(address)).toBe(false),
  );

  it("where clouds keep credentials is known by each of its names", () => {
    for (const address of [...dressed([169, 254, 169, 254]), "fd00:ec2::254", "fe80::a9fe:a9fe"])
      expect(isLinkLocal(address), address).toBe(true);
    for (const bytes of [
      [100, 100, 100, 200],
      [192, 0, 0, 192],
      [168, 63, 129, 16],
    ])
      for (const address of dressed(bytes)) {
        expect(isLinkLocal(address), address).toBe(true);
        expect(isInternal(address), address).toBe(true);
      }
    for (const address of ["192.168.1.1", "fd00::1", "127.0.0.1", "100.100.100.201", "168.63.129.17"])
      expect(isLinkLocal(address), address).toBe(false);
  });
});
