import { once } from "node:events";
import type { AddressInfo } from "node:net";
import express from "express";
import { expect, it } from "vitest";
import { good } from "../../../monitors/check.ts";
import { probe } from "../../../monitors/web/probe.ts";
import { check } from "../helpers/inventory.ts";

it("/probe leaves a run alone that is over, when its answer has been read", async () => {
  let given: AbortSignal | undefined;
  const kind = {
    run: async (_: unknown, context: { signal: AbortSignal }) => {
      given = context.signal;
      return good({ measures: {} });
    },
  };
  const watched = [{ check: check({ id: "wiki/http", kind: "http", target: "x", params: {} }), kind }];
  const app = express();
  const closed = Promise.withResolvers<void>();
  app.use((_, response, next) => {
    response.once("close", () => setImmediate(closed.resolve));
    next();
  });
  app.get("/probe", probe({ watched, resources: {} } as never));
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const { port } = server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/probe?target=wiki`);
    expect(await answer.text()).toContain("probe_success 1");
    await closed.promise;
    // Its sockets are gone: Node crashes where some of them hear of it.
    expect(given!.aborted).toBe(false);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
