import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { container, demo, docker, fetchFrom, inside, readDemo } from "./demo.ts";

/** What `docker inspect` says of a container, as far as it is looked at here. */
interface Inspected {
  Name: string;
  Config: { User: string; Image: string; Labels: Record<string, string>; Env: string[] };
  State: { Health?: { Status: string }; Pid: number };
  Mounts: { Type: string; Source: string; Name?: string; Destination: string; RW: boolean }[];
  HostConfig: {
    ReadonlyRootfs: boolean;
    CapAdd: string[] | null;
    CapDrop: string[] | null;
    SecurityOpt: string[] | null;
    Privileged: boolean;
    Memory: number;
    MemorySwap: number;
    PidsLimit: number | null;
    NanoCpus: number;
    RestartPolicy: { Name: string };
    NetworkMode: string;
    PidMode: string;
    IpcMode: string;
    UsernsMode: string;
    LogConfig: { Type: string; Config: Record<string, string> };
    PortBindings: Record<string, { HostIp: string; HostPort: string }[] | null> | null;
    Devices: unknown[] | null;
  };
  NetworkSettings: { Networks: Record<string, { IPAddress: string }> };
}

/** Services that run as root in their container, and why. All others do not. */
const AS_ROOT: Readonly<Record<string, string>> = {
  gate: "the engine's socket is root's; it has no capability to go with it",
  mail: "Postfix and Dovecot start as root and give each process a user of its own",
  nas: "smbd becomes the member who signs in",
  sympa: "Postfix starts as root and gives each process a user of its own; Sympa and its pages never are root",
  backup: "it reads everybody's files, and may do nothing else that root may",
};

/** Capabilities beyond none, by service. */
const CAPABILITIES: Readonly<Record<string, readonly string[]>> = {
  mail: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SYS_CHROOT"],
  nas: ["CAP_SETGID", "CAP_SETUID"],
  sympa: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_SETGID", "CAP_SETUID"],
  backup: ["CAP_DAC_READ_SEARCH"],
};

const inventory = await readDemo();
const services = Object.values(inventory.services)
  .filter(({ delivery }) => delivery.by === "us")
  .map(({ id }) => id);

let known: Map<string, Inspected> | undefined;
/** Every service's container, looked at once. */
const inspected = (service: string): Inspected => {
  known ??= new Map(
    (JSON.parse(docker("inspect", ...services.map(container))) as Inspected[]).map((one) => [one.Name, one]),
  );
  return known.get(`/${container(service)}`)!;
};

/** A field of `/proc/1/status` in a container (proc(5)). */
const ofProcess = (service: string, field: string): string =>
  new RegExp(`^${field}:\\s*(.*)$`, "m").exec(inside(service, "cat", "/proc/1/status"))![1]!.trim();

/** Bits of capabilities, as linux/capability.h numbers them. */
const BITS: Readonly<Record<string, bigint>> = {
  CAP_CHOWN: 0n,
  CAP_DAC_OVERRIDE: 1n,
  CAP_DAC_READ_SEARCH: 2n,
  CAP_FOWNER: 3n,
  CAP_KILL: 5n,
  CAP_SETGID: 6n,
  CAP_SETUID: 7n,
  CAP_SYS_CHROOT: 18n,
};

describe.each(services)("the container of %s", (service) => {
  it("is healthy", () => {
    expect(inspected(service).State.Health?.Status).toBe("healthy");
  });

  it("cannot write to its own root, not even as root", () => {
    expect(inspected(service).HostConfig.ReadonlyRootfs).toBe(true);
    const user = ["--user", "0"];
    expect(() => docker("exec", ...user, container(service), "sh", "-c", "echo > /usr/proof")).toThrow(
      /read-only file system/i,
    );
  });

  it("has no capability but those it is known to need", () => {
    const { CapAdd, CapDrop, Privileged, Devices } = inspected(service).HostConfig;
    const allowed = CAPABILITIES[service] ?? [];
    expect(CapDrop).toEqual(["ALL"]);
    expect([...(CapAdd ?? [])].sort()).toEqual(allowed);
    expect([Privileged, Devices ?? []]).toEqual([false, []]);
    const most = allowed.reduce((bits, name) => bits | (1n << BITS[name]!), 0n);
    expect(BigInt(`0x${ofProcess(service, "CapBnd")}`)).toBe(most);
    expect(BigInt(`0x${ofProcess(service, "CapEff")}`) & ~most).toBe(0n);
  });

  it("cannot gain privileges", () => {
    expect(inspected(service).HostConfig.SecurityOpt).toEqual(["no-new-privileges:true"]);
    expect(ofProcess(service, "NoNewPrivs")).toBe("1");
    expect(ofProcess(service, "Seccomp")).toBe("2");
  });

  it("runs as root only where there is a reason to", () => {
    const [user] = ofProcess(service, "Uid").split("\t");
    if (service in AS_ROOT) expect(user, AS_ROOT[service]).toBe("0");
    else expect(Number(user)).toBeGreaterThan(0);
  });

  it("has bounds on memory, processors, processes and logs", () => {
    const { Memory, MemorySwap, NanoCpus, PidsLimit, LogConfig } = inspected(service).HostConfig;
    expect(Memory).toBeGreaterThanOrEqual(16 * 2 ** 20);
    expect(Memory).toBeLessThanOrEqual(2 ** 30);
    expect(MemorySwap).toBe(Memory);
    expect(NanoCpus).toBeGreaterThan(0);
    expect(NanoCpus).toBeLessThanOrEqual(2e9);
    expect(PidsLimit).toBeGreaterThan(0);
    expect(PidsLimit).toBeLessThanOrEqual(1000);
    expect(LogConfig).toEqual({ Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } });
  });

  it("comes back by itself, and shares no namespace with the machine", () => {
    const { RestartPolicy, NetworkMode, PidMode, IpcMode, UsernsMode } = inspected(service).HostConfig;
    expect(RestartPolicy.Name).toBe("unless-stopped");
    expect([NetworkMode, PidMode, IpcMode, UsernsMode]).not.toContain("host");
  });

  it("sees nothing of the machine's files, but the gate its socket", () => {
    const { Mounts } = inspected(service);
    const bound = Mounts.filter(({ Type }) => Type === "bind");
    if (service === "gate")
      expect(bound).toEqual([expect.objectContaining({ Source: expect.stringMatching(/docker\.sock$/), RW: false })]);
    else expect(bound).toEqual([]);
    expect(Mounts.filter(({ Destination }) => Destination === "/etc/vigie").map(({ RW }) => RW)).toEqual(
      Mounts.some(({ Destination }) => Destination === "/etc/vigie") ? [false] : [],
    );
  });

  it("opens to the machine the declared ports only, and on the declared address", () => {
    const { ports } = inventory.services[service]!;
    const declared = Object.values(ports).flatMap(({ container: inner, published, protocol }) =>
      published === undefined ? [] : [`127.0.0.1:${published} ${inner}/${protocol}`],
    );
    const opened = Object.entries(inspected(service).HostConfig.PortBindings ?? {}).flatMap(([inner, bindings]) =>
      (bindings ?? []).map(({ HostIp, HostPort }) => `${HostIp}:${HostPort} ${inner}`),
    );
    expect(opened.sort()).toEqual(declared.sort());
  });

  it("is made from an image that is named by what it is built from", () => {
    expect(inspected(service).Config.Image).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
});

it("the lookout takes its memory from jemalloc, which the loader leaves out with no more than a warning where it does not find it", () => {
  // Programs end meanwhile: these ones, for instance.
  const users =
    "grep -l libjemalloc /proc/[0-9]*/maps 2>/dev/null | sed 's/maps$/cmdline/' | xargs cat 2>/dev/null | tr '\\0' ' '";
  expect(inside("lookout", "sh", "-c", users)).toContain("node monitors/main.js");
});

describe("at rest", () => {
  /** The number that the engine's kernel gave last to a process of the container: each program that is started takes one. */
  const lastProcess = (service: string): number => Number(inside(service, "sh", "-c", "echo $$"));

  it("no service starts program after program: what looks at something waits between two looks", async () => {
    const began = performance.now();
    const before = new Map(services.map((service) => [service, lastProcess(service)]));
    await setTimeout(10_000);
    const seconds = (performance.now() - began) / 1000;
    // A health check and what is checked from outside take a few; a loop without a pause takes dozens a second.
    const busy = services
      .map((service) => [service, (lastProcess(service) - before.get(service)!) / seconds] as const)
      .filter(([, started]) => started > 12);
    expect(busy).toEqual([]);
  });
});

describe("networks", () => {
  const portsOf = (service: string): number[] =>
    Object.values(inventory.services[service]!.ports)
      .filter(({ protocol }) => protocol === "tcp")
      .map((port) => port.container);
  const networksOf = (service: string): string[] => Object.keys(inspected(service).NetworkSettings.Networks);

  /** Services that are meant to be able to speak to each other: they share a network. */
  const together = (one: string, other: string): boolean =>
    networksOf(one).some((network) => networksOf(other).includes(network));

  /** Which `address:port` open, tried all at once from a service's own place in the networks. */
  function opened(from: string, targets: readonly string[]): string[] {
    const tries = targets.map((target) => {
      const [host, port] = target.split(":");
      return `(timeout 3 bash -c '</dev/tcp/${host}/${port}' 2>/dev/null && echo ${target}) &`;
    });
    return docker(
      ...["run", "--rm", "--network", `container:${container(from)}`, "debian:trixie-slim"],
      ...["bash", "-c", `${tries.join(" ")} wait`],
    )
      .split("\n")
      .filter(Boolean)
      .sort();
  }

  it.each(services)("let %s reach those that it shares one with, and nobody else", (from) => {
    const expected: string[] = [];
    const tried: string[] = [];
    for (const to of services.filter((other) => other !== from)) {
      for (const [network, { IPAddress }] of Object.entries(inspected(to).NetworkSettings.Networks)) {
        for (const port of portsOf(to)) {
          tried.push(`${IPAddress}:${port}`);
          if (networksOf(from).includes(network)) expected.push(`${IPAddress}:${port}`);
        }
      }
    }
    expect(opened(from, tried)).toEqual(expected.sort());
    // The lookout watches them all; everybody else has somebody to be kept from.
    if (from !== "lookout") expect(tried.length).toBeGreaterThan(expected.length);
  });

  it("keep apart what has no business together", () => {
    for (const [one, other] of [
      ["wiki", "nas"],
      ["wiki", "snapshots"],
      ["wiki", "alertmanager"],
      ["wiki", "gate"],
      ["nas", "snapshots"],
      ["proxy", "snapshots"],
      ["proxy", "gate"],
      ["backup", "wiki"],
      ["prometheus", "gate"],
      ["mail", "wiki"],
      ["mail", "nas"],
      ["mail", "snapshots"],
      ["sympa", "wiki"],
      ["sympa", "contacts"],
      ["contacts", "mail"],
      ["names", "proxy"],
    ] as const)
      expect([one, other, together(one, other)]).toEqual([one, other, false]);
    expect(together("proxy", "wiki")).toBe(true);
  });

  it("lead out of the machine for the proxy and the lookout, and for those that open a port", () => {
    const internal = (network: string): boolean =>
      docker("network", "inspect", "--format", "{{.Internal}}", network).trim() === "true";
    const leadingOut = services.filter((service) => networksOf(service).some((network) => !internal(network)));
    for (const service of ["gate", "snapshots", "backup", "wiki", "supplier-sites"])
      expect(leadingOut).not.toContain(service);
    expect(leadingOut).toEqual(expect.arrayContaining(["lookout", "nas", "proxy"]));
  });
});

describe("the gate", () => {
  const ask = (path: string, options: Parameters<typeof fetchFrom>[2] = {}) =>
    fetchFrom("lookout", `http://gate:2375${path}`, options);
  const authorization = `Bearer ${inside("lookout", "cat", "/etc/vigie/secrets/gate-main").trim()}`;

  it("shows the lookout which containers there are", () => {
    const { status, text } = ask("/containers/json?all=true", { authorization });
    expect(status).toBe(200);
    const names = (JSON.parse(text) as { Names: string[] }[]).flatMap(({ Names }) => Names);
    for (const service of services) expect(names).toContain(`/${container(service)}`);
  });

  it.each([
    ["GET", "/containers/{id}/json"],
    ["GET", "/containers/{id}/logs?stdout=1"],
    ["GET", "/containers/{id}/archive?path=/etc/vigie"],
    ["GET", "/containers/{id}/top"],
    ["POST", "/containers/{id}/stop"],
    ["POST", "/containers/{id}/exec"],
    ["POST", "/containers/create"],
    ["DELETE", "/containers/{id}"],
    ["GET", "/images/json"],
    ["GET", "/volumes"],
    ["GET", "/networks"],
    ["GET", "/info"],
    ["GET", "/events"],
    ["GET", "/v1.41/containers/{id}/json"],
    ["GET", "/containers/json/../{id}/json"],
    ["GET", "/containers/json%2f..%2f{id}%2fjson"],
    ["POST", "/containers/json"],
  ])("answers nothing to %s %s", (method, path) => {
    const id = docker("inspect", "--format", "{{.Id}}", container("wiki")).trim();
    const { status, text } = ask(path.replaceAll("{id}", id), { method, authorization });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(text).not.toMatch(/Config|Mountpoint|Driver|ServerVersion/);
  });

  it.each(["", "Bearer wrong", "Bearer "])("answers nothing to who shows %o for a token", (token) => {
    const { status, text } = ask("/containers/json", token === "" ? {} : { authorization: token });
    expect(status).toBe(401);
    expect(text).not.toContain(demo().prefix);
  });
});
