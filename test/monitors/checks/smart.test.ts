import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express from "express";
import { describe, expect, it, onTestFinished } from "vitest";
import { readDisks } from "../../../monitors/checks/_smart.ts";
import smart from "../../../monitors/checks/smart.ts";
import { jobsOf, makeHeartbeats } from "../../../monitors/sources/heartbeats.ts";
import { push } from "../../../monitors/web/push.ts";
import { serve } from "../../../monitors/web/server.ts";
import { HOSTILE } from "../../dashboards/hostile.ts";
import { check } from "../helpers/inventory.ts";
import { startLookout } from "../helpers/lookout.ts";
import { resources, runCheck } from "../helpers/run.ts";

/** What smartctl 7.4 writes, pretty as `--json` does; `line` is one line, as `--json=c`. */
const fixture = (name: string): string => readFileSync(new URL(`fixtures/smart/${name}.json`, import.meta.url), "utf8");
// biome-ignore lint/suspicious/noExplicitAny: changed in any way
const line = (name: string, change: (document: any) => void = () => {}): string => {
  const document = JSON.parse(fixture(name));
  change(document);
  return JSON.stringify(document);
};
const lines = (...names: string[]): string => `${names.map((name) => line(name)).join("\n")}\n`;

/** The check after a host has reported. */
async function look(text: string | undefined, wish: object = {}, at = Date.now()) {
  const file = join(mkdtempSync(join(tmpdir(), "vigie-smart-")), "heartbeats.json");
  const heartbeats = makeHeartbeats(file, ["nas/disks"], () => {}, at);
  if (text !== undefined) await heartbeats.report("nas/disks", "success", "", at, readDisks(text));
  // As after a restart: what was kept is what is judged.
  const again = makeHeartbeats(file, ["nas/disks"], () => {}, at);
  return runCheck(smart, { name: "nas/disks", ...wish }, { own: resources({ heartbeats: again }) });
}

describe("disks that are well", () => {
  it("are good, and tell how warm, old and worn they are: ATA, NVMe and SCSI", async () => {
    expect(await look(lines("sata-good", "nvme-good", "scsi-good"), { disks: 3 })).toEqual({
      ok: true,
      measures: {
        "healthy/sda SAT": 1,
        "temperature_celsius/sda SAT": 34,
        "power_on_seconds/sda SAT": 28_721 * 3600,
        "reallocated_sectors/sda SAT": 0,
        "unreadable_sectors/sda SAT": 0,
        "healthy/nvme0": 1,
        "temperature_celsius/nvme0": 41,
        "power_on_seconds/nvme0": 9120 * 3600,
        "unreadable_sectors/nvme0": 0,
        "worn_ratio/nvme0": 0.03,
        "healthy/sdc": 1,
        "temperature_celsius/sdc": 38,
        "power_on_seconds/sdc": 30_123 * 3600,
        "reallocated_sectors/sdc": 2,
      },
    });
  });

  it("may be told one at a time and over several lines, as smartctl --json writes it", async () => {
    expect(await look(fixture("sata-good"))).toMatchObject({ ok: true });
  });

  it("have until their first report is due", async () => {
    expect(await look(undefined)).toEqual({ ok: true });
    expect(await look(undefined, {}, Date.now() - 4 * 3_600_000)).toMatchObject({ ok: false, reason: "no-signal" });
  });
});

describe("a disk that fails", () => {
  it("is named with its model and serial number, and all that is wrong with it", async () => {
    const outcome = await look(lines("sata-good", "sata-failing"), { disks: 2 });
    expect(outcome).toMatchObject({ ok: false, reason: "disk-failing" });
    expect(outcome.message).toBe(
      "sdb SAT (WDC WD40EFRX-68N32N0 WD-WCC7K7654321) says itself that it fails; past its maker's limits: Reallocated_Sector_Ct; " +
        "failed its last self-test; 16 unreadable sectors or errors of the medium, expected 0 at most; 812 sectors replaced, expected 10 at most; " +
        "63 °C, expected 60 °C at most",
    );
    expect(outcome.measures).toMatchObject({ "healthy/sdb SAT": 0, "reallocated_sectors/sdb SAT": 812 });
  });

  it("is an SSD at the end of its life too", async () => {
    expect((await look(lines("nvme-worn"))).message).toBe(
      "nvme0 (Samsung SSD 980 1TB S649NF0R123456X) says itself that it fails; past its maker's limits: spare room, reliability; " +
        "3 unreadable sectors or errors of the medium, expected 0 at most; 104 % of its life used, expected 90 % at most",
    );
  });

  it("is one that cannot be asked, or is no longer there", async () => {
    expect((await look(lines("sata-good", "away"), { disks: 2 })).message).toBe(
      "sdd could not be asked: Smartctl open device: /dev/sdd failed: No such device",
    );
    expect((await look(lines("sata-good"), { disks: 2 })).message).toBe("1 of 2 disks reported: sda SAT");
  });

  it("is judged by the declared limits", async () => {
    const tired = line("sata-good", (document) => {
      document.temperature.current = 52;
      document.ata_smart_attributes.table[2].raw = { value: 7 + 2 ** 40, string: "7 (1 2)" };
    });
    expect(await look(tired)).toMatchObject({ ok: true, measures: { "reallocated_sectors/sda SAT": 7 } });
    expect((await look(tired, { maxCelsius: 50, maxReallocated: 5 })).message).toMatch(/7 sectors replaced.*52 °C/);
  });
});

describe("what a host sends", () => {
  it("is taken when smartctl wrote it, and refused when it is something else", () => {
    expect(readDisks(lines("sata-good", "nvme-good"))).toHaveLength(2);
    for (const other of [
      "",
      "null",
      "[]",
      "{}",
      "smartctl: command not found",
      `${line("sata-good")}\n{`,
      lines("sata-good", "sata-good"),
      line("sata-good", (document) => (document.smartctl.exit_status = "0")),
      line("sata-good", (document) => (document.ata_smart_attributes.table[0].raw = null)),
      Array.from({ length: 65 }, () => line("away")).join("\n"),
    ])
      expect(readDisks(other), other.slice(0, 80)).toBeUndefined();
  });

  it("ends up short and clean, whatever a disk calls itself", () => {
    for (const text of [...HOSTILE, "x".repeat(100_000)]) {
      const [disk] = readDisks(
        line("away", (document) => {
          document.device = { name: text, info_name: text };
          document.model_name = document.serial_number = text;
          document.smartctl.messages = [{ string: text }];
        }),
      )!;
      expect(JSON.stringify(disk).length).toBeLessThan(800);
      expect(`${disk!.name}${disk!.label}${disk!.unread}`).toMatch(/^[\p{L}\p{N} ._:/+-]*$/u);
    }
  });

  it("comes by the push address with the job's token, and nothing else does", async () => {
    const checks = [check({ id: "nas/smart", kind: "smart", params: { name: "nas/disks", job: "disks" } })];
    expect(jobsOf({ checks: { "nas/smart": checks[0]! } })).toEqual(["nas/disks"]);
    const file = join(mkdtempSync(join(tmpdir(), "vigie-smart-")), "heartbeats.json");
    const heartbeats = makeHeartbeats(file, ["nas/disks"], () => {});
    const { lookout } = await startLookout({ checks, own: { heartbeats }, start: false });
    const app = express();
    app.post(
      "/push/:service/:job{/:report}",
      push(lookout, async () => "token"),
    );
    const web = await serve(app, 0, "127.0.0.1");
    onTestFinished(() => web.stop(100));
    const send = (body: string, token = "token") =>
      fetch(`http://127.0.0.1:${web.port}/push/nas/disks`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}` },
        body,
      });
    expect((await send(lines("sata-good"), "other")).status).toBe(401);
    const refused = await send("smartctl: command not found");
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain("smartctl --json=c");
    expect(heartbeats.of("nas/disks").signals).toEqual({});
    expect((await send(lines("sata-good", "nvme-good", "scsi-good"))).status).toBe(200);
    expect(heartbeats.of("nas/disks").found).toHaveLength(3);
  });
});
