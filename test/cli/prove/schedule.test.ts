import { describe, expect, it } from "vitest";
import { isDue, proveTimer, readProof } from "../../../cli/prove/schedule.ts";
import prove from "../../../cli/prove.ts";

const DAY = 86_400;
const now = Date.parse("2027-01-20T03:30:00Z");
const proven = (at: string, ok = true) => ({ at, ok });

describe("a proof that is due", () => {
  it("was never made, did not hold, or is as old as the policy says", () => {
    expect(isDue(undefined, 7 * DAY, now)).toBe(true);
    expect(isDue(proven("2027-01-19T03:30:00Z", false), 7 * DAY, now)).toBe(true);
    expect(isDue(proven("2027-01-13T03:30:00Z"), 7 * DAY, now)).toBe(true);
    expect(isDue(proven("2027-01-14T03:30:00Z"), 7 * DAY, now)).toBe(false);
  });

  it("is made on the night before its time, where the next one would be late by a few minutes", () => {
    expect(isDue(proven("2027-01-13T03:42:00Z"), 7 * DAY, now)).toBe(true);
  });

  it("is made again after half of a short time at the earliest", () => {
    expect(isDue(proven("2027-01-20T01:00:00Z"), 6 * 3600, now)).toBe(false);
    expect(isDue(proven("2027-01-20T00:00:00Z"), 6 * 3600, now)).toBe(true);
  });

  it("is not put off by a time that lies ahead, or is none", () => {
    expect(isDue(proven("2031-01-01T00:00:00Z"), 7 * DAY, now)).toBe(true);
    expect(isDue(proven("yesterday"), 7 * DAY, now)).toBe(true);
  });
});

it("reads of the agent's notes what is a proof, and nothing else", () => {
  expect(readProof('{"service":"wiki","at":"2027-01-13T03:42:00Z","ok":true}')).toMatchObject({ ok: true });
  for (const text of ["null", "", "{", "[]", '{"at":3,"ok":true}', '"ok"']) expect(readProof(text)).toBeUndefined();
});

describe("what runs it every night", () => {
  const { units, crontab } = proveTimer("04:30", {
    checkout: "/srv/vigie",
    stack: "production",
    timeZone: "Europe/Paris",
  });

  it("is two units of systemd, at the association's hour", () => {
    expect(units.map(({ path }) => path)).toEqual([
      "/etc/systemd/system/vigie-prove.service",
      "/etc/systemd/system/vigie-prove.timer",
    ]);
    expect(units[0]!.content).toContain(
      "WorkingDirectory=/srv/vigie\nExecStart=/usr/bin/env npm run --silent prove -- --due --stack production\n",
    );
    expect(units[1]!.content).toContain("OnCalendar=*-*-* 04:30:00 Europe/Paris\nPersistent=true");
  });

  it("or a line of a crontab", () => {
    expect(crontab).toBe("30 4 * * *  cd /srv/vigie && npm run --silent prove -- --due --stack production");
  });

  it("is refused at a time that no clock shows", async () => {
    await expect(prove.run({ flags: { stack: "demo", timer: true, at: "25:00" }, words: [] } as never)).rejects.toThrow(
      /25:00 is no time/,
    );
  });
});
