import { beforeAll, describe, expect, it } from "vitest";
import type { Inventory } from "../../../association/index.ts";
import { prometheusConfig } from "../../../dashboards/prometheus/config.ts";
import { demoInventory } from "../views.ts";

let inventory: Inventory;
beforeAll(async () => {
  ({ inventory } = await demoInventory());
});

interface Config {
  alerting?: { alertmanagers: { static_configs: { targets: string[] }[] }[] };
  scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
}

describe("Prometheus's configuration", () => {
  it("scrapes the lookout, itself and the alert router by their names on the network", () => {
    const { scrape_configs, alerting } = prometheusConfig(inventory) as Config;
    expect(scrape_configs.map(({ job_name, static_configs }) => [job_name, static_configs[0]!.targets])).toEqual([
      ["vigie", ["lookout:9464"]],
      ["prometheus", ["localhost:9090"]],
      ["alertmanager", ["alertmanager:9093"]],
    ]);
    expect(alerting?.alertmanagers[0]?.static_configs[0]?.targets).toEqual(["alertmanager:9093"]);
  });

  it("goes by the host's address to a service on another host, and says what to do when it cannot", () => {
    const moved = structuredClone(inventory) as unknown as {
      hosts: Record<string, object>;
      services: { lookout: { delivery: { host: string }; ports: { http: { published?: number } } } };
    };
    moved.hosts.far = { ...inventory.hosts.main!, id: "far", address: "2001:db8::5" };
    moved.services.lookout.delivery.host = "far";
    expect(() => prometheusConfig(moved as unknown as Inventory)).toThrow(
      "services.lookout.delivery.publish.http: found nothing; expected a port, for prometheus to reach it from another host",
    );
    moved.services.lookout.ports.http.published = 19464;
    const { scrape_configs } = prometheusConfig(moved as unknown as Inventory) as Config;
    expect(scrape_configs[0]!.static_configs[0]!.targets).toEqual(["[2001:db8::5]:19464"]);
  });

  it("alerts nobody where no router is declared", () => {
    const { alertmanager: _, ...services } = inventory.services;
    const config = prometheusConfig({ ...inventory, services }) as Config;
    expect(config.alerting).toBeUndefined();
    expect(config.scrape_configs.map(({ job_name }) => job_name)).toEqual(["vigie", "prometheus"]);
  });
});
