/** What the audit trail of a file server is asked: values are exact, `path` is looked for anywhere in a file's name. Times in ISO 8601, UTC. */
export interface TrailQuery {
  /** The file server. */
  readonly service: string;
  readonly fields: Readonly<
    Partial<Record<"share" | "user" | "event" | "result" | "path" | "from" | "until" | "before", string>>
  >;
  readonly limit: number;
}

/** What the file server wrote down. Names of files and whatever clients sent are hostile until escaped. */
export interface TrailEvent {
  readonly time: string;
  readonly event: string;
  readonly result: string;
  readonly user?: string;
  readonly ip?: string;
  readonly share?: string;
  readonly path?: string;
  readonly to?: string;
  readonly why?: string;
}

export type TrailAnswer =
  | {
      readonly ok: true;
      /** The latest first. */
      readonly events: readonly TrailEvent[];
      /** Where the search goes on. */
      readonly next?: string;
      /** The time down to which all was looked at, where the search was stopped before its end. */
      readonly reached?: string;
      /** The oldest day that is kept. */
      readonly since?: string;
    }
  | { readonly ok: false };

/** What members do, in the order in which it is offered. */
export const TRAIL_EVENTS = [
  "write",
  "delete",
  "rename",
  "make-folder",
  "read",
  "connect",
  "disconnect",
  "sign-in",
] as const;
export const TRAIL_RESULTS = ["ok", "denied", "failed"] as const;
