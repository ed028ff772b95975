import type { z } from "zod";
import type { CheckKind } from "../association/vocabulary.ts";
import type { Reason } from "./reasons.ts";
import type { Resources } from "./resources.ts";

/** What one run of a check found. */
export type Outcome = Good | Failed;

interface Found {
  /** What was measured, in base units, by the names that the kind declares in `measures`. */
  measures?: Readonly<Record<string, number>>;
}

interface Good extends Found {
  ok: true;
  /** Something worth knowing all the same. */
  message?: string;
}

interface Failed extends Found {
  ok: false;
  reason: Reason;
  /** What was found and what was expected, in plain words. May quote the checked machine: hostile until escaped. */
  message: string;
}

/** What a run is given besides its parameters. */
export interface RunContext {
  /** Aborted when the time-out has passed or the exporter stops: everything the run has opened must be closed then. */
  signal: AbortSignal;
  /** Time that the whole run may take, in milliseconds. */
  timeoutMs: number;
  /** What checks share: resolver, trusted authorities, gates, repositories. */
  resources: Resources;
  /**
   * Says what comes next: a time-out is then reported as "… while connecting". The detail is for `/probe?debug=true`
   * only, where a volunteer reads why a check fails. Never a secret.
   */
  step(doing: string, detail?: unknown): void;
}

/** A number that a kind of check finds besides success and duration. */
export interface Measure {
  /** One sentence, used as the metric's HELP. */
  help: string;
  /** Name of the metric it is exported as, with the labels `service` and `check`; only on `/probe` when left out. */
  metric?: string;
  /** Label that tells several values of one run apart: a measure is then named `name/label value`. */
  label?: string;
  /** Labels that tell several measures apart that are exported as one metric. */
  constant?: Readonly<Record<string, string>>;
}

/** A kind of check: the half that declarations are verified with, and how it is run. */
export interface RunnableCheck<Params extends z.ZodType = z.ZodType> extends CheckKind<Params> {
  /** Numbers that a run may find, by name; units are in the names. */
  measures?: Readonly<Record<string, Measure>>;
  /**
   * Runs once. Failures of the target are outcomes; what is thrown is turned into one by its error code.
   * Must settle soon after the signal is aborted.
   */
  run(params: z.output<Params>, context: RunContext): Promise<Outcome>;
}

/**
 * Types a kind of check; identity at run time.
 *
 * @example
 * export default defineCheck({ summary: "…", params, target: ({ address }) => address, run: async (params, context) => … });
 */
export const defineCheck = <Params extends z.ZodType>(check: RunnableCheck<Params>): RunnableCheck<Params> => check;

export const good = (found: Found & { message?: string } = {}): Outcome => ({ ok: true, ...found });

export const failed = (reason: Reason, message: string, found: Found = {}): Outcome => ({
  ok: false,
  reason,
  message,
  ...found,
});
