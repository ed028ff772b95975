import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Inventory } from "../../association/index.ts";
import { dockerOn, placeOf, placeWith, probeCommand, shellWord } from "../../runbooks/commands.ts";
import { demoInventory } from "../dashboards/views.ts";

let inventory: Inventory;
beforeAll(async () => {
  ({ inventory } = await demoInventory());
});

describe("a word of a command", () => {
  it("stays as it is when a shell would leave it so", () => {
    expect(shellWord("tilleuls-demo-wiki")).toBe("tilleuls-demo-wiki");
    expect(shellWord("ssh://root@machine:22")).toBe("ssh://root@machine:22");
  });

  it("is one word, itself, for a real shell, whatever it holds", () => {
    const words = ["", "a b", "$(reboot)", "`id`", "'", "''; rm -rf /", "\\", '"', "a\nb", "~", "*", "!x", "é–ø", "-n"];
    for (const word of words) {
      expect(execFileSync("/bin/sh", ["-c", `printf %s ${shellWord(word)}`, "sh"]).toString()).toBe(
        word === "-n" ? "-n" : word,
      );
    }
  });

  it("never lets anything out of its quotes", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const word = shellWord(text);
        if (word === text) expect(text).toMatch(/^[\w@%+=:,./-]+$/);
        else expect(word.slice(1, -1).split(`'\\''`).join("'")).toBe(text);
      }),
    );
  });
});

describe("where commands are typed", () => {
  const host = (engine: string) => ({ ...inventory.hosts.main!, engine });

  it("is the engine at hand, or the remote one by its address", () => {
    expect(dockerOn(undefined)).toBe("docker");
    expect(dockerOn(host("unix:///var/run/docker.sock"))).toBe("docker");
    expect(dockerOn(host("unix:///run/other.sock"))).toBe("docker -H unix:///run/other.sock");
    expect(dockerOn(host("ssh://root@backup.example.org:2222"))).toBe("docker -H ssh://root@backup.example.org:2222");
  });

  it("is the service's own container, else a word to be replaced", () => {
    expect(placeOf(inventory, inventory.services.wiki, "CONTAINER")).toEqual({
      docker: "docker",
      container: "tilleuls-demo-wiki",
    });
    expect(placeOf(inventory, inventory.services.till, "CONTAINER").container).toBe("CONTAINER");
    expect(placeOf(inventory, undefined, "CONTAINER").container).toBe("CONTAINER");
  });

  it("is the backup of the same host when there are several", () => {
    const { backup } = inventory.services;
    const two = {
      ...inventory,
      hosts: { ...inventory.hosts, far: { ...host("ssh://root@far"), id: "far" } },
      services: {
        ...inventory.services,
        "far-backup": {
          ...backup!,
          id: "far-backup",
          container: "far-backup",
          delivery: { ...backup!.delivery, host: "far" },
        },
        "far-wiki": { ...inventory.services.wiki!, delivery: { ...inventory.services.wiki!.delivery, host: "far" } },
      },
    } as unknown as Inventory;
    expect(placeWith(two, "backup", two.services["far-wiki"], "?")).toEqual({
      docker: "docker -H ssh://root@far",
      container: "far-backup",
    });
    expect(placeWith(two, "backup", two.services.wiki, "?").container).toBe("tilleuls-demo-backup");
    expect(placeWith(two, "proxy", two.services["far-wiki"], "?").container).toBe("tilleuls-demo-proxy");
  });

  it("asks the lookout to explain a check, in words that a shell takes", () => {
    const command = probeCommand(inventory, "wiki", "http", "CONTAINER");
    expect(command).toContain("docker exec tilleuls-demo-lookout node -e 'fetch(");
    expect(command).toContain("/probe?target=wiki&check=http&debug=true");
    const hostile = probeCommand(inventory, "a'b", `"c`, "CONTAINER");
    expect(execFileSync("/bin/sh", ["-n", "-c", hostile]).toString()).toBe("");
  });
});
