import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LABELS, piecesOf } from "../../association/index.ts";
import { deployedServices } from "../../stacks/context.ts";
import { planNetworks } from "../../stacks/networks.ts";
import { demo } from "./fixtures/demo.ts";
import { type Asked, borrowedRoot, runProgram } from "./fixtures/program.ts";

const ROOT_SECRET = randomBytes(32).toString("base64url");
const DECLARATION = new URL("../../associations/tilleuls/index.ts", import.meta.url).pathname;

let asked: Asked[] = [];
let outputs: Record<string, unknown> = {};
let remove: () => void = () => {};

beforeAll(async () => {
  ({ remove } = borrowedRoot());
  ({ asked, outputs } = await runProgram({
    declaration: DECLARATION,
    rootSecret: ROOT_SECRET,
    certificates: "internal",
    portOffset: "0",
  }));
}, 60_000);

afterAll(() => remove(), 60_000);

const ofType = (type: string): Asked[] => asked.filter((one) => one.type === type);
const containers = () => ofType("docker:index/container:Container");
const couriers = () => containers().filter(({ inputs }) => inputs.start === false);
const servers = () => containers().filter(({ inputs }) => inputs.start !== false);
const volumes = () => ofType("docker:index/volume:Volume");

/** A large one that is no secret is given by where it is. */
interface Upload {
  file: string;
  content?: pulumi.Input<string>;
  source?: string;
}

describe("the stack's program", () => {
  const deployed = deployedServices(demo().inventory);

  it("asks for a container, an image and a component for each deployed service, and for nothing twice", () => {
    expect(
      servers()
        .map(({ inputs }) => inputs.name)
        .sort(),
    ).toEqual(deployed.map(({ container }) => container).sort());
    const images = ofType("docker:index/remoteImage:RemoteImage");
    expect(images.map(({ name }) => name).sort()).toEqual(
      deployed.map(({ id, delivery }) => `${delivery.host}-${id}`).sort(),
    );
    const components = asked.filter(({ type }) => type.startsWith("vigie:service:"));
    expect(components.map(({ name }) => name).sort()).toEqual(deployed.map(({ id }) => id).sort());
    const urns = asked.map(({ type, name }) => `${type} ${name}`);
    expect(new Set(urns).size).toBe(urns.length);
  });

  it("protects every volume that holds data, and labels none: a changed label would delete it", () => {
    const names = deployed.flatMap((service) => Object.values(service.volumes).map(({ name }) => name));
    const data = volumes().filter(({ name }) => names.includes(name));
    expect(data.map(({ name }) => name).sort()).toEqual(names.sort());
    for (const { opts, inputs, name } of data) {
      expect(opts.protect, name).toBe(true);
      expect(inputs.labels, name).toBeUndefined();
    }
  });

  it("makes images again only when their tag says so", () => {
    for (const { inputs, opts } of ofType("docker:index/remoteImage:RemoteImage")) {
      expect(inputs.name).toMatch(/^vigie\/[a-z-]+:[0-9a-f]{12}$/);
      expect(opts.ignoreChanges).toEqual(["build"]);
    }
  });

  it("makes the planned networks, closed where the plan says so", () => {
    const networks = ofType("docker:index/network:Network").map(({ inputs }) => [inputs.name, inputs.internal]);
    const planned = planNetworks(demo().inventory).map(({ name, internal }) => [name, internal]);
    expect(networks.sort()).toEqual(planned.sort());
    for (const { name, inputs } of servers()) {
      const joined = (inputs.networksAdvanced as { name: string }[]).map((network) => network.name).sort();
      const id = name.slice("tilleuls-demo-".length);
      const expected = planNetworks(demo().inventory).filter(({ members }) => members.includes(id));
      expect(joined, name).toEqual(expected.map((plan) => plan.name).sort());
    }
  });

  it("tells where members open things", async () => {
    expect(outputs.urls).toMatchObject({
      wiki: "https://wiki.tilleuls.localhost:8443",
      lookout: "https://etat.tilleuls.localhost:8443",
    });
  });

  it("gives first passwords as a secret output", async () => {
    expect(await pulumi.isSecret(outputs.passwords as pulumi.Output<unknown>)).toBe(true);
  });
});

describe("every server's container", () => {
  it("cannot write to its root, gain privileges or use what it does not need", () => {
    for (const { inputs, name } of servers()) {
      expect(inputs, name).toMatchObject({
        readOnly: true,
        restart: "unless-stopped",
        securityOpts: ["no-new-privileges:true"],
      });
      expect((inputs.capabilities as { drops: string[] }).drops, name).toEqual(["ALL"]);
      expect(inputs.privileged, name).toBeUndefined();
      expect(inputs.networkMode, name).toBeUndefined();
      expect(inputs.pidMode ?? inputs.ipcMode ?? inputs.usernsMode ?? inputs.devices, name).toBeUndefined();
    }
  });

  it("keeps its capabilities where they were found to be needed, and nowhere else", () => {
    const added = Object.fromEntries(
      servers().flatMap(({ name, inputs }) => {
        const { adds = [] } = inputs.capabilities as { adds?: string[] };
        return adds.length === 0 ? [] : [[name.replace("tilleuls-demo-", ""), adds]];
      }),
    );
    expect(Object.keys(added).sort()).toEqual(["backup", "mail", "nas", "sympa"]);
    expect(added.backup).toEqual(["CAP_DAC_READ_SEARCH"]);
    for (const capability of Object.values(added).flat()) {
      expect(capability).toMatch(/^CAP_/);
      expect(["CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_SYS_PTRACE", "CAP_SYS_MODULE"]).not.toContain(capability);
    }
  });

  it("has memory and processors of its own, no swap, and bounded logs", () => {
    for (const { inputs, name } of servers()) {
      expect(inputs.memory, name).toBeGreaterThanOrEqual(32);
      expect(inputs.memory, name).toBeLessThanOrEqual(1024);
      expect(inputs.memorySwap, name).toBe(inputs.memory);
      expect(Number(inputs.cpus), name).toBeGreaterThan(0);
      expect(inputs).toMatchObject({ logDriver: "json-file", logOpts: { "max-file": "3", "max-size": "10m" } });
    }
  });

  it("keeps files in memory where nothing can be executed", () => {
    for (const { inputs } of servers())
      for (const [path, options] of Object.entries(inputs.tmpfs as Record<string, string>)) {
        expect(path).toMatch(/^\//);
        expect(options).toMatch(/^rw,nosuid,nodev,noexec,size=\d+m,mode=1777$/);
      }
  });

  it("says when it is well, and is made anew when that question changes", () => {
    for (const { inputs, opts, name } of servers()) {
      expect(inputs.healthcheck, name).toMatchObject({ tests: ["CMD", "/usr/local/bin/healthy"] });
      expect(opts.replaceOnChanges, name).toEqual(expect.arrayContaining(["healthcheck", "tmpfs"]));
      expect(opts.deleteBeforeReplace, name).toBe(true);
      expect(inputs.wait, name).toBe(true);
    }
  });

  it("runs an image by its content's id, not by a name that may move", () => {
    for (const { inputs, name } of servers()) expect(inputs.image, name).toMatch(/^sha256:main-/);
  });

  it("opens on the host what is declared, on the declared address, and nothing else", () => {
    const opened = servers().flatMap(({ name, inputs }) =>
      (inputs.ports as { external: number; ip: string }[]).map(({ external, ip }) => `${name} ${ip}:${external}`),
    );
    const declared = deployedServices(demo().inventory).flatMap(({ container, ports }) =>
      Object.values(ports).flatMap(({ published }) =>
        published === undefined ? [] : [`${container} 127.0.0.1:${published}`],
      ),
    );
    expect(opened.sort()).toEqual(declared.sort());
    expect(opened).toContain("tilleuls-demo-proxy 127.0.0.1:8443");
  });

  it("sees the host's files nowhere but at the gate, and there the engine's socket only", () => {
    const mounted = servers().flatMap(({ name, inputs }) =>
      (inputs.volumes as { hostPath?: string; readOnly?: boolean }[]).flatMap(({ hostPath, readOnly }) =>
        hostPath === undefined ? [] : [{ name, hostPath, readOnly }],
      ),
    );
    expect(mounted).toEqual([
      { name: "tilleuls-demo-gate", hostPath: expect.stringMatching(/docker\.sock$/), readOnly: true },
    ]);
  });

  it("says on its label what it is joined to, so that the lookout knows what else somebody adds", () => {
    for (const { name, inputs } of servers()) {
      const labels = inputs.labels as { label: string; value: string }[];
      const told = [...piecesOf(labels.find(({ label }) => label === LABELS.shape)!.value)]
        .map((piece) => piece.replace(/ from .*/, ""))
        .filter((piece) => /^(writable|read-only) /.test(piece));
      const mounts = inputs.volumes as { containerPath: string; readOnly?: boolean }[];
      const joined = mounts.map(
        ({ containerPath, readOnly }) => `${readOnly ? "read-only" : "writable"} ${containerPath}`,
      );
      expect(told.sort(), name).toEqual(joined.sort());
    }
  });

  it("reads the data of others only to back it up, and cannot change it", () => {
    for (const { name, inputs } of servers()) {
      const own = `${name}-`;
      const others = (inputs.volumes as { volumeName?: string; readOnly?: boolean }[]).filter(
        ({ volumeName }) => volumeName !== undefined && !volumeName.startsWith(own),
      );
      // The mail server has the proxy's certificate, and the name server the public halves of its keys.
      const lent: Record<string, string[]> = { mail: ["proxy-certificates"], names: ["mail-records"] };
      const seen = others.map(({ volumeName }) => volumeName!.replace("tilleuls-demo-", ""));
      if (name !== "tilleuls-demo-backup") expect(seen, name).toEqual(lent[name.replace("tilleuls-demo-", "")] ?? []);
      // But where it asks for copies of databases before it saves them.
      for (const { volumeName, readOnly } of others) expect(readOnly ?? false).toBe(!volumeName!.endsWith("-hooks"));
    }
  });
});

describe("secrets", () => {
  const isMarked = async (content: pulumi.Input<string> | undefined): Promise<boolean> =>
    pulumi.Output.isInstance(content) && pulumi.isSecret(pulumi.output(content));

  const uploads = (one: Asked): Upload[] => (one.props.uploads ?? []) as Upload[];
  const opened = (one: Asked) =>
    ((one.inputs.uploads ?? []) as { file: string; content?: string; source?: string }[]).map(
      ({ file, content, source }) => ({ file, content: content ?? readFileSync(source!, "utf8") }),
    );

  /** Every secret in the files of the stack, opened. */
  async function secretContents(): Promise<string[]> {
    const found: string[] = [];
    for (const courier of couriers())
      for (const [index, { content }] of uploads(courier).entries())
        if (await isMarked(content)) found.push(opened(courier)[index]!.content);
    return found;
  }

  it("and personal data are marked in every file that holds them", async () => {
    const { people } = demo();
    const personal = Object.values(people.holders).flatMap(({ name, email, phone }) => [name, email, phone ?? email]);
    for (const courier of couriers()) {
      for (const [index, { file, content }] of uploads(courier).entries()) {
        const marked = await isMarked(content);
        if (/\/(secrets|passwords)\/|\/token$/.test(file)) expect(marked, file).toBe(true);
        if (marked) continue;
        const text = opened(courier)[index]!.content;
        for (const word of personal) expect(text, `${courier.name} ${file}`).not.toContain(word);
      }
    }
  });

  it("are found in enough files for this to mean something", async () => {
    expect((await secretContents()).length).toBeGreaterThan(20);
  });

  it("stand in no argument, environment, label, name or network of any resource", async () => {
    const secrets = (await secretContents()).filter((secret) => secret.length < 100);
    for (const { inputs, name, type } of asked) {
      const { uploads: _, ...rest } = inputs;
      const text = JSON.stringify(rest);
      expect(text, `${type} ${name}`).not.toContain(ROOT_SECRET);
      for (const secret of secrets) expect(text.includes(secret), `${type} ${name}`).toBe(false);
      expect(inputs.envs, `${type} ${name}`).toBeUndefined();
    }
  });

  it("stand in no file that is not marked", async () => {
    const secrets = (await secretContents()).filter((secret) => secret.length < 100);
    for (const courier of couriers()) {
      for (const [index, { file, content }] of uploads(courier).entries()) {
        if (await isMarked(content)) continue;
        const text = opened(courier)[index]!.content;
        for (const secret of [...secrets, ROOT_SECRET])
          expect(text.includes(secret), `${courier.name} ${file}`).toBe(false);
      }
    }
  });

  it("reach their service by a courier that never runs, in a volume that is mounted read-only", () => {
    for (const courier of couriers()) {
      expect(courier.inputs).toMatchObject({ networkMode: "none", mustRun: false, restart: "no" });
      const [{ volumeName }] = courier.inputs.volumes as [{ volumeName: string }];
      const readers = servers().filter(({ inputs }) =>
        (inputs.volumes as { volumeName?: string }[]).some((volume) => volume.volumeName === volumeName),
      );
      expect(readers).toHaveLength(1);
      expect(readers[0]!.inputs.volumes).toContainEqual({ volumeName, containerPath: "/etc/vigie", readOnly: true });
    }
    expect(couriers().length).toBeGreaterThan(5);
  });
});
