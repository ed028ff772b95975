import { expect, it } from "vitest";
import { savedService, savedServices } from "../../../cli/recovery/subject.ts";
import { demo } from "../../stacks/fixtures/demo.ts";

const { inventory } = demo();
const refusal = (name: string): string => {
  try {
    savedService(name, inventory);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};

it("knows a service's volumes, the agent that saves them and the agent's names for them", () => {
  const { agent, volumes, host } = savedService("wiki", inventory);
  expect(agent).toBe(inventory.services.backup!.container);
  expect(host.id).toBe("main");
  expect(volumes).toEqual([
    { job: "wiki-data", key: "data", name: inventory.services.wiki!.volumes.data!.name, path: "/var/lib/dokuwiki" },
  ]);
});

it("leaves out volumes that are not saved", () => {
  for (const { service, volumes } of savedServices(inventory))
    for (const { key } of volumes) expect(service.volumes[key]!.backup).toBe(true);
});

it("suggests the nearest name for a service that does not exist, and lists those that are saved", () => {
  const words = refusal("wikki");
  expect(words).toMatch(/no service "wikki"; did you mean wiki\?/);
  expect(words).toMatch(/lookout, .*nas, .*wiki/);
});

it("does not take a name of every object for a service", () => {
  expect(refusal("constructor")).toMatch(/no service "constructor"/);
});

it("gives the declared reason why a service is not backed up", () => {
  expect(refusal("prometheus")).toMatch(/prometheus is not backed up: Measures older than a day/);
});

it("says who has the data of a service that a supplier runs", () => {
  expect(refusal("lists")).toMatch(/We do not run lists: its data is with list-host/);
});

it("tells a host where nobody takes snapshots", () => {
  const { backup: _, ...services } = inventory.services;
  expect(() => savedService("wiki", { ...inventory, services })).toThrow(/Nobody takes snapshots on main/);
});
