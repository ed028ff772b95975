import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import type { Inventory } from "../../association/index.ts";
import type { ContainerSummary } from "../../cli/docker.ts";
import { describeTaken, isFree, type PlannedPort, plannedPorts, takenPorts } from "../../cli/ports.ts";
import { farEngines } from "../../cli/preflight.ts";

const inventory = {
  hosts: {
    main: { engine: "unix:///var/run/docker.sock", publishOn: "127.0.0.1" },
    nas: { engine: "ssh://admin@nas", publishOn: "0.0.0.0" },
    spare: { engine: "ssh://admin@spare", publishOn: "0.0.0.0" },
  },
  services: {
    proxy: {
      id: "proxy",
      container: "demo-proxy",
      delivery: { by: "us", host: "main" },
      ports: {
        https: { container: 443, published: 8443, protocol: "tcp" },
        status: { container: 2020, protocol: "tcp" },
      },
    },
    shares: {
      id: "shares",
      container: "demo-shares",
      delivery: { by: "us", host: "nas" },
      ports: { smb: { container: 445, published: 445, protocol: "tcp" } },
    },
    chat: { id: "chat", delivery: { by: "supplier" }, ports: {} },
  },
} as unknown as Inventory;

const port: PlannedPort = {
  service: "proxy",
  container: "demo-proxy",
  port: 8443,
  protocol: "tcp",
  address: "127.0.0.1",
};
const container = (name: string, ip = "0.0.0.0", publicPort = 8443, type = "tcp"): ContainerSummary => ({
  Id: "1",
  Names: [`/${name}`],
  Ports: [
    { PrivatePort: 1, Type: "tcp" },
    { IP: ip, PrivatePort: 443, PublicPort: publicPort, Type: type },
  ],
});
const free = async () => true;
const busy = async () => false;

describe("plannedPorts", () => {
  it("lists the ports opened on one host, with who opens them", () => {
    expect(plannedPorts(inventory, (host) => host === "main")).toEqual([port]);
  });
});

describe("farEngines", () => {
  it("lists engines that run something and are not the default one", () => {
    expect(farEngines(inventory, "unix:///var/run/docker.sock")).toEqual(["ssh://admin@nas"]);
  });
});

describe("takenPorts", () => {
  it("accepts free ports", async () => {
    expect(await takenPorts([port], [], free)).toEqual([]);
  });
  it("accepts a port that the service's own container holds already", async () => {
    expect(await takenPorts([port], [container("demo-proxy")], busy)).toEqual([]);
  });
  it("names the container that holds it", async () => {
    const [taken] = await takenPorts([port], [container("other")], free);
    expect(describeTaken(taken!)).toMatchObject({
      what: expect.stringMatching(/8443\/tcp, which proxy needs, is taken by the container other/),
      fix: expect.stringMatching(/^docker stop other/),
    });
  });
  it("knows a program by the port not being free", async () => {
    const [taken] = await takenPorts([port], [], busy);
    expect(describeTaken(taken!).fix).toMatch(/ss -tlnp 'sport = :8443'/);
  });
  it.each([
    ["another address", container("other", "10.0.0.1")],
    ["another port", container("other", "0.0.0.0", 443)],
    ["another protocol", container("other", "0.0.0.0", 8443, "udp")],
  ])("leaves alone a container on %s", async (_, other) => {
    expect(await takenPorts([port], [other], free)).toEqual([]);
  });
  it("minds a container on every address", async () => {
    expect(await takenPorts([port], [container("other", "::")], free)).toHaveLength(1);
  });
  it("lists all that are taken", async () => {
    expect(await takenPorts([port, { ...port, port: 8080 }], [], busy)).toHaveLength(2);
  });
});

describe("isFree", () => {
  it("sees a TCP port that a program listens on, and then no longer does", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const here = { ...port, port: (server.address() as AddressInfo).port };
    expect(await isFree(here)).toBe(false);
    server.close();
    await once(server, "close");
    expect(await isFree(here)).toBe(true);
  });
  it("sees a UDP port that a program listens on", async () => {
    const socket = createSocket("udp4").bind(0, "127.0.0.1");
    await once(socket, "listening");
    expect(await isFree({ ...port, port: socket.address().port, protocol: "udp" })).toBe(false);
    socket.close();
  });
  it("does not take an address that only the engine has for a taken port", async () => {
    expect(await isFree({ ...port, address: "192.0.2.123" })).toBe(true);
  });
});
