/** What restic prints with --json, one object a line: https://restic.readthedocs.io/en/stable/075_scripting.html */

export interface Progress {
  /** 0 to 1. */
  readonly done: number;
  readonly files: number;
  readonly bytes: number;
}

export interface Summary {
  readonly snapshot?: string;
  readonly filesNew: number;
  readonly filesChanged: number;
  readonly files: number;
  /** Bytes read, and bytes that were new to the repository. */
  readonly bytes: number;
  readonly bytesAdded: number;
}

export type Message =
  | { kind: "progress"; progress: Progress }
  | { kind: "summary"; summary: Summary }
  | { kind: "error"; words: string }
  | { kind: "other"; value: unknown };

const number = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) ? value : 0);

/** Reads one line; whatever is not restic's JSON is an error's words, for that is how it says what it did not foresee. */
export function parseMessage(line: string): Message | undefined {
  const text = line.trim();
  if (text === "") return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "error", words: text };
  }
  const message = value as Record<string, unknown>;
  switch (typeof value === "object" && value !== null && !Array.isArray(value) ? message.message_type : undefined) {
    case "status":
      return {
        kind: "progress",
        progress: {
          done: number(message.percent_done),
          files: number(message.files_done ?? message.files_restored),
          bytes: number(message.bytes_done ?? message.bytes_restored),
        },
      };
    case "summary":
      return {
        kind: "summary",
        summary: {
          ...(typeof message.snapshot_id === "string" ? { snapshot: message.snapshot_id } : {}),
          filesNew: number(message.files_new),
          filesChanged: number(message.files_changed),
          files: number(message.total_files_processed ?? message.files_restored),
          bytes: number(message.total_bytes_processed ?? message.bytes_restored),
          bytesAdded: number(message.data_added),
        },
      };
    case "error": {
      const inner = (message.error ?? {}) as Record<string, unknown>;
      const item = typeof message.item === "string" && message.item !== "" ? `${message.item}: ` : "";
      return { kind: "error", words: `${item}${String(inner.message ?? message.message ?? "unknown error")}`.trim() };
    }
    case "exit_error":
      return {
        kind: "error",
        words: String(message.message ?? "unknown error")
          .replace(/^Fatal: /, "")
          .trim(),
      };
    default:
      return { kind: "other", value };
  }
}

/** What an exit code of restic means: https://restic.readthedocs.io/en/stable/075_scripting.html#exit-codes */
export const EXIT = { ok: 0, partial: 3, noRepository: 10, locked: 11, wrongPassword: 12 } as const;
