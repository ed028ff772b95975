import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Queue } from "../../../../stacks/services/backup/image/agent/queue.ts";

/** A task that ends when it is told to. */
function gate<T>() {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  return { run: () => promise, resolve, reject };
}

describe("Queue", () => {
  it("runs tasks one at a time, in the order of their coming", async () => {
    const queue = new Queue();
    const events: string[] = [];
    const task = (name: string) => async () => {
      events.push(`${name} starts`);
      await new Promise((done) => setImmediate(done));
      events.push(`${name} ends`);
      return name;
    };
    expect(await Promise.all(["a", "b", "c"].map((name) => queue.add(name, task(name))))).toEqual(["a", "b", "c"]);
    expect(events).toEqual(["a starts", "a ends", "b starts", "b ends", "c starts", "c ends"]);
  });

  it("never runs two at once, however they come", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.nat(3)), { maxLength: 20 }),
        async (coming) => {
          const queue = new Queue();
          let running = 0;
          let most = 0;
          await Promise.all(
            coming.map(async ([key, turns]) => {
              for (let turn = 0; turn < turns; turn++) await Promise.resolve();
              return queue.add(key, async () => {
                most = Math.max(most, ++running);
                await new Promise((done) => setImmediate(done));
                running--;
              });
            }),
          );
          expect(most).toBeLessThanOrEqual(1);
          expect(running).toBe(0);
        },
      ),
    );
  });

  it("adds no second run of what waits already, and gives both askers its result", async () => {
    const queue = new Queue();
    const first = gate<string>();
    let runs = 0;
    const working = queue.add("busy", first.run);
    const asked = [queue.add("job", async () => ++runs), queue.add("job", async () => ++runs)];
    first.resolve("done");
    expect(await working).toBe("done");
    expect(await Promise.all(asked)).toEqual([1, 1]);
  });

  it("runs again what is asked for while it runs: it may have missed the latest files", async () => {
    const queue = new Queue();
    const first = gate<string>();
    const running = queue.add("job", first.run);
    const again = queue.add("job", async () => "second");
    first.resolve("first");
    expect(await Promise.all([running, again])).toEqual(["first", "second"]);
  });

  it("goes on after a failure, which is told to whoever asked", async () => {
    const queue = new Queue();
    const failing = queue.add("a", () => Promise.reject(new Error("disk on fire")));
    const next = queue.add("b", async () => "fine");
    await expect(failing).rejects.toThrow("disk on fire");
    expect(await next).toBe("fine");
  });

  it("waits at its close for what runs, refuses what waits, and takes nothing more", async () => {
    const queue = new Queue();
    const first = gate<string>();
    const running = queue.add("a", first.run);
    const waiting = queue.add("b", async () => "never");
    const refused = expect(waiting).rejects.toThrow("stopping");
    let closed = false;
    const closing = queue.close().then(() => {
      closed = true;
    });
    await refused;
    expect(closed).toBe(false);
    first.resolve("done");
    await closing;
    expect(await running).toBe("done");
    await expect(queue.add("c", async () => "never")).rejects.toThrow("stopping");
  });
});
