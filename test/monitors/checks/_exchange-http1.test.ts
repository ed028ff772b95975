import { once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { http1 } from "../../../monitors/checks/_exchange-http1.ts";
import { openSocket } from "../../../monitors/net/connect.ts";
import { resources } from "../helpers/run.ts";
import { web } from "../helpers/servers.ts";

test("a connection that is closed holds nothing of the check that was made over it, and no late error of it ends the lookout", async () => {
  const { url } = await web((_, response) => response.end("hello"));
  const address = new URL(url);
  const context = { signal: new AbortController().signal, timeoutMs: 5000, resources: resources(), step: () => {} };
  const { socket } = await openSocket({ host: address.hostname, port: Number(address.port) }, context);
  const closed = once(socket, "close");

  const { status, body } = await http1(
    socket,
    { url: address, method: "GET", headers: { host: address.host } },
    1024,
    context,
  );
  expect([status, body.toString()]).toEqual([200, "hello"]);
  await closed;
  await turn();

  expect(socket.eventNames()).toEqual(["error"]);
  expect(socket).toHaveProperty("_httpMessage", null);
  expect(() => socket.emit("error", new Error("late"))).not.toThrow();
});
