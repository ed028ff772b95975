import { describe, expect, it } from "vitest";
import { exporterConfig, watchedInventory } from "../../../../stacks/services/exporter/config.ts";
import { changedDemo, demo, serviceOf } from "../../fixtures/demo.ts";

const config = (certificates: "acme" | "internal" = "internal", built = demo()) =>
  exporterConfig(serviceOf("lookout", built), { inventory: built.inventory, certificates });

describe("what the exporter is told", () => {
  it("is where the gate of each host and each repository is, and in which files their secrets are", () => {
    expect(config()).toMatchObject({
      host: "main",
      listen: 9464,
      data: "/var/lib/vigie",
      gates: { main: { url: "http://gate:2375", tokenFile: "/etc/vigie/secrets/gate-main" } },
      repositories: [
        {
          id: "backup",
          url: "rest:http://snapshots:8000/backup/",
          restUser: "backup",
          restPasswordFile: "/etc/vigie/secrets/rest-backup",
          passwordFile: "/etc/vigie/secrets/repository-password",
        },
      ],
      publicUrl: "https://etat.tilleuls.localhost:8443",
    });
  });

  it("is the association's own mail server for alerts and tickets, by a name in its certificate and an account of its own", () => {
    expect(config().alerts.smtp).toEqual({
      host: "mail",
      port: 587,
      from: "alerts@tilleuls.localhost",
      serverName: "mail.tilleuls.localhost",
      username: "vigie-alerts",
      passwordFile: "/etc/vigie/secrets/derived/mail/vigie-alerts",
    });
    const other = changedDemo((copy) => {
      copy.services.alertmanager.delivery.settings = { smtp: { host: "smtp.else.example", from: "a@else.example" } };
    });
    expect(config("internal", other).alerts.smtp).toEqual({
      host: "smtp.else.example",
      port: 587,
      from: "a@else.example",
    });
  });

  it("is how long history is kept, in days, and which places outside tell that the network works", () => {
    const { history, references } = config(
      "internal",
      changedDemo((copy) => {
        copy.services.lookout.delivery.settings = {
          readers: ["it"],
          references: ["9.9.9.9:53"],
          history: { results: "36h", days: "2y" },
        };
      }),
    );
    expect(history).toEqual({ rawDays: 1.5, fiveMinuteDays: 8, hourDays: 100, dayDays: 730, maxMb: 800 });
    expect(references).toEqual(["9.9.9.9:53"]);
  });

  it("trusts the proxy's own authority only where there is one", () => {
    expect(config("internal").trust).toEqual({ url: "http://proxy:2020/root.crt" });
    expect(config("acme")).not.toHaveProperty("trust");
  });

  it("leaves out the gate of a host that it cannot reach", () => {
    const two = changedDemo((copy) => {
      copy.hosts.second = { ...copy.hosts.main, engine: "ssh://root@192.0.2.2", address: "192.0.2.2" };
      copy.services.gate2 = {
        ...copy.services.gate,
        delivery: { by: "us", kind: "gate", host: "second" },
        checks: [{ check: "container" }],
      };
    });
    expect(Object.keys(config("internal", two).gates)).toEqual(["main"]);
  });

  it("reaches a gate elsewhere by the host's address, where its port is open", () => {
    const two = changedDemo((copy) => {
      copy.hosts.second = { ...copy.hosts.main, engine: "ssh://root@192.0.2.2", address: "192.0.2.2" };
      copy.services.gate2 = {
        ...copy.services.gate,
        delivery: { by: "us", kind: "gate", host: "second", publish: { http: 12_375 } },
      };
    });
    expect(config("internal", two).gates.second?.url).toBe("http://192.0.2.2:12375");
  });
});

describe("the inventory that the exporter is given", () => {
  it("has everything but services' settings, so that a wiki's new title does not restart it", () => {
    const retitled = changedDemo((copy) => {
      copy.services.wiki.delivery.settings.title = "Un autre titre";
    });
    expect(watchedInventory(retitled.inventory)).toEqual(watchedInventory(demo().inventory));
    const { services, ...rest } = watchedInventory(demo().inventory);
    expect(rest).toEqual((({ services: _, ...others }) => others)(demo().inventory));
    for (const [id, service] of Object.entries(services)) {
      expect(service.delivery).not.toHaveProperty("settings");
      expect({ ...service, delivery: undefined }).toEqual({ ...demo().inventory.services[id], delivery: undefined });
    }
  });

  it("changes with what is watched", () => {
    const slower = changedDemo((copy) => {
      copy.services.wiki.checks[0].every = "2m";
    });
    expect(watchedInventory(slower.inventory)).not.toEqual(watchedInventory(demo().inventory));
  });
});
