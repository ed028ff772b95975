import type { Outcome, RunContext, RunnableCheck } from "../check.ts";
import { redactor } from "../checks/_redact.ts";
import { readSecret } from "../checks/_secret.ts";
import { describeError, reasonOfError } from "../net/failure.ts";
import type { Resources } from "../resources.ts";

/** What to run, and how. */
export interface Attempt {
  kind: RunnableCheck;
  params: unknown;
  timeoutMs: number;
  resources: Resources;
  /** Aborts what the run has opened when its time is over. Whoever aborts it earlier ends the attempt, whose outcome is of no account then. */
  controller?: AbortController;
  /** Collects what is done step by step, for `/probe?debug=true`. */
  trace?: (doing: string, detail: unknown) => void;
}

/** Thrown into a run whose time is over. */
class TimeOut extends Error {
  override name = "TimeoutError";
}

/**
 * Runs a check once. Always settles within the time-out, and never rejects: whatever is thrown becomes a failure with a reason.
 * `error` is set where a bug of ours is to be suspected.
 */
export function attempt(what: Attempt): Promise<{ outcome: Outcome; error?: unknown }> {
  const { kind, params, timeoutMs, resources, controller = new AbortController(), trace } = what;
  return new Promise((resolve) => {
    let doing = "starting";
    const settle = (outcome: Outcome, error?: unknown) => {
      clearTimeout(timer);
      resolve(error === undefined ? { outcome } : { outcome, error });
    };
    const timer = setTimeout(() => {
      // Settled before the run is told, so that what it throws then is not taken for the reason.
      settle({ ok: false, reason: "timeout", message: `not done within ${timeoutMs / 1000} s, while ${doing}` });
      controller.abort(new TimeOut("time-out"));
    }, timeoutMs);
    const context: RunContext = {
      signal: controller.signal,
      timeoutMs,
      resources,
      step: (next, detail) => {
        doing = next;
        trace?.(next, detail);
      },
    };
    const onFound = (outcome: Outcome, error?: unknown) => {
      if (outcome.message === undefined || kind.secrets === undefined) settle(outcome, error);
      else void withoutSecrets(outcome, kind, params).then((shown) => settle(shown, error));
    };
    const onThrown = (error: unknown) => {
      const reason = reasonOfError(error);
      onFound({ ok: false, reason, message: describeError(error, reason) }, reason === "internal" ? error : undefined);
    };
    try {
      kind.run(params, context).then((outcome) => onFound(outcome), onThrown);
    } catch (error) {
      onThrown(error);
    }
  });
}

/** What was found, without the check's own secrets: a server may write back what it was shown. */
async function withoutSecrets<Found extends Outcome>(
  found: Found,
  { secrets }: RunnableCheck,
  params: unknown,
): Promise<Found> {
  const values = await Promise.all((secrets?.(params as never) ?? []).map((ref) => readSecret(ref)));
  return { ...found, message: redactor(values.filter((value) => value !== undefined))(found.message ?? "") };
}
