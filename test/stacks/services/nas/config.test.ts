import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nasConfig, numbered } from "../../../../stacks/services/nas/config.ts";
import { changedDemo, demo, serviceOf } from "../../fixtures/demo.ts";

const names = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), { maxLength: 40 });

describe("the numbers of users and groups", () => {
  it("stay with a name, whoever comes and goes", () => {
    fc.assert(
      fc.property(names, fc.stringMatching(/^[a-z]{3,10}$/), (others, name) => {
        const among = new Map(numbered([...others, name], 20_000));
        expect(among.get(name)).toBe(new Map(numbered([name], 20_000)).get(name));
      }),
    );
  });

  it("are each one's own, above those of the image, and within what file systems store", () => {
    fc.assert(
      fc.property(names, (all) => {
        const numbers = numbered(all, 20_000).map(([, number]) => number);
        expect(new Set(numbers).size).toBe(all.length);
        for (const number of numbers) {
          expect(number).toBeGreaterThanOrEqual(20_000);
          expect(number).toBeLessThan(2 ** 31);
        }
      }),
    );
  });

  it("do not depend on the order of the names", () => {
    fc.assert(
      fc.property(names, (all) => {
        expect(numbered([...all].reverse(), 1)).toEqual(numbered(all, 1));
      }),
    );
  });
});

describe("what the file server is told", () => {
  const config = ({ inventory, people } = demo()) =>
    nasConfig(serviceOf("nas", { inventory, people }), inventory, people);

  it("is a share for each declared one, its name in the association's main language", () => {
    expect(config().shares).toContainEqual({
      name: "ecole",
      comment: "École",
      team: "school",
      readOnlyTeams: ["office"],
      recycle: true,
      recycleSeconds: 30 * 86_400,
      versions: { everySeconds: 3600, keep: { last: 4, hourly: 24, daily: 14, weekly: 0 } },
    });
    expect(config().shares.map(({ name }) => name)).toEqual(Object.keys(demo().inventory.shares));
  });

  it("is how much a share may hold and how much of its past is kept, in bytes, or neither", () => {
    const { inventory, people } = changedDemo((copy) => {
      Object.assign(copy.shares.ecole, { quotaGb: 0.5, versions: { every: "15m", keep: { last: 4 }, mostGb: 2 } });
      copy.shares.bureau.versions = { none: "Kept by the treasurer on paper" };
    });
    const { shares } = config({ inventory, people });
    expect(shares.find(({ name }) => name === "ecole")).toMatchObject({
      quotaBytes: 500_000_000,
      versions: { everySeconds: 900, keep: { last: 4, hourly: 24, daily: 14, weekly: 0 }, mostBytes: 2_000_000_000 },
    });
    expect(shares.find(({ name }) => name === "bureau")).not.toHaveProperty("versions");
    expect(config()).toMatchObject({ auditRetentionDays: 365, versionsMinFree: 0.1 });
  });

  it("is an account for each person, in teams that exist", () => {
    const { accounts, teams } = config();
    expect(accounts.map(({ login }) => login)).toEqual(
      Object.values(demo().people.holders)
        .map(({ login }) => login)
        .sort(),
    );
    const known = teams.map(({ name }) => name);
    for (const account of accounts) for (const team of account.teams) expect(known).toContain(team);
    expect(accounts.find(({ login }) => login === "paul-faure")!.teams).toEqual(["shop"]);
  });

  it("leaves out the shares of another server", () => {
    const two = changedDemo((copy) => {
      copy.services.archive = {
        ...copy.services.nas,
        delivery: { ...copy.services.nas.delivery, publish: { smb: 2445 } },
      };
      copy.shares.bureau.service = "archive";
    });
    expect(config(two).shares.map(({ name }) => name)).not.toContain("bureau");
    expect(nasConfig(serviceOf("archive", two), two.inventory, two.people).shares.map(({ name }) => name)).toEqual([
      "bureau",
    ]);
  });

  it("keeps every number when somebody leaves and a team is added", () => {
    const after = changedDemo((copy) => {
      delete copy.holders["tom-wilson"];
      copy.roles["it-on-call"].holders = ["karim-benali"];
      copy.teams.archives = { name: { fr: "Archives", en: "Archives" } };
    });
    const [before, now] = [config(), config(after)];
    for (const { login, uid } of now.accounts)
      expect(before.accounts.find((one) => one.login === login)?.uid).toBe(uid);
    for (const { name, gid } of before.teams) expect(now.teams.find((one) => one.name === name)?.gid).toBe(gid);
  });
});
