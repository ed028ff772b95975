import { once } from "node:events";
import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { expect, it, onTestFinished } from "vitest";
import type { Metrics } from "../../../monitors/metrics/registry.ts";
import { metricsRoute } from "../../../monitors/web/metrics.ts";

/** More than a connection takes up while nobody reads. */
const SIZE = 16_000_000;

/** Metrics whose pieces are all written in the same place, each over the one before. */
async function serving() {
  const seen = { done: false };
  const place = Buffer.alloc(SIZE);
  const metrics = {
    async *pieces() {
      try {
        yield "head\n";
        for (const letter of "abc") {
          place.fill(letter);
          yield place;
        }
      } finally {
        seen.done = true;
      }
    },
  } as unknown as Metrics;
  const server = createServer(express().get("/metrics", metricsRoute(metrics))).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const answer = await new Promise<IncomingMessage>((resolve) =>
    get({ port: (server.address() as AddressInfo).port, path: "/metrics", agent: false }, resolve),
  );
  return { answer, seen };
}

it("sends each piece whole before the next is written in its place, however late it is read", async () => {
  const { answer, seen } = await serving();
  // The reader begins late: everybody else has had a hundred turns by then.
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(seen.done).toBe(false);
  const counted = new Map<number, number>();
  for await (const piece of answer as AsyncIterable<Buffer>)
    for (const letter of piece) counted.set(letter, (counted.get(letter) ?? 0) + 1);
  for (const letter of "abc") expect(counted.get(letter.charCodeAt(0))).toBe(SIZE + ("head".includes(letter) ? 1 : 0));
  expect(seen.done).toBe(true);
});

it("writes nothing more once the reader has gone", async () => {
  const { answer, seen } = await serving();
  answer.destroy();
  await expect.poll(() => seen.done).toBe(true);
});
