import { connect } from "node:net";
import type { Reason } from "../reasons.ts";

/** A place that answers as long as our own network works: `host:port`. */
export interface Reference {
  readonly host: string;
  readonly port: number;
}

/** Failures that our own network may be to blame for; a refusal, for one, is an answer from somebody. */
const BLAMELESS: ReadonlySet<Reason> = new Set([
  "timeout",
  "unreachable",
  "name-not-found",
  "resolver-failed",
  "closed",
]);

/** How long an answer about the network holds, in milliseconds. */
const FRESH = 2000;
/** How long a reference has to answer, in milliseconds. */
const PATIENCE = 3000;

export interface GuardOptions {
  /** Declared; the network is down when not one of them answers. None: it is never said to be down. */
  references: readonly Reference[];
  /** Told when the network goes or comes back. */
  onChange?(up: boolean): void;
  /** Whether a reference answers; by opening a connection when left out. */
  reaches?(reference: Reference): Promise<boolean>;
}

/** Knows whether the lookout's own network works, so that nobody else is blamed when it does not. */
export class Guard {
  readonly #options: GuardOptions;
  #up = true;
  #known = Number.NEGATIVE_INFINITY;
  #asking: Promise<boolean> | undefined;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** As last seen; undefined where no reference is declared. */
  get up(): boolean | undefined {
    return this.#options.references.length === 0 ? undefined : this.#up;
  }

  /** True where a failure of this kind says nothing about its target, for nothing at all can be reached. */
  async excuses(reason: Reason): Promise<boolean> {
    if (this.#options.references.length === 0 || !BLAMELESS.has(reason)) return false;
    return !(await this.look());
  }

  /** Looks at the network, unless somebody did just now; many may ask at once. */
  look(): Promise<boolean> {
    if (performance.now() - this.#known < FRESH) return Promise.resolve(this.#up);
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(): Promise<boolean> {
    const { references, reaches = answers, onChange } = this.#options;
    // The first that answers settles it.
    const up = await Promise.any(
      references.map(async (one) => {
        if (!(await reaches(one))) throw new Error("no answer");
      }),
    ).then(
      () => true,
      () => false,
    );
    this.#known = performance.now();
    if (up !== this.#up) {
      this.#up = up;
      onChange?.(up);
    }
    return up;
  }
}

/** A connection that is accepted or refused: somebody is there. */
function answers({ host, port }: Reference): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (answer: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(settle, PATIENCE, false);
    socket.once("connect", () => settle(true));
    socket.once("error", (error: NodeJS.ErrnoException) => settle(error.code === "ECONNREFUSED"));
  });
}
