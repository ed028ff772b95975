import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Slo } from "../../../association/index.ts";
import type { CheckState } from "../../../dashboards/view.ts";
import { countsAsGood, isAwaited, type Vote, verdict } from "../../../monitors/engine/quorum.ts";
import { Peers } from "../../../monitors/sources/peers.ts";
import { states } from "../../../monitors/web/states.ts";
import { check } from "../helpers/inventory.ts";
import { startLookout } from "../helpers/lookout.ts";
import { web } from "../helpers/servers.ts";

const own = (status: CheckState["status"], since = 1): CheckState => ({
  check: "wiki/http",
  status,
  since,
  consecutiveFailures: 0,
  lastRun: { at: 9, ok: status === "up", seconds: 1, measures: {} },
});
const vote = (status: Vote["status"], vantage = "annex", since = 5): Vote => ({ vantage, status, since });

describe("what several lookouts make of a check", () => {
  it.each([
    ["up" as const, ["down", "down"] as const, undefined, "down"],
    ["down" as const, ["up", "up"] as const, undefined, "up"],
    ["down" as const, ["up"] as const, undefined, "up"],
    ["down" as const, ["up"] as const, 1, "down"],
    ["up" as const, ["down", "down"] as const, 3, "up"],
    ["down" as const, [] as const, 3, "down"],
    ["pending" as const, ["down"] as const, undefined, "down"],
    ["down" as const, ["pending", "pending"] as const, undefined, "down"],
  ])("%s here and %j elsewhere, of a quorum of %s, is %s", (here, there, quorum, expected) => {
    const votes = there.map((status, index) => vote(status, `v${index}`));
    expect(verdict(own(here), votes, quorum).status).toBe(expected);
  });

  it("says who sees what is not seen from here, and since when enough do", () => {
    const votes = [vote("down", "annex", 5), { ...vote("down", "cloud", 8), reason: "timeout" }];
    expect(verdict(own("up"), votes, undefined)).toMatchObject({
      status: "down",
      since: 8,
      lastRun: { reason: "unreachable", message: "seen from annex, cloud, not from here" },
    });
  });

  it("is down exactly when enough of those that know anything say so", () => {
    const status = fc.constantFrom("up" as const, "down" as const, "pending" as const);
    fc.assert(
      fc.property(
        status,
        fc.array(status, { maxLength: 6 }),
        fc.option(fc.integer({ min: 1, max: 7 })),
        (here, there, quorum) => {
          const voices = [here, ...there].filter((one) => one !== "pending");
          const votes = there.map((one, index) => vote(one, `v${index}`));
          const found = verdict(own(here), votes, quorum ?? undefined).status;
          if (voices.length === 0) expect(found).toBe("pending");
          else {
            const needed = Math.min(quorum ?? Math.floor(voices.length / 2) + 1, voices.length);
            expect(found === "down").toBe(voices.filter((one) => one === "down").length >= needed);
          }
        },
      ),
    );
  });
});

describe("what a run counts as, seen from several places", () => {
  const run = (reason?: string, at = 0) => ({
    at,
    ok: reason === undefined,
    seconds: 1,
    measures: {},
    ...(reason === undefined ? {} : { reason }),
  });
  const reasons = [undefined, "timeout", "expires-soon"] as const;
  const reason = fc.constantFrom(...reasons);
  const place = fc.record({ reason, status: fc.constantFrom("up" as const, "down" as const) });

  it("is the same from whichever of them it is told, and fails exactly where enough failed", () => {
    fc.assert(
      fc.property(
        fc.array(reason, { minLength: 1, maxLength: 6 }),
        fc.option(fc.integer({ min: 1, max: 7 })),
        (all, q) => {
          const quorum = q ?? undefined;
          const told = all.map((own, here) => {
            const others = all.filter((_, index) => index !== here);
            const votes = others.map((one) => ({ ...vote("up"), ...(one === undefined ? {} : { reason: one }) }));
            return countsAsGood(run(own), votes, quorum);
          });
          expect(new Set(told).size).toBe(1);
          const failed = all.filter((one) => one === "timeout").length;
          expect(told[0]).toBe(failed < Math.min(quorum ?? Math.floor(all.length / 2) + 1, all.length));
        },
      ),
    );
  });

  it("is what the run itself shows where nobody else knows anything: they never looked, or have no network", () => {
    const silent = [
      vote("pending"),
      { ...vote("up"), reason: "own-network" },
      { ...vote("down"), reason: "own-network" },
    ];
    for (const votes of [[], silent])
      for (const one of reasons) {
        expect(countsAsGood(run(one), votes, undefined)).toBe(one !== "timeout");
        expect(isAwaited(run(one, 9), votes)).toBe(false);
      }
  });

  it("never gets worse by one more place that saw it work, nor better by one more that saw it fail", () => {
    fc.assert(
      fc.property(reason, fc.array(place, { maxLength: 5 }), (own, others) => {
        const votes = others.map((one) => ({ ...vote(one.status), ...(one.reason ? { reason: one.reason } : {}) }));
        const now = countsAsGood(run(own), votes, undefined);
        if (now) expect(countsAsGood(run(own), [...votes, vote("up")], undefined)).toBe(true);
        else expect(countsAsGood(run(own), [...votes, { ...vote("up"), reason: "timeout" }], undefined)).toBe(false);
      }),
    );
  });

  it("leaves a place without a network out of the verdict, be it the others' or this one", () => {
    expect(verdict(own("down"), [{ ...vote("up"), reason: "own-network" }], undefined).status).toBe("down");
    const blind = { ...own("up"), lastRun: { ...own("up").lastRun!, ok: false, reason: "own-network" } };
    expect(verdict(blind, [vote("down")], undefined).status).toBe("down");
    expect(verdict(blind, [], undefined).status).toBe("up");
  });
});

describe("one failed run below the threshold", () => {
  const checks = [check({ id: "wiki/http", kind: "http", failAfter: 3 })];
  const objective = { availability: 99, over: 30 * 86_400 } as Slo;
  const failed = { ok: false, seconds: 1, measures: {}, reason: "timeout" };

  async function watched() {
    const elsewhere: Record<string, Vote> = {};
    const annex = (ranAt: number, why?: string) => {
      elsewhere.annex = { ...vote("up"), ranAt, ...(why === undefined ? {} : { reason: why }) };
    };
    const started = await startLookout({
      checks,
      start: false,
      slo: { wiki: objective },
      votes: () => Object.values(elsewhere),
    });
    const { lookout, history } = started;
    const at = Date.now() - 3 * 3_600_000;
    annex(at - 20_000);
    lookout.engine.finished("wiki/http", { at, ...failed });
    const counted = async () => {
      const metrics = await started.text("/metrics");
      const of = (result: string) => Number(new RegExp(`slo_runs_total{.*"${result}"} (\\d+)`).exec(metrics)![1]);
      const [day] = lookout.view().days.wiki ?? [];
      return { metrics: [of("good"), of("bad")], day: day && [day.good, day.total - day.good] };
    };
    const rolledUp = async () => {
      history.flush();
      await history.rollUp(Date.now());
      return lookout.slos(Date.now() + 120_000).wiki;
    };
    return { ...started, annex, at, counted, rolledUp, elsewhere };
  }

  it("waits for what others see, who saw it work before", async () => {
    const { annex, at, counted, rolledUp, lookout } = await watched();
    expect(await counted()).toEqual({ metrics: [0, 0], day: undefined });
    annex(at + 10_000);
    lookout.hear();
    lookout.hear();
    expect(await counted()).toEqual({ metrics: [1, 0], day: [1, 0] });
    expect(await rolledUp()).toMatchObject({ good: 1, total: 1 });
  });

  it("is an error where they saw it fail too, though nobody's threshold was reached", async () => {
    const { annex, at, counted, rolledUp, lookout } = await watched();
    annex(at + 10_000, "refused");
    lookout.hear();
    expect(lookout.view().states["wiki/http"]!.status).not.toBe("down");
    expect(await counted()).toEqual({ metrics: [0, 1], day: [0, 1] });
    expect(await rolledUp()).toMatchObject({ good: 0, total: 1 });
  });

  it("is an error where nobody is heard any more", async () => {
    const { elsewhere, counted, lookout } = await watched();
    delete elsewhere.annex;
    lookout.hear();
    expect(await counted()).toEqual({ metrics: [0, 1], day: [0, 1] });
  });
});

describe("lookouts that ask each other", () => {
  const keyFile = join(mkdtempSync(join(tmpdir(), "vigie-peers-")), "token");
  writeFileSync(keyFile, "shared-key\n");
  const run = (ok: boolean) => ({ at: Date.now(), ok, seconds: 1, measures: {}, ...(ok ? {} : { reason: "timeout" }) });
  const checks = [check({ id: "wiki/http", kind: "http", failAfter: 1 })];
  const quiet = { onHeard: () => {}, onProblem: () => {} };

  it("agree: one that sees an outage alone is outvoted, and members are not told", async () => {
    const there = await startLookout({ checks, start: false, vantage: { name: "annex", key: "shared-key" } });
    there.lookout.engine.finished("wiki/http", run(true));
    const peer = { name: "annex", url: there.url, keyFile };
    const peers: Peers = new Peers([peer], quiet);
    const here = await startLookout({ checks, start: false, votes: (id) => peers.votes(id) });
    await peers.ask(peer);
    here.lookout.engine.finished("wiki/http", run(false));
    expect(here.lookout.engine.states["wiki/http"]!.status).toBe("down");
    expect(here.lookout.view().states["wiki/http"]!.status).toBe("up");
    expect(await here.text("/metrics")).toContain('vigie_check_up{service="wiki",check="http",kind="http"} 1');

    // What others see works, after it failed here, uses up no budget and darkens no day.
    expect(here.lookout.view().days.wiki).toBeUndefined();
    there.lookout.engine.finished("wiki/http", run(true));
    await peers.ask(peer);
    here.lookout.hear();
    const [today] = here.lookout.view().days.wiki!.slice(-1);
    expect(today).toMatchObject({ good: 1, total: 1, down: 0 });
    expect(here.lookout.view().states["wiki/http"]!.seen).toEqual([
      { status: "down" },
      { vantage: "annex", status: "up" },
    ]);

    there.lookout.engine.finished("wiki/http", run(false));
    await peers.ask(peer);
    here.lookout.hear();
    expect(here.lookout.view().states["wiki/http"]!.seen).toBeUndefined();
    expect(here.lookout.view().states["wiki/http"]!.status).toBe("down");
    expect(await here.text("/metrics")).toContain('vigie_check_up{service="wiki",check="http",kind="http"} 0');
  });

  it("tell nobody who does not know the key, and nobody at all where there is none", async () => {
    const there = await startLookout({ checks, start: false, vantage: { name: "annex", key: "another" } });
    expect((await there.get("/api/states")).status).toBe(401);
    // A key that is shown is no proof of it.
    expect((await there.get("/api/states", { headers: { authorization: "Bearer another" } })).status).toBe(401);
    const ask = (url: string) => new Peers([], quiet).ask({ name: "annex", url, keyFile });
    await expect(ask(there.url)).rejects.toThrow("the keys differ");
    const alone = await startLookout({ checks, start: false });
    expect((await alone.get("/api/states")).status).toBe(404);
  });

  it("are not taken in by whoever stands between them: an answer that was changed or heard before is refused", async () => {
    const there = await startLookout({ checks, start: false, vantage: { name: "annex", key: "shared-key" } });
    there.lookout.engine.finished("wiki/http", run(true));
    let heard: { body: string; proof: string } | undefined;
    const between = await web((request, response) => {
      const { "vigie-nonce": nonce, "vigie-proof": proof } = request.headers;
      const headers = { "vigie-nonce": String(nonce), "vigie-proof": String(proof) };
      void fetch(`${there.url}${request.url}`, { headers }).then(async (answer) => {
        const now = { body: await answer.text(), proof: answer.headers.get("vigie-proof")! };
        heard ??= { ...now, body: now.body.replace('"up"', '"down"') };
        response.setHeader("vigie-proof", heard.proof);
        response.end(heard.body);
        heard = now;
      });
    });
    const peers = new Peers([], quiet);
    const ask = () => peers.ask({ name: "annex", url: between.url, keyFile });
    await expect(ask()).rejects.toThrow("the proof does not hold");
    await expect(ask()).rejects.toThrow("the proof does not hold");
    expect(peers.votes("wiki/http")).toEqual([]);
  });

  it("say when alerts last got through, which is believed of a new question alone", async () => {
    const heard: (number | undefined)[] = [];
    const express = await import("express");
    const { lookout } = await startLookout({ checks, start: false });
    const app = express.default().get(
      "/api/states",
      states(lookout, "annex", "shared-key", (age) => void heard.push(age)),
    );
    const asked: Record<string, string>[] = [];
    const { url } = await web((request, response) => {
      asked.push(request.headers as Record<string, string>);
      app(request, response);
    });
    const age = { ms: undefined as number | undefined };
    const peers = new Peers([], { ...quiet, age: () => age.ms });
    const ask = () => peers.ask({ name: "annex", url, keyFile });
    // The first question has no words of an answer to show.
    await ask();
    expect(heard).toEqual([]);
    await ask();
    age.ms = 4200.4;
    await ask();
    expect(heard).toEqual([undefined, 4200]);
    // Whoever heard the last question and asks it again is answered, and proves nothing.
    const again = await fetch(`${url}/api/states`, { headers: pick(asked.at(-1)!) });
    expect(again.status).toBe(200);
    // Nor does one who changes what it says.
    const changed = await fetch(`${url}/api/states`, { headers: { ...pick(asked.at(-1)!), "vigie-said": "x 0" } });
    expect(changed.status).toBe(401);
    expect(heard).toEqual([undefined, 4200]);
  });

  const pick = (headers: Record<string, string>): Record<string, string> =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("vigie-")));

  it("believe nothing that is not an answer of a lookout, and read no more of it than they need", async () => {
    for (const body of ["<html>", '{"version":1,"vantage":"x","states":{"a":["dead",1]}}', "[".repeat(9_000_000)]) {
      const { url } = await web((_, response) => response.end(body));
      const peers = new Peers([], quiet);
      await expect(peers.ask({ name: "x", url, keyFile })).rejects.toThrow();
      expect(peers.votes("wiki/http")).toEqual([]);
    }
  });

  it("do without one that cannot be asked, and say so", async () => {
    const problems: (string | undefined)[] = [];
    const peers = new Peers([{ name: "annex", url: "http://127.0.0.1:9", keyFile }], {
      onHeard: () => {},
      onProblem: (_, problem) => problems.push(problem),
    });
    peers.start(20);
    await expect.poll(() => problems.length, { timeout: 30_000 }).toBeGreaterThan(2);
    peers.stop();
    expect(problems[0]).toContain("The lookout annex cannot be asked");
    expect(peers.votes("wiki/http")).toEqual([]);
  });
});
