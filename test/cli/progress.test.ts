import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { describe, expect, it, onTestFinished } from "vitest";
import { describeChanges, startProgress } from "../../cli/progress.ts";

const COMPONENT = "urn:pulumi:demo::vigie::vigie:service:wiki::wiki";
const CONTAINER = "urn:pulumi:demo::vigie::vigie:service:wiki$docker:index/container:Container::demo-wiki";
const IMAGE = "urn:pulumi:demo::vigie::vigie:service:wiki$docker:index/remoteImage:RemoteImage::main-wiki";

function watched(live = false) {
  let clock = 0;
  let shown = "";
  const progress = startProgress({ write: (text) => (shown += text), live, now: () => clock });
  onTestFinished(() => void progress.stop());
  const event = (
    kind: "resourcePreEvent" | "resOutputsEvent" | "resOpFailedEvent",
    urn: string,
    type: string,
    op: string,
    state: object = {},
  ) =>
    progress.onEvent({
      [kind]: { metadata: { urn, type, op, new: { parent: COMPONENT, inputs: {}, ...state } } },
    } as unknown as EngineEvent);
  const component = () => event("resourcePreEvent", COMPONENT, "vigie:service:wiki", "create", { parent: "" });
  const container = (kind: Parameters<typeof event>[0], op = "create") =>
    event(kind, CONTAINER, "docker:index/container:Container", op, {
      inputs: { name: "demo-wiki", env: ["SECRET=hunter2"] },
    });
  const image = (kind: Parameters<typeof event>[0], op = "create") =>
    event(kind, IMAGE, "docker:index/remoteImage:RemoteImage", op, { inputs: { build: { context: "ctx" } } });
  const say = (severity: string, message: string, urn?: string) =>
    progress.onEvent({ diagnosticEvent: { severity, message, urn, color: "never" } } as unknown as EngineEvent);
  return { progress, component, container, image, say, pass: (ms: number) => (clock += ms), shown: () => shown };
}

describe("startProgress", () => {
  it("says what was done and how long it took, an image by its service's name", () => {
    const { component, image, container, pass, shown } = watched();
    component();
    image("resourcePreEvent");
    pass(12_300);
    image("resOutputsEvent");
    container("resourcePreEvent");
    container("resOutputsEvent");
    expect(shown()).toBe("✓ built image wiki (12 s)\n✓ made container demo-wiki\n");
  });

  it("says what is under way on a line of its own in a log", () => {
    const { component, image, container, pass, progress, shown } = watched();
    component();
    image("resourcePreEvent");
    container("resourcePreEvent", "update");
    pass(10_000);
    progress.tick();
    expect(shown()).toBe("… building image wiki (10 s), changing container demo-wiki (10 s)\n");
  });

  it("rewrites the last line for a person, and leaves none behind", () => {
    const { component, image, progress, shown } = watched(true);
    component();
    image("resourcePreEvent");
    progress.tick();
    progress.tick();
    progress.stop();
    expect(shown()).toBe("… building image wiki (0 s)\r\u001b[K… building image wiki (0 s)\r\u001b[K");
  });

  it("says nothing of what stays the same, of components and of providers", () => {
    const { component, container, shown, progress } = watched();
    component();
    container("resourcePreEvent", "same");
    container("resOutputsEvent", "same");
    progress.tick();
    expect(shown()).toBe("");
  });

  it("never shows a value", () => {
    const { component, container, progress, shown, say } = watched();
    component();
    container("resourcePreEvent");
    progress.tick();
    say("debug", "inspect: SECRET=hunter2", CONTAINER);
    say("info", "SECRET=hunter2", CONTAINER);
    container("resOpFailedEvent");
    expect(shown() + JSON.stringify(progress.stop())).not.toContain("hunter2");
  });

  it("gathers failures with their service, thing and container, each once", () => {
    const { component, container, image, say, progress, shown } = watched();
    component();
    container("resourcePreEvent");
    image("resourcePreEvent");
    say("error", "  sdk-v2/provider2.go:572: sdk.helper_schema: it failed: provider=docker@5.2.0\n", CONTAINER);
    say("error", "1 error occurred:\n\t* it failed\n\n", CONTAINER);
    container("resOpFailedEvent");
    say("error", "it failed", IMAGE);
    say("error", "update failed");
    expect(shown()).toContain("✗ making container demo-wiki failed\n");
    expect(progress.stop()).toEqual([
      { message: "it failed", service: "wiki", thing: "container demo-wiki", container: "demo-wiki" },
      { message: "it failed", service: "wiki", thing: "image main-wiki", context: "ctx" },
    ]);
  });

  it("passes warnings on, except those that tell a volunteer nothing", () => {
    const { say, shown } = watched();
    say("warning", "using pulumi-language-nodejs from $PATH at /x\n");
    say("warning", "A new version of Pulumi is available.");
    say("warning", "volume demo-data is not in use\n");
    expect(shown()).toBe("! volume demo-data is not in use\n");
  });

  it("counts what was done, and not what failed", () => {
    const { container, image, progress } = watched();
    container("resourcePreEvent");
    container("resOutputsEvent");
    image("resourcePreEvent");
    image("resOpFailedEvent");
    expect(progress.changes()).toEqual({ create: 1 });
  });
});

describe("describeChanges", () => {
  it("tells a replacement once", () => {
    expect(describeChanges({ "delete-replaced": 1, "create-replacement": 1, create: 2 })).toBe("2 made, 1 replaced");
  });
  it("tells plans as plans", () => {
    expect(describeChanges({ replace: 1, update: 3 }, true)).toBe("3 to change, 1 to replace");
  });
  it("says that nothing changes", () => {
    expect(describeChanges({})).toBe("nothing to change");
    expect(describeChanges({ same: 14 })).toBe("nothing to change");
  });
});
