import { cpSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ROOT } from "../../cli/places.ts";
import { Rig } from "./backup-rig.ts";

/** Debian's PostgreSQL and MariaDB, whose copies are saved; never their own files, which are of no one moment. */
const rig = new Rig({
  agent: {
    jobs: [
      {
        ...{ id: "wiki-data", service: "wiki", volume: "data", path: "/data/wiki", schedule: { everySeconds: 86_400 } },
        prepare: { folder: "/hooks", limitSeconds: 90, waitSeconds: 1 },
      },
    ],
  },
});
const soon = <T>(look: () => Promise<T> | T, seconds = 180): Promise<T> =>
  vi.waitFor(look, { timeout: seconds * 1000, interval: 1000 });
const databases = () => `${rig.name}-databases`;
const start = (): void => {
  rig.docker(
    ...["run", "--detach", "--name", databases(), "--network", "none"],
    ...["--mount", `type=volume,source=${rig.name}-data,target=/srv/dumps`],
    ...["--mount", `type=volume,source=${rig.name}-hooks,target=/hooks`, "vigie/test-databases"],
  );
};
const ready = () => soon(() => expect(rig.attempt("exec", databases(), "test", "-e", "/run/ready").code).toBe(0));
const sql = (program: "psql" | "mariadb", text: string): string =>
  rig
    .docker(
      "exec",
      databases(),
      ...(program === "psql"
        ? [
            "psql",
            "--host",
            "/run/db",
            "--username",
            "postgres",
            "--tuples-only",
            "--no-align",
            "--command",
            text,
            "shop",
          ]
        : ["mariadb", "--socket=/run/db/mariadb.sock", "--skip-column-names", "--execute", text, "galette"]),
    )
    .trim();
const flag = (name: string, on: boolean) =>
  rig.docker("exec", databases(), ...(on ? ["touch"] : ["rm"]), `/run/${name}`);

beforeAll(async () => {
  const context = mkdtempSync(join(tmpdir(), "vigie-databases-"));
  cpSync(join(ROOT, "test/real/databases"), context, { recursive: true });
  cpSync(join(ROOT, "stacks/hooks/vigie-hooks"), join(context, "vigie-hooks"));
  await rig.start(() => {
    rig.docker("build", "--quiet", "--tag", "vigie/test-databases", context);
    start();
  });
  rig.removeContainer("agent");
  rig.startAgent("--mount", `type=volume,source=${rig.name}-hooks,target=/hooks`);
  await ready();
  sql(
    "psql",
    "create table orders (id int primary key, what text); insert into orders select i, 'pain ' || i from generate_series(1, 5000) i",
  );
  sql(
    "mariadb",
    "create table members (id int primary key, name varchar(80)) engine=InnoDB; insert into members select seq, concat('Zoé ', seq) from seq_1_to_3000",
  );
}, 900_000);
afterAll(() => rig.remove(), 120_000);

describe("copies of databases", () => {
  it("are made by the service before the snapshot, while others go on writing, and what it counted is told with it", async () => {
    rig.docker(
      "exec",
      "--detach",
      databases(),
      "bash",
      "-c",
      `for i in $(seq 6000 9000); do psql -qh /run/db -U postgres -c "begin; insert into orders values ($i, 'x'); insert into orders values (-$i, 'y'); commit" shop; done`,
    );
    expect(rig.agent("run", "all")).toMatchObject({ code: 0, said: expect.stringMatching(/wiki-data: ok, snapshot/) });
    const [last] = (JSON.parse(rig.agent("list", "--json").said) as { tags: string[] }[]).slice(-1);
    expect(Number(last!.tags.find((tag) => tag.startsWith("fact-orders="))!.slice(12))).toBeGreaterThanOrEqual(5000);
    expect(await rig.look("job")).toMatchObject({ ok: true });
  }, 300_000);

  it.each([
    ["truncated", "truncate", /cut off/],
    ["not made, for the database is away", "break", /database is away/],
  ])(
    "that are %s are told within one cycle, and the files saved all the same",
    async (_, name, words) => {
      flag(name, true);
      expect(rig.agent("run", "all").said).toMatch(/partial, snapshot/);
      expect(await rig.look("job")).toMatchObject({
        ok: false,
        reason: "dump-failed",
        message: expect.stringMatching(words),
      });
      flag(name, false);
      expect(rig.agent("run", "all").said).toMatch(/ok, snapshot/);
      expect(await rig.look("job")).toMatchObject({ ok: true });
    },
    300_000,
  );

  it("are missed where the service does not listen", async () => {
    rig.docker("exec", databases(), "pkill", "-f", "vigie-hooks /hooks");
    expect(rig.agent("run", "all").said).toMatch(/partial.*does not listen/);
    expect(await rig.look("job")).toMatchObject({ ok: false, reason: "dump-failed" });
    rig.docker(
      "exec",
      "--detach",
      "--env",
      "VIGIE_VOLUME=/srv/dumps",
      databases(),
      "vigie-hooks",
      "/hooks",
      "prepare",
      "120",
    );
    await soon(() => expect(rig.agent("run", "all").said).toMatch(/ok, snapshot/), 60);
  }, 300_000);

  it("bring every row back after a table was dropped and the servers were lost, each transaction whole", async () => {
    // Whoever still writes from the first test: what is counted is to be what is saved.
    rig.docker("exec", databases(), "bash", "-c", "pkill -f '[s]eq 6000'; while pgrep psql; do sleep 0.1; done");
    const before = {
      orders: Number(sql("psql", "select count(*) from orders")),
      members: sql("mariadb", "select count(*), max(name) from members"),
    };
    expect(rig.agent("run", "all").said).toMatch(/ok, snapshot/);
    sql("psql", "drop table orders");
    sql("mariadb", "drop table members");
    rig.docker("rm", "--force", databases());
    rig.shell("rm -r /data/*", "data");
    const { id } = (JSON.parse(rig.agent("list", "--json").said) as { id: string }[]).at(-1)!;
    rig.docker(
      ...[
        "run",
        "--rm",
        "--network",
        rig.name,
        "--cap-drop",
        "ALL",
        "--cap-add",
        "DAC_OVERRIDE",
        "--cap-add",
        "CHOWN",
        "--cap-add",
        "FOWNER",
      ],
      ...[
        "--mount",
        `type=volume,source=${rig.name}-agent-files,target=/etc/vigie,readonly`,
        "--tmpfs",
        "/run",
        "--tmpfs",
        "/tmp",
      ],
      ...[
        "--mount",
        `type=volume,source=${rig.name}-data,target=/data/wiki`,
        "vigie/test-backup",
        "restore",
        id,
        "--to",
        "/",
        "--path",
        "/data/wiki",
        "--verify",
      ],
    );
    start();
    await ready();
    const after = Number(sql("psql", "select count(*) from orders"));
    expect(after).toBe(before.orders);
    // Written two by two in one transaction: a copy of no one moment would have one without the other.
    expect(
      sql(
        "psql",
        "select count(*) from orders a where id > 5999 and not exists (select 1 from orders b where b.id = -a.id)",
      ),
    ).toBe("0");
    expect(sql("mariadb", "select count(*), max(name) from members")).toBe(before.members);
  }, 600_000);
});
