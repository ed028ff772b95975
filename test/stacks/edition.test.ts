import { describe, expect, it } from "vitest";
import { newerPackages, readEditions } from "../../stacks/edition.ts";
import { tagOf } from "../../stacks/images.ts";

const MOMENT = "2026-11-24T10:00Z";

describe("an image's tag", () => {
  it("is what it is built from, and changes with the moment of its packages alone", () => {
    expect(tagOf("0123456789ab", {})).toBe("0123456789ab");
    expect(tagOf("0123456789ab", { packages: MOMENT })).toBe("0123456789ab-20261124t1000z");
    expect(tagOf("0123456789ab", { packages: "2026-11-25T10:00Z" })).not.toBe(
      tagOf("0123456789ab", { packages: MOMENT }),
    );
  });
});

describe("a Dockerfile with newer packages", () => {
  it("brings each Debian base up to date before anything else, by a command that no cache has", () => {
    const after = newerPackages("FROM debian:trixie-slim\nRUN apt-get install x\n", MOMENT);
    expect(after).toMatch(
      /^FROM debian:trixie-slim\nRUN : packages as of 2026-11-24T10:00Z \\\n && apt-get update .*apt-get upgrade/s,
    );
    expect(after.endsWith("\nRUN apt-get install x\n")).toBe(true);
  });

  it("does so for every stage on Debian or Node, and leaves others and comments alone", () => {
    const after = newerPackages(
      "# FROM debian:x\nFROM node:24-trixie-slim AS one\nFROM --platform=linux/amd64 debian:12\nFROM scratch\nFROM alpine:3\n",
      MOMENT,
    );
    expect(after.match(/apt-get upgrade/g)).toHaveLength(2);
    expect(after).toContain("FROM scratch\nFROM alpine:3\n");
    expect(after.startsWith("# FROM debian:x\nFROM node:24-trixie-slim AS one\nRUN : packages")).toBe(true);
  });
});

describe("the editions in a stack's settings", () => {
  it("may be none", () => {
    expect(readEditions(undefined)).toEqual({});
  });

  it("are refused where they are no moment and no image of ours, each named by its service", () => {
    const wrong = { wiki: { packages: "yesterday" }, nas: { hold: "evil.example/x:1" }, proxy: { holds: "x" } };
    expect(() => readEditions(wrong)).toThrow(/wiki\.packages: .*nas\.hold: .*proxy/);
    // The moment stands in a command that is run while an image is built.
    expect(() => readEditions({ wiki: { packages: "2026-11-24T10:00Z; curl evil" } })).toThrow(/wiki\.packages/);
  });
});
