import { once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { fieldsOf, http1 } from "../../../monitors/checks/_exchange-http1.ts";
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

test.each([
  ["GET", undefined, undefined],
  ["HEAD", undefined, undefined],
  ["OPTIONS", undefined, undefined],
  ["POST", undefined, "0"],
  ["PROPFIND", undefined, "0"],
  ["PUT", "é", "2"],
  ["GET", "{}", "2"],
])("a %s whose body is %j says how long it is: %j", async (method, body, length) => {
  const { url } = await web((request, response) => {
    const { "content-length": said, "transfer-encoding": coding, connection, host, "x-own": own } = request.headers;
    response.end(JSON.stringify({ said, coding, connection, host, own }));
  });
  const address = new URL(url);
  const context = { signal: new AbortController().signal, timeoutMs: 5000, resources: resources(), step: () => {} };
  const { socket } = await openSocket({ host: address.hostname, port: Number(address.port) }, context);
  const request = { url: address, method, headers: { host: address.host, "x-own": "yes" }, ...(body ? { body } : {}) };
  const answer = await http1(socket, request, 1024, context);

  const seen = { ...(length ? { said: length } : {}), connection: "close", host: address.host, own: "yes" };
  if (method !== "HEAD") expect(JSON.parse(answer.body.toString())).toEqual(seen);
  expect(fieldsOf(method, {}, body).includes("content-length")).toBe(length !== undefined);
});
