import { readFileSync } from "node:fs";
import type { Check, Inventory, InventoryService, People } from "../../../association/index.ts";

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), "utf8")) as unknown;

/** A small association: a wiki of ours with an http, a container and a backup check, and a supplier's till. */
export const inventory = (): Inventory => read("inventory") as Inventory;
export const people = (): People => read("people") as People;

/** A check as the inventory has it, its usual fields filled in. */
export const check = (own: Partial<Check> & { id: string }): Check => ({
  service: own.id.split("/")[0]!,
  kind: "fake",
  schedule: { everySeconds: 10 },
  timeoutSeconds: 5,
  retries: 0,
  failAfter: 2,
  recoverAfter: 1,
  severity: "page",
  target: own.id,
  params: {},
  origin: "declared",
  ...own,
});

/** The small association with other checks in it, and services made for those that it lacks. */
export function withChecks(checks: readonly Check[]): Inventory {
  const base = inventory();
  const till = base.services.till!;
  const byService = Map.groupBy(checks, ({ service }) => service);
  const services = [...byService].map(([id, own]): [string, InventoryService] => [
    id,
    { ...(base.services[id] ?? till), id, checks: own.map((one) => one.id) },
  ]);
  return {
    ...base,
    services: Object.fromEntries(services),
    checks: Object.fromEntries(checks.map((one) => [one.id, one])),
  };
}

/** What an http check is given to read a page whose text is known, as `resolve` leaves it. */
export const pageParams = (url: string, body: string): Record<string, unknown> => ({
  url,
  method: "GET",
  headers: {},
  expect: { status: ["2xx"], body },
  redirects: 5,
  otherHosts: false,
  readKb: 256,
});
