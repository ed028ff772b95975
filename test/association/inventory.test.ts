import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { buildInventory, type Deployment, type Inventory } from "../../association/index.ts";
import { declarations, shuffled } from "./fixtures/arbitrary.ts";
import { good, type Loose } from "./fixtures/good.ts";
import { vocabulary } from "./fixtures/vocabulary.ts";

// Many declarations are built: slow machines get their time.
vi.setConfig({ testTimeout: 30_000 });

const build = (declaration: Loose, deployment?: Partial<Deployment>) =>
  buildInventory(declaration, vocabulary, deployment);
const inventoryOf = (declaration: Loose, deployment?: Partial<Deployment>): Inventory =>
  build(declaration, deployment).inventory;

/** Checks a property of many declarations without a mistake. */
const always = (property: (declaration: Loose, seed: number) => void, numRuns = 25): void =>
  fc.assert(
    fc.property(declarations, fc.nat(), (declaration, seed) => property(declaration, seed)),
    { numRuns },
  );

/** Every value in a value, with its path. */
function* walk(value: unknown, path = ""): Generator<[string, unknown]> {
  yield [path, value];
  if (typeof value !== "object" || value === null) return;
  for (const [key, item] of Object.entries(value)) yield* walk(item, path === "" ? key : `${path}.${key}`);
}

/** A copy that shares nothing, not even with itself. */
const copyOf = (declaration: Loose): Loose => JSON.parse(JSON.stringify(declaration));

/** The paths at which two values differ. */
function differences(before: unknown, after: unknown): string[] {
  const [a, b] = [new Map(walk(before)), new Map(walk(after))];
  const isLeaf = (value: unknown) => typeof value !== "object" || value === null || Object.keys(value).length === 0;
  return [...new Set([...a.keys(), ...b.keys()])].filter((path) => {
    const [x, y] = [a.get(path), b.get(path)];
    if (a.has(path) !== b.has(path)) return true;
    return (isLeaf(x) || isLeaf(y)) && JSON.stringify(x) !== JSON.stringify(y);
  });
}

describe("an inventory", () => {
  it("is byte for byte the same in whatever order the declaration is written", () => {
    always((declaration, seed) => {
      const [first, second] = [build(declaration), build(shuffled(declaration, seed))];
      expect(JSON.stringify(second.inventory)).toBe(JSON.stringify(first.inventory));
      expect(second.people.teams).toEqual(first.people.teams);
    });
  });

  it("is the same each time it is built, and leaves the declaration as it was", () => {
    always((declaration) => {
      const before = JSON.stringify(declaration);
      expect(inventoryOf(declaration)).toEqual(inventoryOf(declaration));
      expect(JSON.stringify(declaration)).toBe(before);
    });
  });

  it("is plain JSON: writing and reading it again loses nothing", () => {
    always((declaration) => {
      const { inventory, people } = build(declaration);
      expect(JSON.parse(JSON.stringify(inventory))).toStrictEqual(inventory);
      expect(JSON.parse(JSON.stringify(people))).toStrictEqual(people);
    });
  });

  it("is frozen through and through, and so are the people", () => {
    always((declaration) => {
      const changeable = [...walk(build(declaration))].filter(([, value]) => !Object.isFrozen(value));
      expect(changeable.map(([path]) => path)).toEqual([]);
    });
  });

  it("names nobody: no holder's name, address, number, login or key is in it", () => {
    always((declaration) => {
      const text = JSON.stringify(inventoryOf(declaration)).toLowerCase();
      for (const [key, { name, email, phone, login }] of Object.entries<Loose>(declaration.holders)) {
        for (const personal of [name, email, phone, login]) {
          if (personal !== undefined) expect(text).not.toContain(personal.toLowerCase());
        }
        expect(text).not.toContain(`"${key}"`);
      }
      for (const { holder, address } of Object.values<Loose>(declaration.mailboxes)) {
        if (holder !== undefined) expect(text).not.toContain(address);
      }
    });
  });

  it("has an owner and the owner's team for each service, and a host for each of ours", () => {
    always((declaration) => {
      const { services, roles, teams, hosts } = inventoryOf(declaration);
      expect(Object.keys(services)).toEqual(Object.keys(declaration.services).sort());
      for (const { owner, team, delivery, container } of Object.values(services)) {
        expect(roles[owner]!.team).toBe(team);
        expect(teams).toHaveProperty(team);
        expect(container !== undefined).toBe(delivery.by === "us");
        if (delivery.by === "us") expect(hosts).toHaveProperty(delivery.host);
      }
    });
  });

  it("has every default: no field of a service, check, role, list or share is left out", () => {
    always((declaration) => {
      const { association, services, checks, lists, shares, roleMailboxes, hosts, roles, suppliers } =
        inventoryOf(declaration);
      expect(association).toMatchObject({ languages: ["fr", "en"], timeZone: "Europe/Paris" });
      for (const service of Object.values(services)) {
        expect(service).toMatchObject({
          audience: expect.stringMatching(/^(public|internal)$/),
          needs: expect.any(Array),
          dependsOn: expect.any(Array),
          uses: expect.any(Array),
          ports: expect.any(Object),
          volumes: expect.any(Object),
        });
        if (!("none" in service.backup)) {
          expect(service.backup).toEqual({
            schedule: expect.any(Object),
            keep: {
              daily: expect.any(Number),
              weekly: expect.any(Number),
              monthly: expect.any(Number),
              yearly: expect.any(Number),
            },
            rpo: expect.any(Number),
            rto: expect.any(Number),
            prove: expect.any(Number),
          });
        }
        if (service.delivery.by === "us" && service.delivery.kind === "wiki")
          expect(service.delivery.settings).toMatchObject({ names: [], keep: 31_536_000 });
      }
      for (const check of Object.values(checks)) {
        expect(Object.keys(check).sort()).toEqual(CHECK_FIELDS);
        expect(check.id.startsWith(`${check.service}/`)).toBe(true);
        expect(check.timeoutSeconds).toBeGreaterThan(0);
        expect("everySeconds" in check.schedule ? check.schedule.everySeconds : check.schedule.cron).toBeTruthy();
        expect(services[check.service]!.checks).toContain(check.id);
        expect(check.target).not.toMatch(/undefined/);
      }
      for (const host of Object.values(hosts))
        expect(host).toMatchObject({ engine: "unix:///var/run/docker.sock", publishOn: "0.0.0.0" });
      for (const list of Object.values(lists)) expect(list).toMatchObject({ posting: "members" });
      for (const share of Object.values(shares)) {
        expect(share.readers).toEqual(expect.any(Array));
        expect(share.versions).toEqual({ every: 3600, keep: { last: 4, hourly: 24, daily: 14, weekly: 0 } });
      }
      for (const box of Object.values(roleMailboxes)) expect(box.quotaMb).toBe(2048);
      for (const role of Object.values(roles)) expect(role.holderCount).toEqual(expect.any(Number));
      for (const supplier of Object.values(suppliers)) expect(supplier.contact).toEqual(expect.any(Object));
    });
  });

  const CHECK_FIELDS = [
    ...["failAfter", "id", "kind", "origin", "params", "recoverAfter", "retries", "schedule"],
    ...["service", "severity", "target", "timeoutSeconds"],
  ];

  it("watches each service in production, and no project", () => {
    always((declaration) => {
      for (const service of Object.values(inventoryOf(declaration).services))
        expect(service.checks.length > 0).toBe(service.delivery.by !== "project");
    });
  });

  it("gives each service of ours a container check, and each that is backed up a freshness check within its RPO", () => {
    always((declaration) => {
      const { services, checks } = inventoryOf(declaration);
      for (const { id, delivery, backup, volumes } of Object.values(services)) {
        if (delivery.by !== "us") continue;
        expect(checks[`${id}/container`]).toMatchObject({ params: { host: delivery.host, container: `lilas-${id}` } });
        if ("none" in backup) continue;
        expect(checks[`${id}/backup`]).toMatchObject({
          origin: "derived",
          params: {
            service: id,
            maxAge: backup.rpo,
            volumes: Object.keys(volumes)
              .filter((name) => volumes[name]!.backup)
              .sort(),
          },
        });
      }
    });
  });

  it("puts a declared check in the place of the derived one of the same id", () => {
    const declaration = good();
    declaration.services.files.checks.push({ check: "container", every: "10m", severity: "ticket" });
    const { checks, services } = inventoryOf(declaration);
    expect(checks["files/container"]).toMatchObject({ origin: "declared", severity: "ticket" });
    expect(services.files!.checks).toEqual(["files/backup", "files/container", "files/tcp"]);
  });
});

describe("a change of one thing", () => {
  it("shows nowhere but in the service, where it is a service's own", () => {
    always((declaration, seed) => {
      const ids = Object.keys(declaration.services);
      const id = ids[seed % ids.length]!;
      const changed = copyOf(declaration);
      changed.services[id].purpose.fr = "Tout autre chose";
      expect(differences(inventoryOf(declaration), inventoryOf(changed))).toEqual([`services.${id}.purpose.fr`]);
    });
  });

  it("of a check's pace changes that check's schedule only", () => {
    const declaration = good();
    declaration.services.pages.checks[0].every = "2m";
    expect(differences(inventoryOf(good()), inventoryOf(declaration))).toEqual([
      "checks.pages/http.schedule.everySeconds",
    ]);
  });

  it("of a service's host name changes its address and what is watched there", () => {
    const declaration = good();
    declaration.services.pages.hostname = "docs.lilas.example";
    expect(differences(inventoryOf(good()), inventoryOf(declaration)).sort()).toEqual([
      "checks.pages/http.params.url",
      "checks.pages/http.target",
      "services.pages.hostname",
      "services.pages.url",
    ]);
  });

  it("of a role's holder changes the count and nothing else in the inventory", () => {
    const declaration = good();
    declaration.roles.lead.holders = ["ada", "bob"];
    expect(differences(inventoryOf(good()), inventoryOf(declaration))).toEqual(["roles.lead.holderCount"]);
    declaration.roles.lead.holders = ["bob"];
    expect(differences(inventoryOf(good()), inventoryOf(declaration))).toEqual([]);
  });

  it("of a role's mailbox changes the role's address with it", () => {
    const declaration = good();
    declaration.mailboxes.bureau.address = "office@lilas.example";
    expect(differences(inventoryOf(good()), inventoryOf(declaration)).sort()).toEqual([
      "roleMailboxes.bureau.address",
      "roles.secretary.address",
    ]);
  });
});

describe("a service that is removed", () => {
  it("takes its own checks and the uses of it with it, and nothing of the others", () => {
    always((declaration, seed) => {
      const removable = Object.keys(declaration.services).filter((id) => /^(wiki|outside)-/.test(id));
      const id = removable[seed % Math.max(1, removable.length)];
      if (id === undefined) return;
      const fewer = copyOf(declaration);
      delete fewer.services[id];
      for (const service of Object.values<Loose>(fewer.services))
        service.dependsOn = service.dependsOn?.filter((name: string) => name !== id);
      const [before, after] = [inventoryOf(declaration), inventoryOf(fewer)];
      const expected = structuredClone(before) as Loose;
      delete expected.services[id];
      for (const check of Object.keys(expected.checks)) if (check.startsWith(`${id}/`)) delete expected.checks[check];
      for (const service of Object.values<Loose>(expected.services)) {
        service.dependsOn = service.dependsOn.filter((name: string) => name !== id);
        service.uses = service.uses.filter((name: string) => name !== id);
      }
      expect(after).toEqual(expected);
    });
  });
});

describe("the deployment", () => {
  it("starts the names of containers and volumes with its prefix, each once", () => {
    always((declaration) => {
      const { services } = inventoryOf(declaration, { prefix: "essai" });
      const names = Object.values(services).flatMap(({ container, volumes }) => [
        ...(container === undefined ? [] : [`container ${container}`]),
        ...Object.values(volumes).map(({ name }) => `volume ${name}`),
      ]);
      expect(new Set(names).size).toBe(names.length);
      for (const name of names) expect(name).toMatch(/^(container|volume) essai-/);
    });
  });

  it("shifts published ports only, and inside ports only where both must be the same", () => {
    always((declaration, seed) => {
      const offset = seed % 10_000;
      const [plain, moved] = [inventoryOf(declaration), inventoryOf(declaration, { portOffset: offset })];
      for (const [id, { ports, delivery }] of Object.entries(plain.services)) {
        for (const [name, port] of Object.entries(ports)) {
          const shifted = moved.services[id]!.ports[name]!;
          const kind = delivery.by === "us" ? vocabulary.kinds[delivery.kind] : undefined;
          expect(shifted.published).toBe(port.published === undefined ? undefined : port.published + offset);
          expect(shifted.container).toBe(kind?.ports[name]?.same ? port.container + offset : port.container);
          expect(shifted.protocol).toBe(port.protocol);
        }
      }
      const withoutPorts = ({ services, checks, deployment: _, ...rest }: Inventory) => ({
        ...rest,
        services: Object.keys(services),
        checks: Object.keys(checks),
      });
      expect(withoutPorts(moved)).toEqual(withoutPorts(plain));
    });
  });

  it("puts the proxy's port in the addresses of services, unless it is the one of https", () => {
    const usual = good();
    delete usual.services.front.delivery.publish;
    expect(inventoryOf(usual).services.pages!.url).toBe("https://wiki.lilas.example");
    expect(inventoryOf(good()).services.pages!.url).toBe("https://wiki.lilas.example:8443");
    expect(inventoryOf(good(), { portOffset: 100 }).services.pages!.url).toBe("https://wiki.lilas.example:8543");
    expect(inventoryOf(good()).services.letter!.url).toBe("https://letter.example");
    expect(inventoryOf(good()).services.files!.url).toBeUndefined();
  });
});

describe("the people", () => {
  it("belong to the teams of their roles and to those they list", () => {
    always((declaration) => {
      const { people } = build(declaration);
      for (const [id, person] of Object.entries(people.holders)) {
        const byRole = Object.values<Loose>(declaration.roles).filter((role) => role.holders?.includes(id));
        const expected = new Set([...byRole.map((role) => role.team), ...(declaration.holders[id].teams ?? [])]);
        expect(person.teams).toEqual([...expected].sort());
        for (const team of person.teams) expect(people.teams[team]).toContain(id);
        expect(person.login).toBe(declaration.holders[id].login ?? id);
        expect(person.language).toBe("fr");
      }
    });
  });

  it("read their own mailboxes, and none of a role's", () => {
    const { people, inventory } = build(good());
    expect(people.mailboxes).toEqual({
      ada: { address: "ada@lilas.example", aliases: [], holder: "ada", quotaMb: 2048 },
    });
    expect(Object.keys(inventory.roleMailboxes)).toEqual(["bureau"]);
    expect(inventory.roles.secretary!.address).toBe("bureau@lilas.example");
    expect(inventory.roles.lead!.address).toBeUndefined();
  });
});
