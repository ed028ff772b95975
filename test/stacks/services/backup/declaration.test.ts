import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  addressWithPassword,
  parseDeclaration,
  Refusal,
  readDeclaration,
  restUser,
} from "../../../../stacks/services/backup/image/agent/declaration.ts";

const job = { id: "wiki-data", service: "wiki", volume: "data", path: "/data/wiki", schedule: "0 3 * * *" };
const declared = { host: "serveur", repository: "rest:http://main@backup-repository:8000/main/", jobs: [job] };
const parse = (changes: object) => parseDeclaration(JSON.stringify({ ...declared, ...changes }));

describe("parseDeclaration", () => {
  it("fills in the places of secrets, the time zone and the excludes", () => {
    expect(parse({})).toEqual({
      host: "serveur",
      repository: "rest:http://main@backup-repository:8000/main/",
      repositoryPasswordFile: "/etc/vigie/secrets/repository-password",
      restPasswordFile: "/etc/vigie/secrets/rest-password",
      policy: { limitSeconds: 21_600, copies: [], bandwidth: {} },
      jobs: [
        {
          id: "wiki-data",
          service: "wiki",
          volume: "data",
          path: "/data/wiki",
          schedule: { cron: "0 3 * * *", timeZone: "UTC" },
          excludes: [],
        },
      ],
    });
  });

  it("reads both shapes of the inventory's schedules, and cron expressions with seconds", () => {
    const schedules = [{ cron: "0 3 * * *" }, { everySeconds: 3600 }, "*/10 0 3 * * *"].map((schedule, index) => ({
      ...job,
      id: `job-${index}`,
      schedule,
      timeZone: "Europe/Paris",
    }));
    expect(parse({ jobs: schedules }).jobs.map(({ schedule }) => schedule)).toEqual([
      { cron: "0 3 * * *", timeZone: "Europe/Paris" },
      { everySeconds: 3600 },
      { cron: "*/10 0 3 * * *", timeZone: "Europe/Paris" },
    ]);
  });

  it("says everything that is wrong at once, each with its path", () => {
    const refused = () =>
      parse({
        host: "two words",
        repository: "rest:http://main:secret@backup/main/",
        jobs: [
          { ...job, schedule: "61 * * * *" },
          { ...job, path: "data", timeZone: "Europe/Pari", excludes: [""] },
          { ...job, id: "pace", schedule: { everySeconds: 5 } },
          "nothing",
        ],
      });
    expect(refused).toThrow(Refusal);
    for (const words of [
      "host must be a host's name",
      "repository must not hold a password",
      "jobs[0].schedule must be a cron expression",
      'jobs[1].id "wiki-data" is also the id of jobs[0]',
      "jobs[1].path must be an absolute path",
      "jobs[1].timeZone must be a time zone",
      "jobs[1].excludes must be a list of patterns",
      "jobs[2].schedule must be a cron expression",
      "jobs[3].service must be a service's id",
    ]) {
      expect(refused).toThrow(words);
    }
  });

  it.each(["[]", "null", '"x"', "{}"])("refuses %s, and says that jobs are missing", (text) => {
    expect(() => parseDeclaration(text)).toThrow("jobs must be a list");
  });

  it("refuses what is not JSON, with the file's name", () => {
    expect(() => parseDeclaration("{", "/etc/vigie/backup.json")).toThrow(/^\/etc\/vigie\/backup\.json is not JSON/);
  });

  it("refuses a tag that restic would take for two", () => {
    expect(() => parse({ jobs: [{ ...job, service: "wiki,volume=other" }] })).toThrow("jobs[0].service");
  });
});

describe("readDeclaration", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "backup-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (changes: object) => {
    const file = join(folder, "backup.json");
    const secrets = { repositoryPasswordFile: join(folder, "repository"), restPasswordFile: join(folder, "rest") };
    writeFileSync(file, JSON.stringify({ ...declared, ...secrets, jobs: [{ ...job, path: folder }], ...changes }));
    return file;
  };

  it("names the file that is missing", () => {
    expect(() => readDeclaration(join(folder, "none.json"))).toThrow("none.json is missing");
  });

  it("names each secret and each volume that is missing", () => {
    writeFileSync(join(folder, "rest"), "");
    const file = write({ jobs: [{ ...job, path: "/nowhere/at/all" }] });
    expect(() => readDeclaration(file)).toThrow(
      new RegExp(
        `${folder}/repository is missing or empty; ${folder}/rest is missing or empty; .*nothing mounted at /nowhere`,
      ),
    );
  });

  it("wants no user's password for a repository without a user", () => {
    writeFileSync(join(folder, "repository"), "secret");
    expect(readDeclaration(write({ repository: "/srv/repository" })).jobs).toHaveLength(1);
  });
});

describe("the repository's address", () => {
  it("gives up its user", () => {
    expect(restUser("rest:https://main@backup.example/main/")).toBe("main");
    expect(restUser("rest:http://backup.example/main/")).toBeUndefined();
    expect(restUser("/srv/repository")).toBeUndefined();
  });

  it("takes a password with any character in it, and is still an address", () => {
    const password = "p@ss/w:rd $1&?#%é";
    const address = addressWithPassword("rest:http://main@backup:8000/main/", password);
    const url = new URL(address.slice("rest:".length));
    expect(decodeURIComponent(url.password)).toBe(password);
    expect([url.username, url.host, url.pathname]).toEqual(["main", "backup:8000", "/main/"]);
  });

  it("stays as it is without a user", () => {
    expect(addressWithPassword("/srv/repository", "secret")).toBe("/srv/repository");
  });
});
