import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import command from "../../../cli/import.ts";
import { Refusal } from "../../../cli/refusal.ts";

describe("npm run import", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "vigie-import-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const file = (name: string, content: unknown): string => {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
    return join(folder, name);
  };
  /** What is written. */
  async function imported(program: string, path: string, flags: Record<string, string> = {}): Promise<string> {
    const to = join(folder, "associations/mine/services/imported.ts");
    await command.run({
      flags: { owner: "it-on-call", supplier: "webhost", to, ...flags },
      words: [program, path],
    } as unknown as Parameters<typeof command.run>[0]);
    return readFileSync(to, "utf8");
  }

  it("writes into a folder that is not there yet", async () => {
    const config = { endpoints: [{ name: "site", url: "https://lilas.example/", conditions: ["[STATUS] == 200"] }] };
    expect(await imported("gatus", file("config.yaml", config))).toContain('"https://lilas.example/"');
  });

  it("reads the files of targets beside a Prometheus configuration, and none elsewhere", async () => {
    const modules = file("blackbox.yml", { modules: { icmp: { prober: "icmp" } } });
    file("prometheus/targets.d/a.yml", '- {targets: ["192.0.2.1"]}');
    file("elsewhere.yml", '- {targets: ["192.0.2.9"]}');
    const files = ["/etc/prometheus/targets.d/*.yml", "../elsewhere.yml", join(folder, "elsewhere.yml")];
    const job = {
      metrics_path: "/probe",
      params: { module: ["icmp"] },
      file_sd_configs: [{ files }],
      relabel_configs: [{ source_labels: ["__address__"], target_label: "__param_target" }],
    };
    const targets = file("prometheus/prometheus.yml", { scrape_configs: [job] });
    const written = await imported("blackbox", modules, { targets });
    expect(written).toContain('host: "192.0.2.1"');
    expect(written).not.toContain("192.0.2.9");
    expect(written).toContain("no such file beside prometheus.yml");
  });

  it("finds the database in Uptime Kuma's folder, whatever else is there", async () => {
    const database = new DatabaseSync(join(folder, "kuma.db"));
    database.exec(
      "CREATE TABLE monitor (id INTEGER, name TEXT, type TEXT, hostname TEXT, active INTEGER, interval INTEGER)",
    );
    database.exec("INSERT INTO monitor VALUES (1, 'Box', 'ping', '192.0.2.1', 1, 60)");
    database.close();
    file("db-config.json", { type: "sqlite" });
    expect(await imported("uptime-kuma", folder)).toContain('host: "192.0.2.1"');
  });

  it.each<[string, string, unknown, string]>([
    ["an empty file", "kuma.db", "", "is empty"],
    ["a MariaDB", "db-config.json", { type: "embedded-mariadb" }, "its monitors are in MariaDB, which is not read"],
    ["a backup of nothing", "backup.json", { monitorList: [] }, "no monitors in it"],
    ["another format", "backup.json", "endpoints: []", "it is no JSON"],
  ])("refuses %s with words", async (_, name, content, words) => {
    await expect(imported("uptime-kuma", file(name, content))).rejects.toThrow(words);
  });

  it("refuses what holds no targets, and a folder in place of a file", async () => {
    const modules = file("blackbox.yml", { modules: { icmp: { prober: "icmp" } } });
    await expect(imported("blackbox", modules, { targets: modules })).rejects.toThrow("with `scrape_configs`");
    await expect(imported("blackbox", modules, { targets: folder })).rejects.toThrow(Refusal);
  });
});
