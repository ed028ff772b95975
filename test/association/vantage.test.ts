import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { adviceOn, buildInventory, type DeclarationError, loadVocabulary } from "../../association/index.ts";
import demo from "../../associations/tilleuls/index.ts";
import { deployedServices } from "../../stacks/deployed.ts";
import { exporterConfig } from "../../stacks/services/exporter/config.ts";
import { vantageConfig, vantageInventory } from "../../stacks/services/vantage/config.ts";

const vocabulary = await loadVocabulary();
/** A copy of the demo's declaration, to do with as one likes. */
// biome-ignore lint/suspicious/noExplicitAny: changed in any way
type Copy = any;
const here = { fr: "Ailleurs", en: "Elsewhere" };

/** The demo with a second place to watch from, in the premises. */
function association(change: (it: Copy) => void = () => {}) {
  const it = structuredClone(demo) as Copy;
  it.hosts.premises = { name: here, engine: "ssh://vigie@premises.example", address: "premises.example" };
  const common = { ...it.services.gate, name: here, purpose: here };
  it.services["premises-gate"] = {
    ...common,
    delivery: { by: "us", kind: "gate", host: "premises", publish: { http: 2375 } },
  };
  it.services.lodge = {
    ...common,
    runbook: "vantage",
    delivery: { by: "us", kind: "vantage", host: "premises" },
    checks: [{ check: "container" }],
  };
  it.hosts.main.address = "main.example";
  it.services.website.checks = [{ check: "http", url: "https://www.example.org/" }];
  change(it);
  const built = buildInventory(it, vocabulary);
  return { ...built, service: (id: string) => deployedServices(built.inventory).find((one) => one.id === id)! };
}

const problems = (change: (it: Copy) => void): string[][] => {
  try {
    association(change);
    return [];
  } catch (error) {
    return (error as DeclarationError).problems.map(({ path, expected }) => [path, expected]);
  }
};

describe("a second place to watch from", () => {
  it("runs what any machine may look at, addressed as it is from there", () => {
    const { inventory } = association();
    const from = Object.values(inventory.checks).filter(({ from }) => from?.lodge !== undefined);
    const kinds = new Set(from.map(({ kind }) => kind));
    for (const kind of ["container", "disk", "backup", "mail-round-trip", "mail-queue", "drift", "vantage", "smb"])
      expect(kinds).not.toContain(kind);
    expect(from.map(({ id }) => id)).toContain("website/http");
    // Published on the first host, and so reached at its address; by its name on the engine's network from beside it.
    expect(inventory.checks["names/tcp"]).toMatchObject({
      target: "names:53",
      from: { lodge: { target: "main.example:5359", params: { address: "main.example:5359" } } },
    });
    // What is open to its neighbours alone is not seen from elsewhere, nor is a name that means another machine there.
    for (const id of ["snapshots/tcp", "prometheus/http", "lookout/http", "wiki/http"])
      expect([id, inventory.checks[id]?.from]).toEqual([id, undefined]);
    expect(inventory.checks["premises-gate/tcp"]!.from!.lodge!.target).toBe("premises-gate:2375");
  });

  it("runs the kinds that the guide names, and no other", () => {
    const guide = readFileSync("docs/operate.md", "utf8");
    const [, named] = /What is run there:\*\* ([^.]+?) checks without/.exec(guide)!;
    const anywhere = Object.entries(vocabulary.checks).flatMap(([kind, { anywhere }]) => (anywhere ? [kind] : []));
    expect([...named!.matchAll(/`([a-z-]+)`/g)].map(([, kind]) => kind).sort()).toEqual(anywhere.sort());
  });

  it("is given no secret, no person and nothing that it does not run", () => {
    const { inventory, service } = association();
    for (const certificates of ["acme", "internal"] as const) {
      const given = vantageInventory(service("lodge"), { inventory, certificates });
      expect(Object.keys(given.checks).length).toBeGreaterThan(2);
      for (const check of Object.values(given.checks)) {
        expect(check.secrets).toBeUndefined();
        expect(inventory.checks[check.id]!.from!.lodge).toEqual({ target: check.target, params: check.params });
      }
      const listed = Object.values(given.services).flatMap(({ checks }) => checks);
      expect(listed.sort()).toEqual(Object.keys(given.checks).sort());
    }
  });

  it("does not doubt certificates of an authority that it is not told of: it leaves them to the lookout", () => {
    const { inventory, service } = association((it) => {
      it.services.proxy.checks.push({ check: "tls", id: "door", address: "main.example:8443" });
    });
    const checks = (certificates: "acme" | "internal") =>
      Object.keys(vantageInventory(service("lodge"), { inventory, certificates }).checks);
    expect(checks("acme")).toContain("proxy/door");
    expect(checks("internal")).not.toContain("proxy/door");
    expect(checks("internal")).toContain("website/http");
  });

  it("is asked by the lookout at its host's address, by a key of its own on both sides", () => {
    const { inventory, service } = association((it) => {
      it.services.lookout.delivery.settings.quorum = 2;
    });
    const context = { inventory, certificates: "acme" } as const;
    expect(exporterConfig(service("lookout"), context).vantage).toEqual({
      name: "lookout",
      quorum: 2,
      peers: [{ name: "lodge", url: "http://premises.example:9464", keyFile: "/etc/vigie/secrets/vantage-lodge" }],
    });
    expect(vantageConfig(service("lodge"), context).vantage).toEqual({
      name: "lodge",
      only: true,
      keyFile: "/etc/vigie/secrets/vantage-lodge",
      tells: { role: "it-on-call", after: 900 },
    });
    expect(exporterConfig(association().service("lookout"), context)).not.toHaveProperty("vantage.quorum");
  });

  it("is missed when it is silent: the lookout has a check of that", () => {
    const { inventory } = association();
    expect(inventory.checks["lodge/vantage"]).toMatchObject({ severity: "ticket", params: { name: "lodge" } });
  });

  it("is warned of where it could tell nobody: by mail alone, and that on the host whose silence it would tell", () => {
    const silent = (change?: (it: Copy) => void) =>
      adviceOn(association(change).inventory).filter((sentence) => sentence.startsWith("services.lodge"));
    expect(silent()).toEqual([expect.stringMatching(/told to it-on-call by the mail server on that very host/)]);
    const channel = { by: "ntfy", topic: { secret: "on-call" } };
    expect(silent((it) => Object.assign(it.roles["it-on-call"], { alerts: [channel] }))).toEqual([]);
  });

  it("is refused beside the lookout, twice on a host, and where nobody asks it", () => {
    expect(problems((it) => Object.assign(it.services.lodge.delivery, { host: "main" }))).toContainEqual([
      "services.lodge.delivery.host",
      "another host: lookout watches from this one",
    ]);
    expect(
      problems((it) => {
        it.services.lodge2 = {
          ...it.services.lodge,
          delivery: { ...it.services.lodge.delivery, publish: { http: 9470 } },
        };
      }),
    ).toContainEqual(["services.lodge2.delivery.host", "another host: lodge watches from this one"]);
    expect(problems((it) => void delete it.services.lookout)).toContainEqual([
      "services.lodge",
      "a service of kind exporter, which asks it",
    ]);
  });

  it("is not to be more impatient than signs of life come", () => {
    const telling = (tellsAfter: string) =>
      problems((it) => Object.assign(it.services.lodge.delivery, { settings: { tellsAfter } }));
    expect(telling("5m")).toEqual([
      [
        "services.lodge.delivery.settings.tellsAfter",
        "10m at least: the sign of life that is listened for comes every five minutes",
      ],
    ]);
    expect(telling("10m")).toEqual([]);
  });

  it("counts: no more places can have to agree than there are", () => {
    expect(problems((it) => Object.assign(it.services.lookout.delivery.settings, { quorum: 3 }))).toEqual([
      [
        "services.lookout.delivery.settings.quorum",
        "2 at most: so many places are watched from (services of kinds exporter and vantage)",
      ],
    ]);
  });
});
