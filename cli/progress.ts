import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation/index.js";
import { cleanMessage, type Failure } from "./failures.ts";
import { nameOf, phrase, type Thing, thingOf } from "./things.ts";

/** Where progress goes, and when it is; tests bring their own. */
export interface Screen {
  write: (text: string) => void;
  /** A person is watching: the last line can be rewritten. */
  live: boolean;
  /** Milliseconds. */
  now: () => number;
}

/** The progress of one operation of Pulumi. */
export interface Progress {
  onEvent: (event: EngineEvent) => void;
  /** Says what is under way; called by the clock, and by tests. */
  tick: () => void;
  /** Ends it, the last line wiped; gives what failed. */
  stop: () => Failure[];
  /** How many things each kind of change was done to. */
  changes: () => Record<string, number>;
}

/** Warnings that tell nothing to a volunteer. */
const NOISE = /^using pulumi-\S+ from \$PATH|^A new version of Pulumi is available/;
/** Errors that only say that there were others. */
const ECHO = /^(update|preview|destroy|refresh) failed$|^Resource monitor has terminated/;

const LIVE_EVERY = 1_000;
const LINE_EVERY = 10_000;

/** Turns the engine's events into one line per thing done, and a word now and then on what takes time. Shows no value. */
export function startProgress(screen: Screen): Progress {
  const under = new Map<string, { thing: Thing; op: string; built: boolean; since: number }>();
  const names = new Map<string, string>(); // URN of a component → the service's name
  const known = new Map<string, Failure>(); // URN → what is known of it, for its failures
  const failures: Failure[] = [];
  const changes: Record<string, number> = {};
  let wiped = true;

  const wipe = () => {
    if (screen.live && !wiped) screen.write("\r\u001b[K");
    wiped = true;
  };
  const line = (text: string) => {
    wipe();
    screen.write(`${text}\n`);
  };
  const seconds = (since: number) => Math.round((screen.now() - since) / 1000);

  const begin = (step: StepEventMetadata) => {
    const { urn, op, type } = step;
    const state = step.new ?? step.old;
    if (/^vigie:service/.test(type)) names.set(urn, nameOf(type, urn).name);
    const service = state?.parent ? names.get(state.parent) : undefined;
    const inputs = (state?.inputs ?? {}) as { name?: unknown; build?: { context?: unknown } };
    const { noun, name } = nameOf(type, urn);
    known.set(urn, {
      message: "",
      thing: `${noun} ${name}`,
      ...(service === undefined ? {} : { service }),
      ...(typeof inputs.build?.context === "string" ? { context: inputs.build.context } : {}),
      ...(noun === "container" && typeof inputs.name === "string" ? { container: inputs.name } : {}),
    });
    const thing = thingOf(step, service);
    if (thing) under.set(urn, { thing, op, built: inputs.build !== undefined, since: screen.now() });
  };

  const end = ({ urn }: StepEventMetadata, failed: boolean) => {
    const doing = under.get(urn);
    if (doing === undefined) return;
    under.delete(urn);
    if (!failed) changes[doing.op] = (changes[doing.op] ?? 0) + 1;
    const time = seconds(doing.since);
    const words = phrase(doing.thing, doing.op, doing.built, failed ? "doing" : "done");
    line(`${failed ? "✗" : "✓"} ${words}${failed ? " failed" : ""}${time > 0 ? ` (${time} s)` : ""}`);
  };

  const diagnose = ({ severity, urn, message, ephemeral }: NonNullable<EngineEvent["diagnosticEvent"]>) => {
    const text = cleanMessage(message);
    if (ephemeral || text === "" || NOISE.test(text)) return;
    if (severity === "warning") line(`! ${text}`);
    if (severity !== "error" || ECHO.test(text)) return;
    const failure: Failure = { ...(urn === undefined ? {} : known.get(urn)), message: text };
    // The bridge says everything twice: once as it happens, once when it gives up.
    if (!failures.some((other) => other.thing === failure.thing && other.message === text)) failures.push(failure);
  };

  const tick = () => {
    if (under.size === 0) return;
    const words = [...under.values()].map(
      ({ thing, op, built, since }) => `${phrase(thing, op, built, "doing")} (${seconds(since)} s)`,
    );
    if (!screen.live) return line(`… ${words.join(", ")}`);
    wipe();
    screen.write(`… ${words[0]}${words.length > 1 ? ` and ${words.length - 1} more` : ""}`);
    wiped = false;
  };
  const clock = setInterval(tick, screen.live ? LIVE_EVERY : LINE_EVERY).unref();

  return {
    onEvent: (event) => {
      if (event.resourcePreEvent) begin(event.resourcePreEvent.metadata);
      if (event.resOutputsEvent) end(event.resOutputsEvent.metadata, false);
      if (event.resOpFailedEvent) end(event.resOpFailedEvent.metadata, true);
      if (event.diagnosticEvent) diagnose(event.diagnosticEvent);
    },
    tick,
    stop: () => {
      clearInterval(clock);
      wipe();
      return failures;
    },
    changes: () => changes,
  };
}

/** The user's terminal, or the log that stands for it. */
export const terminal = (): Screen => ({
  write: (text) => void process.stderr.write(text),
  live: process.stderr.isTTY === true && !process.env.CI,
  now: Date.now,
});

/** Kinds of change, done and yet to be done. A replacement is told by what it makes, its removal left out. */
const CHANGES: Record<string, readonly [done: string, planned: string]> = {
  create: ["made", "to make"],
  update: ["changed", "to change"],
  "create-replacement": ["replaced", "to replace"],
  replace: ["replaced", "to replace"],
  delete: ["removed", "to remove"],
};

/** `14 made, 1 changed`, or before it is done `14 to make, 1 to change`; or that nothing changes. */
export function describeChanges(changes: Record<string, number>, planned = false): string {
  const parts = Object.entries(CHANGES).flatMap(([op, words]) =>
    changes[op] ? [`${changes[op]} ${words[planned ? 1 : 0]}`] : [],
  );
  return parts.length > 0 ? parts.join(", ") : "nothing to change";
}
