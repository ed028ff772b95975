import { renameSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyDemo, type DemoCopy } from "./copy.ts";
import { container, demo, docker, eventually, STACK, vigie } from "./demo.ts";
import { stackFor } from "./names.ts";
import { Visitor } from "./web.ts";
import { WikiVisitor } from "./wiki-visitor.ts";

const listed = (kind: string, prefix: string): string[] =>
  docker(
    kind,
    "ls",
    ...(kind === "container" ? ["--all"] : []),
    "--filter",
    `name=${prefix}-`,
    "--format",
    kind === "container" ? "{{.Names}}" : "{{.Name}}",
  )
    .split("\n")
    .filter((name) => name.startsWith(`${prefix}-`))
    .sort();

describe("a second `up` with nothing changed", () => {
  it("changes nothing, says so, and leaves every container running as it was", async () => {
    const running = () =>
      docker("ps", "--no-trunc", "--filter", `name=${demo().prefix}-`, "--format", "{{.ID}} {{.Names}}");
    const before = running();
    const { code, stderr, stdout } = await vigie(["up", "--stack", STACK]);
    expect(stderr).toContain(`${STACK} is up: nothing to change`);
    expect(stdout).toContain(demo().urls.wiki);
    expect(code).toBe(0);
    expect(running()).toBe(before);
    expect(before.split("\n").length).toBeGreaterThanOrEqual(10);
  });
});

describe("a preview of one changed line", () => {
  let copy: DemoCopy;
  beforeAll(() => {
    copy = copyDemo({ sharesState: true });
  });
  afterAll(() => copy.remove());

  /** What a change of the declaration would do: `replace wiki`, by service, couriers and their volumes left out. */
  async function consequences(path: string, before: string, after: string): Promise<string[]> {
    const original = copy.read(path);
    copy.edit(path, before, after);
    const { code, stdout, stderr } = await copy.vigie("preview", "--stack", STACK);
    copy.write(path, original);
    expect(stderr).not.toMatch(/✗|rror/);
    expect(code).toBe(0);
    const changes = stdout.trim().split("\n").filter(Boolean);
    // Where a container's files change, the volume that holds them and the courier that fills it change with it.
    const carried = /^would (make|replace|remove) (volume \S+-config|container \S+-courier)\b/;
    const services = changes.filter((line) => !carried.test(line));
    for (const line of changes.filter((one) => carried.test(one))) {
      const [, service] = new RegExp(`${demo().prefix}-(.+)-(config|courier)\\b`).exec(line)!;
      expect(services.join("\n"), line).toContain(container(service!));
    }
    return services
      .map((line) => line.replace(/^would (\w+) (\w+) (\S+).*/, "$1 $2 $3").replace(`${demo().prefix}-`, ""))
      .sort();
  }

  it("shows nothing where nothing is changed", async () => {
    expect(
      await consequences("associations/tilleuls/index.ts", "school and co-operative", "school and cooperative"),
    ).toEqual([]);
  });

  it("shows the wiki alone for its title", async () => {
    expect(
      await consequences(
        "associations/tilleuls/services/tools.ts",
        'title: "Les Tilleuls"',
        'title: "Les Tilleuls, wiki"',
      ),
    ).toEqual(["replace container wiki"]);
  });

  it("shows those that have accounts, and the lookout, for a new holder of a role, and says who takes over from whom", async () => {
    expect(
      await consequences(
        "associations/tilleuls/people.ts",
        'team: "school",\n    holders: ["maite-etcheverry"]',
        'team: "school",\n    holders: ["ines-garcia"]',
      ),
    ).toEqual([
      "replace container contacts",
      "replace container lookout",
      "replace container mail",
      "replace container nas",
      "replace container sympa",
      "replace container wiki",
      "role school-head: Maïté Etcheverry → Inès Garcia; mailbox direction.ecole@tilleuls.localhost keeps its history, Maïté Etcheverry no longer gets in",
    ]);
  });

  it("shows the lookout, and the rules that wait for its next run, for the pace of a check", async () => {
    expect(
      await consequences(
        "associations/tilleuls/services/tools.ts",
        'check: "http", every: "30s"',
        'check: "http", every: "45s"',
      ),
    ).toEqual(["replace container lookout", "replace container prometheus"]);
  });

  it("is refused with everything that is wrong, and touches nothing", async () => {
    const path = "associations/tilleuls/services/tools.ts";
    const original = copy.read(path);
    copy.edit(path, 'dependsOn: ["proxy"]', 'dependsOn: ["proxi"]');
    copy.edit(path, 'rpo: "12h"', 'rpo: "1h"');
    const { code, stderr } = await copy.vigie("preview", "--stack", STACK);
    copy.write(path, original);
    expect(stderr).toMatch(/services\.wiki\.dependsOn\[0\][\s\S]*"proxi"[\s\S]*proxy/);
    expect(stderr).toMatch(/services\.nas\.backup/);
    expect(code).toBe(1);
  });
});

/** The demo's proxy, wiki and backups, in a declaration of their own. */
const reduced = (services: string): string => `
import { defineAssociation } from "../../association/index.ts";
import { holders, roles, teams } from "./people.ts";
import { domains, hosts, suppliers } from "./places.ts";
import { core } from "./services/core.ts";
import { tools } from "./services/tools.ts";
export default defineAssociation({
  association: {
    id: "tilleuls", name: "Les Tilleuls", languages: ["fr"], timeZone: "Europe/Paris",
    mainDomain: "tilleuls.localhost", contact: "secretary",
  },
  domains, teams, holders, roles, suppliers, hosts,
  services: { ${services} },
});
`;

describe("the life of a small stack", () => {
  const name = stackFor("small");
  const prefix = `tilleuls-${name}`;
  const index = "associations/tilleuls/index.ts";
  const page = "epicerie:survivante";
  let copy: DemoCopy;
  let url: string;
  let visitor: WikiVisitor;
  let passwords: Record<string, string>;

  const up = async (): Promise<string> => {
    const { code, stdout, stderr } = await copy.vigie("up", "--stack", name);
    expect(stderr).toContain(`${name} is up`);
    expect(code).toBe(0);
    return stderr + stdout;
  };
  const authority = (): string =>
    docker("exec", `${prefix}-proxy`, "cat", "/var/lib/caddy/caddy/pki/authorities/local/root.crt");

  beforeAll(async () => {
    copy = copyDemo({ sharesState: false });
    copy.settle("small");
    copy.write(
      index,
      reduced("proxy: { ...core.proxy, backup: core.gate.backup }, wiki: { ...tools.wiki, backup: core.gate.backup }"),
    );
    url = /wiki {2,}(https:\S+)/.exec(await up())![1]!;
    const outputs = await copy.vigie("pulumi", "stack", "output", "--stack", name, "--json", "--show-secrets");
    ({ passwords } = JSON.parse(outputs.stdout));
  });
  afterAll(async () => {
    await copy.vigie("down", "--stack", name, "--yes-delete-data", name);
    copy.remove();
  });

  it("has services that work, with secrets of its own", async () => {
    visitor = new WikiVisitor(url, new Visitor(undefined, {}, authority()));
    expect(await visitor.signIn("paul-faure", passwords["paul-faure"]!)).toBe(true);
    await visitor.write(page, "toujours là");
    expect(passwords["paul-faure"]).not.toBe(demo().passwords["paul-faure"]);
  });

  it("keeps somebody out from the moment that the declaration no longer names them", async () => {
    copy.edit(
      "associations/tilleuls/people.ts",
      '"paul-faure": { name: "Paul Faure", email: "paul.faure@courriel.example", teams: ["shop"] },',
      "",
    );
    copy.edit("associations/tilleuls/people.ts", 'holders: ["paul-faure"]', "holders: []");
    const said = await up();
    expect(said).toMatch(/wiki/);
    // Neither by the session that was open, nor by signing in again.
    expect((await visitor.read(page)).text).not.toContain("toujours là");
    expect(
      await new WikiVisitor(url, new Visitor(undefined, {}, authority())).signIn(
        "paul-faure",
        passwords["paul-faure"]!,
      ),
    ).toBe(false);
    const other = new WikiVisitor(url, new Visitor(undefined, {}, authority()));
    expect(await other.signIn("lea-martin", passwords["lea-martin"]!)).toBe(true);
    expect((await other.read(page)).text).toContain("toujours là");
  });

  it("is taken down to its protected volumes by Pulumi's own `destroy --exclude-protected`", async () => {
    const before = listed("volume", prefix).filter((volume) => !volume.includes("-config-"));
    expect(before).toEqual([`${prefix}-proxy-certificates`, `${prefix}-proxy-data`, `${prefix}-wiki-data`]);
    const refused = await copy.vigie("pulumi", "destroy", "--stack", name, "--yes");
    expect(refused.stderr + refused.stdout).toMatch(/protect/);
    expect(refused.code).not.toBe(0);
    const { code } = await copy.vigie("pulumi", "destroy", "--stack", name, "--yes", "--exclude-protected");
    expect(code).toBe(0);
    expect([listed("container", prefix), listed("network", prefix), listed("volume", prefix)]).toEqual([
      [],
      [],
      before,
    ]);
  });

  it("is not brought up by a checkout that has lost its root secret: another would open no backup", async () => {
    const settings = join(copy.root, ".vigie", "settings", `Pulumi.${name}.yaml`);
    renameSync(settings, `${settings}.away`);
    const refused = await copy.vigie("up", "--stack", name);
    expect(refused.stderr).toContain(`.vigie/settings/Pulumi.${name}.yaml`);
    expect(refused.stderr).toContain("rootSecret");
    expect(refused.code).toBe(1);
    renameSync(`${settings}.away`, settings);
  });

  it("finds its data again at the next `up`", async () => {
    await up();
    const again = new WikiVisitor(url, new Visitor(undefined, {}, authority()));
    await eventually(async () => expect(await again.signIn("lea-martin", passwords["lea-martin"]!)).toBe(true), 30);
    expect((await again.read(page)).text).toContain("toujours là");
  });

  it("leaves nothing at all once its name was typed", async () => {
    const { code, stderr } = await copy.vigie("down", "--stack", name, "--yes-delete-data", name);
    expect(stderr).toContain(`${name} is down`);
    expect(code).toBe(0);
    expect([listed("container", prefix), listed("network", prefix), listed("volume", prefix)]).toEqual([[], [], []]);
  });
});
