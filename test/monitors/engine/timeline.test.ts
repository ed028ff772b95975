import fc from "fast-check";
import { expect, it } from "vitest";
import { Queue } from "../../../monitors/engine/queue.ts";
import { Timeline } from "../../../monitors/engine/timeline.ts";

it("gives items in the order in which they are due, and none that is not", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1000 })), fc.integer({ min: 0, max: 1000 }), (dues, now) => {
      const timeline = new Timeline<number>();
      dues.forEach((due, item) => {
        timeline.add(due, item);
      });
      const taken: number[] = [];
      for (let entry = timeline.take(now); entry; entry = timeline.take(now)) taken.push(entry.due);
      expect(taken).toEqual(dues.filter((due) => due <= now).sort((a, b) => a - b));
      expect(timeline.size).toBe(dues.length - taken.length);
      expect(timeline.next).toBe(dues.filter((due) => due > now).sort((a, b) => a - b)[0]);
    }),
  );
});

it("stays in order while items are taken and put back", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.nat(100)), { minLength: 1 }), (paces) => {
      const timeline = new Timeline<number>();
      paces.forEach(([, first], item) => {
        timeline.add(first, item);
      });
      let last = -1;
      for (let step = 0; step < 200; step++) {
        const { due, item } = timeline.take(Number.POSITIVE_INFINITY)!;
        expect(due).toBeGreaterThanOrEqual(last);
        last = due;
        timeline.add(due + paces[item]![0], item);
      }
    }),
  );
});

it("never has more going on than there are places, nor slow ones in the places of quick ones", () => {
  const queue = new Queue<string>(4, 3);
  for (let item = 0; item < 10; item++) queue.add(`slow ${item}`, true);
  const going = [];
  for (let started = queue.start(); started; started = queue.start()) going.push(started);
  expect(going.map(({ item }) => item)).toEqual(["slow 0", "slow 1", "slow 2"]);
  queue.add("quick 0", false);
  queue.add("quick 1", false);
  expect(queue.start()?.item).toBe("quick 0");
  expect(queue.start()).toBeUndefined();
  going[0]!.done();
  expect(queue.start()?.item).toBe("quick 1");
  expect(queue).toMatchObject({ running: 4, waiting: 7 });
});

it("keeps the order of thousands that wait", () => {
  const queue = new Queue<number>(1, 1);
  for (let item = 0; item < 5000; item++) queue.add(item, false);
  for (let item = 0; item < 5000; item++) {
    const started = queue.start()!;
    expect(started.item).toBe(item);
    started.done();
  }
  expect(queue.waiting).toBe(0);
});
