import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Vote } from "../engine/quorum.ts";
import { askProven } from "../net/proven.ts";
import { REASONS } from "../reasons.ts";

/** Another lookout on the same inventory. */
export interface Peer {
  readonly name: string;
  /** Where its pages are. */
  readonly url: string;
  /** The file that holds the key by which we know each other. */
  readonly keyFile: string;
}

/**
 * What `/api/states` answers: by check, where it stands, since when (milliseconds since the epoch), why its last run failed and when that
 * began. What a newer lookout adds is passed over.
 */
export const statesMessage = z.object({
  version: z.literal(1),
  vantage: z.string().max(100),
  /** To be said with the next question, which is then known to be a new one. */
  challenge: z
    .string()
    .regex(/^[0-9a-f]{1,64}$/)
    .optional(),
  states: z.record(
    z.string().max(200),
    z
      .tuple([
        z.enum(["up", "down", "pending"]),
        z.number(),
        z.enum(Object.keys(REASONS)).optional().catch(undefined),
        z.number().optional().catch(undefined),
      ])
      .rest(z.unknown()),
  ),
});
export type StatesMessage = z.input<typeof statesMessage>;

const EVERY_MS = 10_000;
const PATIENCE_MS = 5000;
/** A peer not heard of for so long has no voice, in milliseconds. */
const STALE_MS = 60_000;
const MOST_BYTES = 8_000_000;

interface Heard {
  at: number;
  states: ReadonlyMap<string, Vote>;
}

/** Asks the other lookouts what they see, again and again. */
export class Peers {
  readonly #peers: readonly Peer[];
  readonly #heard = new Map<string, Heard>();
  readonly #problems = new Map<string, string>();
  readonly #challenges = new Map<string, string>();
  readonly #age: () => number | undefined;
  readonly #onHeard: () => void;
  readonly #onProblem: (peer: string, problem: string | undefined) => void;
  readonly #stop = new AbortController();

  constructor(
    peers: readonly Peer[],
    told: {
      onHeard(): void;
      onProblem(peer: string, problem: string | undefined): void;
      /** How long ago an alert got through, in milliseconds, for those who tell where that was too long ago; undefined where none did. */
      age?(): number | undefined;
    },
  ) {
    this.#peers = peers;
    this.#onHeard = told.onHeard;
    this.#age = () => told.age?.();
    this.#onProblem = told.onProblem;
  }

  start(everyMs = EVERY_MS): void {
    for (const peer of this.#peers) void this.#follow(peer, everyMs);
  }

  stop(): void {
    this.#stop.abort();
  }

  /** What those say of a check that have been heard of lately. */
  votes(check: string): Vote[] {
    const now = performance.now();
    return [...this.#heard.values()].flatMap(({ at, states }) => {
      const vote = now - at > STALE_MS ? undefined : states.get(check);
      return vote === undefined ? [] : [vote];
    });
  }

  /** How long ago somebody was last heard of, and what is wrong now; undefined for one that is not to be asked. */
  heardOf(name: string): { seconds?: number; problem?: string } | undefined {
    if (!this.#peers.some((peer) => peer.name === name)) return undefined;
    const at = this.#heard.get(name)?.at;
    const problem = this.#problems.get(name);
    return {
      ...(at === undefined ? {} : { seconds: (performance.now() - at) / 1000 }),
      ...(problem === undefined ? {} : { problem }),
    };
  }

  async #follow(peer: Peer, everyMs: number): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.ask(peer);
        this.#problems.delete(peer.name);
        this.#onProblem(peer.name, undefined);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        const why = (error as Error).message;
        this.#problems.set(peer.name, why);
        this.#onProblem(peer.name, `The lookout ${peer.name} cannot be asked: ${why}`);
      }
      this.#onHeard();
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          this.#stop.signal.removeEventListener("abort", done);
          resolve();
        };
        const timer = setTimeout(done, everyMs);
        this.#stop.signal.addEventListener("abort", done, { once: true });
      });
    }
  }

  /** @throws where it does not answer as it should. */
  async ask({ name, url, keyFile }: Peer): Promise<void> {
    const text = await askProven(`${url.replace(/\/$/, "")}/api/states`, {
      key: (await readFile(keyFile, "utf8")).trim(),
      signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(PATIENCE_MS)]),
      most: MOST_BYTES,
      what: "its answer",
      said: this.#said(name),
    });
    const { states, challenge } = statesMessage.parse(JSON.parse(text));
    if (challenge !== undefined) this.#challenges.set(name, challenge);
    this.#heard.set(name, {
      at: performance.now(),
      states: new Map(
        Object.entries(states).map(([check, [status, since, reason, ranAt]]) => [
          check,
          {
            vantage: name,
            status,
            since,
            ...(reason === undefined ? {} : { reason }),
            ...(ranAt === undefined ? {} : { ranAt }),
          },
        ]),
      ),
    });
  }

  #said(name: string): string | undefined {
    const challenge = this.#challenges.get(name);
    const age = this.#age();
    if (challenge === undefined) return undefined;
    return age === undefined ? challenge : `${challenge} ${Math.round(age)}`;
  }
}
