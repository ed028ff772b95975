import { describe, expect, it } from "vitest";
import { RETRY_MS, Silence, type SilenceNews } from "../../../monitors/notify/silence.ts";

const MINUTE = 60_000;

function listening(patience = 15 * MINUTE) {
  const told: SilenceNews[] = [];
  const way = { open: true };
  const silence = new Silence(patience, 0, async (news) => {
    if (!way.open) throw new Error("no channel took it");
    told.push(news);
  });
  return { silence, told, way, look: (at: number) => silence.look(at) };
}

describe("a second place that listens for signs of life", () => {
  it("says nothing while the lookout asks and alerts get through, however long that goes on", async () => {
    const { silence, told, look } = listening();
    for (let at = 0; at < 24 * 60 * MINUTE; at += MINUTE) {
      // A sign of life comes every five minutes.
      silence.heard(at % (5 * MINUTE), at);
      await look(at);
    }
    expect(told).toEqual([]);
  });

  it("tells once that the lookout is silent, and once that it is back", async () => {
    const { silence, told, look } = listening();
    silence.heard(0, MINUTE);
    for (let at = MINUTE; at <= 60 * MINUTE; at += MINUTE) await look(at);
    expect(told).toEqual([{ what: "lookout", ended: false, forMs: 16 * MINUTE }]);
    silence.heard(MINUTE, 61 * MINUTE);
    await look(61 * MINUTE);
    await look(62 * MINUTE);
    expect(told.slice(1)).toEqual([{ what: "lookout", ended: true, forMs: MINUTE }]);
  });

  it("tells of alerts that do not get through while the lookout itself is well", async () => {
    for (const age of [(at: number) => at, () => undefined]) {
      const { silence, told, look } = listening();
      for (let at = 0; at <= 20 * MINUTE; at += MINUTE) {
        silence.heard(age(at), at);
        await look(at);
      }
      expect(told).toEqual([{ what: "alerts", ended: false, forMs: 16 * MINUTE }]);
    }
  });

  it("tries again where nobody took it, and not all the time", async () => {
    const { told, way, look } = listening();
    way.open = false;
    await look(16 * MINUTE);
    way.open = true;
    await look(16 * MINUTE + RETRY_MS - 1);
    expect(told).toEqual([]);
    await look(16 * MINUTE + RETRY_MS);
    expect(told).toHaveLength(1);
  });

  it("does not begin before it has listened for as long as that", async () => {
    const { told, look } = listening();
    await look(15 * MINUTE);
    expect(told).toEqual([]);
  });
});
