import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../cli/places.ts";
import { type Ended, run } from "../../cli/run.ts";
import { copyDemo, type DemoCopy } from "./copy.ts";
import { demo, docker, eventually, STACK } from "./demo.ts";
import { offsetOf, stackFor } from "./names.ts";
import { plainText, Visitor } from "./web.ts";

const NAME = stackFor("docs");
const PORT = 8443 + offsetOf("docs");

const page = (name: string): string => readFileSync(join(ROOT, "docs", name), "utf8");

/** The fenced blocks of a page that name a file: path → content. */
const filesOf = (markdown: string): Map<string, string> =>
  new Map(
    [...markdown.matchAll(/^```\w+ file=(\S+)\n([\s\S]*?)^```$/gm)].map(([, path, content]) => [path!, content!]),
  );

/** Runs a module's text in a copy, with its own code; gives what it printed, as JSON. */
async function evaluate<T>(copy: DemoCopy, source: string): Promise<T> {
  copy.write("evaluated.ts", source);
  const { code, stdout, stderr } = await run(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "evaluated.ts"],
    {
      cwd: copy.root,
      env: copy.env,
    },
  );
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as T;
}

const compile = (copy: DemoCopy): Promise<Ended> => {
  copy.write(
    "tsconfig.docs.json",
    JSON.stringify({
      extends: "./tsconfig.json",
      include: ["association", "associations", "stacks", "monitors", "dashboards", "runbooks"],
    }),
  );
  return run(join(ROOT, "node_modules", ".bin", "tsc"), ["--noEmit", "--project", "tsconfig.docs.json"], {
    cwd: copy.root,
    env: copy.env,
  });
};

describe("docs/add-a-service.md, followed word for word", () => {
  const markdown = page("add-a-service.md");
  const files = filesOf(markdown);
  const index = "associations/tilleuls/index.ts";
  const prefix = `tilleuls-${NAME}`;
  let copy: DemoCopy;

  beforeAll(() => {
    copy = copyDemo({ sharesState: true });
    for (const [path, content] of files) copy.write(path, content);
    // Step 5's two edits, as its own words give them.
    const [, imported] = /`(import \{ noticeBoard \}[^`]+)`/.exec(markdown)!;
    const [, services] = /`(services: \{ \.\.\.core[^`]+\})`/.exec(markdown)!;
    copy.edit(index, "import { tools }", `${imported}\nimport { tools }`);
    copy.edit(index, "services: { ...core, ...tools, ...outside, ...projects }", services!);
  });
  afterAll(async () => {
    await copy.vigie("down", "--stack", NAME, "--yes-delete-data", NAME);
    copy.remove();
  });

  it("has every file that it lists, and no other", () => {
    expect([...files.keys()]).toEqual([
      "stacks/services/notice-board/kind.ts",
      "stacks/services/notice-board/index.ts",
      "stacks/services/notice-board/image/Dockerfile",
      "stacks/services/notice-board/image/healthy",
      "runbooks/services/notice-board.md.hbs",
      "associations/tilleuls/services/notice-board.ts",
    ]);
  });

  it("compiles, and no longer does where a service lacks its owner", async () => {
    expect((await compile(copy)).stdout).toBe("");
    const path = "associations/tilleuls/services/notice-board.ts";
    copy.edit(path, '    owner: "secretary",\n', "");
    const { stdout, code } = await compile(copy);
    copy.write(path, files.get(path)!);
    expect(stdout).toMatch(/notice-board\.ts[\s\S]*owner/);
    expect(code).not.toBe(0);
  });

  it("gives the service its alerts, owner, runbook and checks by itself", async () => {
    const found = await evaluate<{ checks: string[]; url: string; rules: string[] }>(
      copy,
      `import { readInventory, readSettings } from "./cli/declared.ts";
       import { alertRules } from "./dashboards/prometheus/rules.ts";
       const inventory = await readInventory("${STACK}", readSettings("${STACK}"));
       const { checks, url } = inventory.services.board;
       const rules = alertRules(inventory).groups.flatMap((group) => group.rules)
         .filter(({ labels }) => labels.service === "board").map(({ alert, labels }) => alert + " " + labels.owner);
       console.log(JSON.stringify({ checks, url, rules }));`,
    );
    expect(found.checks.toSorted()).toEqual(["board/container", "board/http", "board/tls"]);
    expect(found.url).toBe(`https://panneau.tilleuls.localhost:${8443 + offsetOf("real")}`);
    expect(found.rules).toEqual(
      expect.arrayContaining([
        "CheckFailing secretary",
        "ContainerUnhealthy secretary",
        "CertificateExpiring secretary",
      ]),
    );
  });

  it("makes `npm run preview` show what step 6 says: nothing else is touched", async () => {
    const { stdout, stderr, code } = await copy.vigie("preview", "--stack", STACK);
    expect(code, stderr).toBe(0);
    const main = stdout
      .trim()
      .split("\n")
      .map((line) => line.replace(`${demo().prefix}-`, "").replace(/ \(.*/, ""))
      .filter((line) => !/-(config|courier)\b/.test(line))
      .sort();
    expect(main).toEqual([
      "would make container board",
      "would make image main-board",
      "would make network board",
      "would replace container lookout",
      "would replace container names",
      "would replace container prometheus",
      "would replace container proxy",
      "would replace image main-lookout",
    ]);
  });

  it("brings the board up behind the proxy, with its text and its runbook", async () => {
    const own = copyDemo({ sharesState: false });
    try {
      for (const [path, content] of files) own.write(path, content);
      own.settle("docs");
      own.write(index, reduced);
      const { code, stderr, stdout } = await own.vigie("up", "--stack", NAME);
      expect(stderr).toContain(`${NAME} is up`);
      expect(code).toBe(0);
      const url = /board {2,}(https:\S+)/.exec(stdout)![1]!;
      expect(url).toBe(`https://panneau.tilleuls.localhost:${PORT}`);
      const authority = docker("exec", `${prefix}-proxy`, "cat", "/var/lib/caddy/caddy/pki/authorities/local/root.crt");
      const { status, text } = await new Visitor(undefined, {}, authority).get(url);
      expect([status, text]).toEqual([200, "Assemblée jeudi à 20 h"]);
      const inside = docker(
        "inspect",
        "--format",
        "{{.State.Health.Status}} {{.Config.User}} {{.HostConfig.ReadonlyRootfs}}",
        `${prefix}-board`,
      );
      expect(inside.trim()).toBe("healthy www-data true");
      await lookAtPages(own, authority);
    } finally {
      await own.vigie("down", "--stack", NAME, "--yes-delete-data", NAME);
      own.remove();
    }
  });

  /** The board on the pages of a lookout of its own. */
  async function lookAtPages(own: DemoCopy, authority: string): Promise<void> {
    const { stdout } = await own.vigie("password", "lea-martin", "--stack", NAME);
    const basic = `Basic ${Buffer.from(`lea-martin:${stdout.trim()}`).toString("base64")}`;
    const lea = new Visitor(undefined, { authorization: basic, "accept-language": "en" }, authority);
    const base = `https://etat.tilleuls.localhost:${PORT}`;
    await eventually(async () => {
      const { text } = await lea.get(`${base}/`);
      expect(text).toMatch(/<li class="service operational" id="board">/);
    }, 150);
    const runbook = plainText((await lea.get(`${base}/runbooks/notice-board?service=board`)).text);
    expect(runbook).toContain("The board keeps no data");
  }
});

/** The notice board, the proxy in front of it and a lookout to watch it: as much as shows that it works. */
const reduced = `
import { defineAssociation } from "../../association/index.ts";
import { holders, roles, teams } from "./people.ts";
import { domains, hosts, suppliers } from "./places.ts";
import { core } from "./services/core.ts";
import { noticeBoard } from "./services/notice-board.ts";
const { proxy, lookout, gate } = core;
export default defineAssociation({
  association: {
    id: "tilleuls", name: "Les Tilleuls", languages: ["fr", "en"], timeZone: "Europe/Paris",
    mainDomain: "tilleuls.localhost", contact: "secretary",
  },
  domains, teams, holders, roles, suppliers, hosts,
  services: { proxy: { ...proxy, backup: gate.backup }, lookout: { ...lookout, backup: gate.backup }, gate, ...noticeBoard },
});
`;

describe("docs/add-a-check.md, followed word for word", () => {
  const files = filesOf(page("add-a-check.md"));
  let copy: DemoCopy;
  beforeAll(() => {
    copy = copyDemo({ sharesState: false });
    for (const [path, content] of files) copy.write(path, content);
  });
  afterAll(() => copy.remove());

  /** A finger server (RFC 1288) that knows one user. */
  async function fingerServer(answer: (user: string) => string | undefined) {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.setEncoding("latin1").once("data", (query) => {
        const text = answer(String(query).replace(/\r\n$/, ""));
        if (text !== undefined) socket.end(text);
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const close = (): void => {
      for (const socket of sockets) socket.destroy();
      server.close();
    };
    return { port: (server.address() as AddressInfo).port, close };
  }

  it("reads the word that a server wants first from the secret's file, and says where it is missing", async () => {
    const server = await fingerServer((query) => (query === "sesame lea" ? "Login: lea  Name: Lea Martin" : "no"));
    const file = join(copy.root, "word");
    const base = { host: "127.0.0.1", port: server.port, user: "lea", expect: "Lea Martin", word: { file } };
    try {
      expect(await finger(base)).toMatchObject({ ok: false, reason: "not-configured" });
      copy.write("word", "sesame\n");
      expect(await finger(base)).toEqual({ ok: true });
    } finally {
      server.close();
    }
  });

  it("has the stack deliver the secret that a declaration names, and only its name in the inventory", async () => {
    const [, declared] = /^checks: \[(\{ check: "finger".*word.*\})\],$/m.exec(page("add-a-check.md"))!;
    const own = copyDemo({ sharesState: false });
    try {
      for (const [path, content] of files) own.write(path, content);
      const before = '{ check: "http", every: "1m", url: "http://site.example/" }';
      own.edit("associations/tilleuls/services/outside.ts", before, `${before}, ${declared}`);
      const found = await evaluate<{ secrets: unknown; needed: unknown }>(
        own,
        `import { readInventory, readSettings } from "./cli/declared.ts";
         import { neededSecrets } from "./stacks/check-secrets.ts";
         const inventory = await readInventory("demo", readSettings("demo"));
         const needed = neededSecrets(inventory).get("outside/finger-word");
         console.log(JSON.stringify({ secrets: inventory.checks["website/finger"].secrets, needed }));`,
      );
      expect(found.secrets).toEqual([{ secret: "finger-word" }]);
      expect(found.needed).toEqual({ ref: { secret: "finger-word" }, by: ["website/finger"] });
    } finally {
      own.remove();
    }
  });

  const finger = (params: object, milliseconds = 5000): Promise<{ ok: boolean; reason?: string; thrown?: string }> =>
    evaluate(
      copy,
      `import { loadChecks } from "./monitors/checks.ts";
       const { finger } = await loadChecks();
       const signal = AbortSignal.timeout(${milliseconds});
       const outcome = await finger.run(finger.params.parse(${JSON.stringify(params)}), { signal, trace() {} })
         .catch((error) => ({ ok: false, thrown: error.name }));
       console.log(JSON.stringify(outcome));
       process.exit();`,
    );

  it("compiles, and is found by its name", async () => {
    expect([...files.keys()]).toEqual(["monitors/checks/finger.ts"]);
    expect((await compile(copy)).stdout).toBe("");
  });

  it("tells a server that knows the user from one that does not, one that is silent and one that is not there", async () => {
    const server = await fingerServer((user) =>
      user === "lea" ? "Login: lea  Name: Lea Martin\r\n" : user === "mute" ? undefined : "no such user\r\n",
    );
    const base = { host: "127.0.0.1", port: server.port, expect: "Lea Martin" };
    try {
      expect(await finger({ ...base, user: "lea" })).toEqual({ ok: true });
      expect(await finger({ ...base, user: "tom" })).toMatchObject({ ok: false, reason: "wrong-reply" });
      expect(await finger({ ...base, user: "mute" }, 1000)).toMatchObject({ ok: false, thrown: expect.any(String) });
    } finally {
      server.close();
    }
    expect(await finger({ ...base, user: "lea" })).toMatchObject({ ok: false, thrown: expect.any(String) });
  });

  it("may be used by any service, its parameters verified and completed", async () => {
    const path = "associations/tilleuls/services/outside.ts";
    const [, declared] = /^checks: \[(\{ check: "finger"[^{}]*\})\],$/m.exec(page("add-a-check.md"))!;
    const before = '{ check: "http", every: "1m", url: "http://site.example/" }';
    copy.edit(path, before, `${before}, ${declared}`);
    expect((await compile(copy)).stdout).toBe("");
    const inventory = `import { readInventory, readSettings } from "./cli/declared.ts";
       const { checks } = await readInventory("demo", readSettings("demo"));
       console.log(JSON.stringify(checks["website/finger"]));`;
    expect(await evaluate(copy, inventory)).toMatchObject({
      kind: "finger",
      target: "lea@old.example.org:79",
      params: { port: 79, expect: "Léa" },
    });
    copy.edit(path, 'user: "lea"', 'user: "Léa Martin"');
    await expect(evaluate(copy, inventory)).rejects.toThrow(/services\.website\.checks\[1\]\.user[\s\S]*a user's name/);
  });
});
