import { createHash } from "node:crypto";
import { ROOT } from "../../cli/places.ts";

const digest = createHash("sha256").update(ROOT).digest();
const OURS = digest.toString("hex").slice(0, 4);

/**
 * A stack's name for one purpose of the tests, different in each checkout: two of them may be tested on one engine at once.
 */
export const stackFor = (purpose: string): string => `test-${purpose}-${OURS}`;

/** Name of a second engine, as `test/toolchain/engine.sh` takes it. */
export const farEngineName = `far${OURS}`;

/** Ports of this checkout's tests start here; below 32 768, where systems hand ports out to whoever asks. */
const FIRST_OFFSET = 10_000 + (digest.readUInt16BE(2) % 140) * 100;

/** What is added to the ports of each stack; those that the demo opens are no ten apart from each other's. */
const OFFSETS = { real: 0, small: 10, docs: 20, second: 30, bench: 40, rebuild: 50 } as const;

export const offsetOf = (purpose: keyof typeof OFFSETS): number => FIRST_OFFSET + OFFSETS[purpose];

/** A stack's settings file. */
export const settingsFor = (purpose: keyof typeof OFFSETS): string =>
  ["config:", "  vigie:certificates: internal", `  vigie:portOffset: "${offsetOf(purpose)}"`, ""].join("\n");
