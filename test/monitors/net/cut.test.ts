import { once } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { overTls } from "../../../monitors/checks/_mail-tls.ts";
import { openSocket, secure } from "../../../monitors/net/connect.ts";
import { makeTrust } from "../../../monitors/net/trust.ts";
import { Authority } from "../helpers/certificates.ts";
import { resources } from "../helpers/run.ts";
import { tls } from "../helpers/servers.ts";

const authority = new Authority();
const trust = makeTrust();
trust.add(authority.pem);

/** A connection and TLS over it, to a server that says nothing, and what stops both. */
async function open(way: "secure" | "overTls") {
  const { port } = await tls(authority.issue(["localhost"]), () => {});
  const stopping = new AbortController();
  const context = { signal: stopping.signal, resources: resources({ trust }), step: () => {} };
  const { socket: under } = await openSocket({ host: "127.0.0.1", port }, context);
  const secured: Socket =
    way === "overTls"
      ? await overTls(under, "localhost", context)
      : await secure(under, { serverName: "localhost" }, context);
  return { under, secured, stop: () => stopping.abort(new Error("the time is over")) };
}

describe.each(["secure", "overTls"] as const)("TLS over a connection, by %s", (way) => {
  it("is cut first where the time is over, and takes the connection along", async () => {
    const { under, secured, stop } = await open(way);
    const order: string[] = [];
    const [destroyTls, destroy] = [secured.destroy.bind(secured), under.destroy.bind(under)];
    vi.spyOn(secured, "destroy").mockImplementation((error) => {
      order.push("TLS");
      return destroyTls(error);
    });
    vi.spyOn(under, "destroy").mockImplementation((error) => {
      order.push("connection");
      return destroy(error);
    });
    stop();
    if (!secured.closed) await once(secured, "close").catch(() => {});
    expect(order[0]).toBe("TLS");
    expect([secured.errored?.message, under.destroyed]).toEqual(["the time is over", true]);
  });

  it("is left alone where the connection is gone already: Node 24.21 would crash", async () => {
    const { under, secured, stop } = await open(way);
    const destroy = vi.spyOn(secured, "destroy");
    under.destroy();
    destroy.mockClear();
    stop();
    expect(destroy).not.toHaveBeenCalled();
    if (!secured.closed) await once(secured, "close");
    expect(secured.destroyed).toBe(true);
  });
});
