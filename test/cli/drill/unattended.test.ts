import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { cloneAddress } from "../../../cli/drill/copies.ts";
import { COPY_ORDER } from "../../../cli/drill/live.ts";
import { paper } from "../../../cli/drill/paper.ts";
import { pastDrills } from "../../../cli/drill/past.ts";
import { isGenuine, readSigned, signingKey, signReport } from "../../../cli/drill/report.ts";
import { announce, STEPS } from "../../../cli/drill/steps.ts";
import { onCalendar, units } from "../../../cli/drill/timer.ts";
import drill from "../../../cli/drill.ts";
import { demo } from "../../stacks/fixtures/demo.ts";

const folder = mkdtempSync(join(tmpdir(), "vigie-drills-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a schedule as systemd reads it", () => {
  it.each([
    ["0 4 1 * *", "*-*-01 04:00:00 Europe/Paris"],
    ["30 2 * * 1-5", "Mon..Fri *-*-* 02:30:00 Europe/Paris"],
    ["*/15 0 1,15 */3 *", "*-0/3-1,15 00:0/15:00 Europe/Paris"],
    ["0 5 * * sun", "Sun *-*-* 05:00:00 Europe/Paris"],
  ])("%s", (cron, calendar) => {
    expect(onCalendar({ cron }, "Europe/Paris")).toBe(calendar);
  });

  it("is none for a pace", () => {
    expect(onCalendar({ everySeconds: 3600 }, "UTC")).toBeUndefined();
  });

  it("runs the drill unattended, makes up for a machine that was off, and is named as the runbook says", () => {
    const made = units("*-*-01 04:00:00", {
      checkout: "/srv/vigie",
      live: "production",
      engine: "unix:///run/x.sock",
      key: "/etc/k",
    });
    expect(made.map(({ path }) => path.split("/").at(-1))).toEqual(["vigie-drill.service", "vigie-drill.timer"]);
    expect(made[0]!.content).toContain(
      "drill -- --scheduled --live production --engine unix:///run/x.sock --key /etc/k",
    );
    expect(made[1]!.content).toContain("OnCalendar=*-*-01 04:00:00\nPersistent=true");
  });
});

describe("a report of a drill", () => {
  const rootSecret = randomBytes(32).toString("base64url");
  const report = {
    version: 1 as const,
    association: "Les Tilleuls",
    stack: "drill-a",
    commit: null,
    started: "2026-11-24T04:00:00Z",
    ended: "2026-11-24T04:06:00Z",
    passed: false,
    rtoSeconds: null,
    volumes: [],
    services: [],
    problem: "no room",
  };
  const signed = signReport(report, signingKey(rootSecret));

  it("is genuine as it was written to a file, and no longer once a word or the key is another", () => {
    const read = readSigned(JSON.stringify(signed, null, 1))!;
    expect(isGenuine(read, rootSecret)).toBe(true);
    expect(isGenuine({ ...read, report: { ...read.report, passed: true } }, rootSecret)).toBe(false);
    expect(isGenuine(read, randomBytes(32).toString("base64url"))).toBe(false);
    const forger = randomBytes(32).toString("base64url");
    expect(isGenuine(signReport({ ...report, passed: true }, signingKey(forger)), rootSecret)).toBe(false);
    expect(readSigned("{}")).toBeUndefined();
    expect(readSigned("no JSON")).toBeUndefined();
  });

  it("is shown with those before it, the youngest first; one that is damaged hides no other", () => {
    expect(pastDrills(folder)).toEqual([]);
    mkdirSync(join(folder, "drills"));
    writeFileSync(join(folder, "drills", "2026-11-01.json"), JSON.stringify(signed));
    writeFileSync(join(folder, "drills", "2026-11-24.json"), JSON.stringify({ ...signed, signature: "young" }));
    writeFileSync(join(folder, "drills", "2026-11-20.json"), "{");
    expect(pastDrills(folder).map(({ signature }) => signature)).toEqual(["young", signed.signature]);
  });
});

describe("a copy of a repository in use", () => {
  it("takes what names other things before what is named: a snapshot it has is whole", () => {
    expect(COPY_ORDER.indexOf("snapshots")).toBeLessThan(COPY_ORDER.indexOf("index"));
    expect(COPY_ORDER.indexOf("index")).toBeLessThan(COPY_ORDER.indexOf("data"));
  });
});

describe("the paper version", () => {
  const { inventory, people } = demo();
  const page = paper(inventory, people, new Date("2026-11-24T12:00:00Z"));

  it("has every step that the drill announces, in both languages, French first here", () => {
    expect(announce("load")).toBe(`3/${STEPS.length} Loading the copy of the repository`);
    for (const { title } of STEPS)
      for (const text of Object.values(title)) expect(page).toContain(text.replaceAll("'", "&#39;"));
    expect(page).toMatch(/<html lang="fr">/);
    expect(page.indexOf('<section lang="fr">')).toBeLessThan(page.indexOf('<section lang="en">'));
    expect(page).toContain("24 novembre 2026");
    const [french = "", english = ""] = page.split('<section lang="en">');
    expect([french, english].map((part) => /<td>2 [a-z]</.exec(part)?.[0])).toEqual(["<td>2 j<", "<td>2 d<"]);
  });

  it("lists the services in the order in which they start, and who rents the machine", () => {
    const rows = [...page.matchAll(/<tr><th scope="row">([^<]*)/g)].map(([, name]) => name);
    expect(rows.indexOf("Portail d&#39;accès")).toBeLessThan(rows.indexOf("Vigie"));
    expect(page).toContain("Hébergeur coopératif");
  });

  it("has the project's address where one is known, and room to write it where not", () => {
    expect(page).toContain("git clone ADDRESS-OF-THE-PROJECT vigie");
    expect(page).toMatch(/Écrivez ici l&#39;adresse du projet.*…{20}/);
    const known = paper(inventory, people, new Date(), "https://forge.example.org/tilleuls/it.git");
    expect(known).toContain("git clone https://forge.example.org/tilleuls/it.git vigie");
    expect(known).not.toContain("ADDRESS-OF-THE-PROJECT");
  });

  it("says where the copies are, or that none is declared", () => {
    expect(page).toMatch(/Aucune n&#39;est déclarée.*…{20}/);
    const copies = {
      friend: { sftp: { host: "nas.example.org", port: 2222, user: "vigie", path: "/srv/vigie" } },
      cloud: { s3: { endpoint: "https://s3.fr-par.scw.cloud", bucket: "tilleuls", path: "vigie" } },
      annex: { repository: "snapshots" },
    };
    const { backup } = inventory.services;
    const delivery = { ...backup!.delivery, settings: { repository: "snapshots", copies } } as NonNullable<
      typeof backup
    >["delivery"];
    const elsewhere = { ...inventory, services: { ...inventory.services, backup: { ...backup!, delivery } } };
    const told = paper(elsewhere, people, new Date());
    expect(told).toContain("<li>sftp://vigie@nas.example.org:2222/srv/vigie</li>");
    expect(told).toContain("<li>https://s3.fr-par.scw.cloud/tilleuls/vigie</li>");
    expect(told).toMatch(/<li>Dépôt de sauvegardes, .*\(127\.0\.0\.1\)<\/li>/);
    expect(told).not.toContain("None is declared");
  });

  it("prints no password of an address, and no folder of the machine that is lost", () => {
    expect(
      [
        "https://ci:s3cret@forge.example.org/a/b.git\n",
        "ssh://git:s3cret@forge.example.org:2222/a.git",
        "git@forge.example.org:a/b.git",
        "/srv/git/a.git",
        "../a",
        "file:///srv/a.git",
        "",
      ].map(cloneAddress),
    ).toEqual([
      "https://forge.example.org/a/b.git",
      "ssh://git@forge.example.org:2222/a.git",
      "git@forge.example.org:a/b.git",
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("loads nothing from anywhere, and takes every declared text for text", () => {
    expect(page).not.toMatch(/(src|href)=/);
    const evil = { ...inventory, association: { ...inventory.association, name: "<img src=x onerror=alert(1)>" } };
    expect(paper(evil, people, new Date())).not.toContain("<img");
  });
});

describe("an unattended drill", () => {
  const refused = (flags: Record<string, string | boolean>): Promise<string> =>
    Promise.resolve(drill.run({ flags: { stack: "drill-a", "port-offset": "40000", ...flags }, words: [] })).then(
      () => "it ran",
      (error: Error) => error.message,
    );

  it("refuses a report that is none, or that is not there", async () => {
    expect(await refused({ verify: join(folder, "none.json") })).toMatch(/There is no .*none\.json/);
    writeFileSync(join(folder, "other.json"), "{}");
    expect(await refused({ verify: join(folder, "other.json") })).toMatch(/is no report of a drill/);
  });

  it("takes its copy from one place", async () => {
    expect(await refused({ live: "demo", repository: "/x", engine: "unix:///run/none.sock", key: "/k" })).toMatch(
      /--live and --repository do not go together/,
    );
  });
});
