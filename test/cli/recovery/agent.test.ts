import { expect, it } from "vitest";
import { besideWords } from "../../../cli/recovery/agent.ts";
import { savedService } from "../../../cli/recovery/subject.ts";
import { demo } from "../../stacks/fixtures/demo.ts";

const { inventory } = demo();
const wiki = savedService("wiki", inventory);
const agent = {
  State: { Running: true },
  Image: "sha256:1",
  Mounts: [
    { Type: "volume", Name: "p-config-1", Destination: "/etc/vigie", RW: false },
    { Type: "volume", Name: "p-cache", Destination: "/var/cache/restic", RW: true },
    { Type: "volume", Name: "p-nas", Destination: "/data/p-nas", RW: false },
    { Type: "volume", Name: "p-wiki", Destination: "/data/p-wiki", RW: false },
    { Type: "tmpfs", Destination: "/tmp", RW: true },
  ],
};
const mounts = (at: string): string[] => {
  const words = besideWords(wiki, agent, { name: "p-wiki", at }, ["restore"]);
  return words.filter((_, index) => words[index - 1] === "--mount");
};

it("lets the container write to the one volume, and to no other's data", () => {
  expect(mounts("/data/p-wiki")).toEqual([
    "type=volume,source=p-config-1,target=/etc/vigie,readonly",
    "type=volume,source=p-cache,target=/var/cache/restic",
    "type=volume,source=p-nas,target=/data/p-nas,readonly",
    "type=volume,source=p-wiki,target=/data/p-wiki",
  ]);
});

it("puts the volume where a snapshot of another stack has it, and leaves it where the agent looks for it", () => {
  expect(mounts("/data/other-wiki").slice(-2)).toEqual([
    "type=volume,source=p-wiki,target=/data/p-wiki,readonly",
    "type=volume,source=p-wiki,target=/data/other-wiki",
  ]);
});

it("hardens the container", () => {
  const words = besideWords(wiki, agent, { name: "p-wiki", at: "/data/p-wiki" }, ["restore", "x"]);
  expect(words.join(" ")).toMatch(/--read-only --network container:\S+-backup .*--cap-drop ALL .*no-new-privileges/);
  expect(words.slice(-3)).toEqual(["sha256:1", "restore", "x"]);
});
