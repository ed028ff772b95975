import { describe, expect, it } from "vitest";
import { describeLost, expected, lostData, type Made, refuseEmptied, without } from "../../cli/drift.ts";
import { demo } from "../stacks/fixtures/demo.ts";

const LOCAL = "unix:///var/run/docker.sock";
const VOLUME = "docker:index/volume:Volume";
const CONTAINER = "docker:index/container:Container";
const provider = (urn: string, host: string): Made => ({
  urn,
  id: "1",
  type: "pulumi:providers:docker",
  inputs: { host },
});
const image = `sha256:${"ab".repeat(32)}`;
const resources: Made[] = [
  provider("urn:far", "ssh://admin@nas"),
  { urn: "a::demo-wiki-data", type: VOLUME, id: "demo-wiki-data", inputs: { name: "demo-wiki-data" } },
  { urn: "b::demo-wiki", type: CONTAINER, id: "c0ffee", inputs: { name: "demo-wiki" }, provider: "urn:far::1" },
  { urn: "c::wiki", type: "docker:index/remoteImage:RemoteImage", id: `${image}vigie/wiki:1`, inputs: {} },
  { urn: "d::old", type: CONTAINER, id: "old", delete: true },
  { urn: "e::making", type: CONTAINER },
  { urn: "f::stack", type: "pulumi:pulumi:Stack", id: "x" },
];

describe("what should be on engines", () => {
  it("is told by engine and as each lists it; what is to be removed or was never made is not expected", () => {
    const found = expected(resources, LOCAL);
    expect([...found.keys()]).toEqual([LOCAL, "ssh://admin@nas"]);
    expect(found.get(LOCAL)!.get(VOLUME)).toEqual([
      { urn: "a::demo-wiki-data", noun: "volume", name: "demo-wiki-data", id: "demo-wiki-data" },
    ]);
    expect(found.get(LOCAL)!.get("docker:index/remoteImage:RemoteImage")).toMatchObject([{ noun: "image", id: image }]);
    expect(found.get("ssh://admin@nas")!.get(CONTAINER)).toMatchObject([{ name: "demo-wiki", id: "c0ffee" }]);
    expect(found.get(LOCAL)!.has(CONTAINER)).toBe(false);
  });
});

describe("what is gone", () => {
  it("leaves no word of itself in what the others depend on, and what is to be removed stays known", () => {
    const urns = new Set(["a"]);
    const left = without(
      [
        { urn: "a", type: VOLUME },
        { urn: "a", type: VOLUME, delete: true },
        { urn: "b", type: CONTAINER, dependencies: ["a", "c"], propertyDependencies: { mounts: ["a"], image: null } },
      ],
      urns,
    );
    expect(left).toEqual([
      { urn: "a", type: VOLUME, delete: true },
      { urn: "b", type: CONTAINER, dependencies: ["c"], propertyDependencies: { mounts: [], image: [] } },
    ]);
  });

  it("is named, up to a number that can be read", () => {
    const lost = Array.from({ length: 10 }, (_, n) => ({ urn: "", noun: "volume", name: `v${n}`, id: "" }));
    expect(describeLost(lost)).toMatch(/^volume v0, .*volume v7 and 2 more$/);
  });
});

describe("data that is gone", () => {
  const { inventory } = demo();
  const volume = (service: string) => ({
    urn: "",
    noun: "volume",
    id: "",
    name: inventory.services[service]!.volumes.data!.name,
  });

  it("of a service is told, and comes back from its snapshots", () => {
    expect(lostData([volume("wiki")], inventory)).toEqual({ services: ["wiki"], snapshots: false });
    expect(refuseEmptied([volume("wiki")], inventory, "production")).toEqual(["wiki"]);
  });

  it("together with its snapshots is refused: an empty wiki would take its place in silence", () => {
    expect(() => refuseEmptied([volume("wiki"), volume("snapshots")], inventory, "production")).toThrow(
      /lost the data of wiki, and its snapshots[\s\S]*npm run rebuild[\s\S]*--stack production --delete-data/,
    );
  });

  it("is none where containers alone are gone", () => {
    const containers = [{ urn: "", noun: "container", id: "", name: inventory.services.wiki!.container! }];
    expect(refuseEmptied(containers, inventory, "production")).toEqual([]);
  });
});
