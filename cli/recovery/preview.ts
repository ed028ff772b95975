/** One line of a dry run of `restic restore --json`: https://restic.readthedocs.io/en/stable/075_scripting.html#restore */
interface Said {
  message_type?: unknown;
  action?: unknown;
  item?: unknown;
}

/** What a restore would do to files, by their paths in the snapshot. */
export interface Preview {
  readonly added: string[];
  readonly replaced: string[];
  readonly removed: string[];
  readonly unchanged: number;
}

/** Reads what `vigie-backup restore --dry-run` said, which leaves out folders that are there already. Pure. */
export function readPreview(lines: string): Preview {
  const preview: Preview & { unchanged: number } = { added: [], replaced: [], removed: [], unchanged: 0 };
  for (const line of lines.split("\n")) {
    const said = parse(line);
    if (said?.message_type !== "verbose_status" || typeof said.item !== "string") continue;
    if (said.action === "updated") preview.replaced.push(said.item);
    else if (said.action === "deleted") preview.removed.push(said.item);
    else if (said.action === "unchanged") preview.unchanged++;
    else if (said.action === "restored") preview.added.push(said.item);
  }
  return preview;
}

function parse(line: string): Said | undefined {
  try {
    return JSON.parse(line) as Said;
  } catch {
    return undefined;
  }
}

export const changesSomething = ({ added, replaced, removed }: Preview): boolean =>
  added.length + replaced.length + removed.length > 0;

const SHOWN = 20;

/** The preview in words, the first files of each kind of change by name. */
export function describePreview({ added, replaced, removed, unchanged }: Preview, base: string): string[] {
  const part = (verb: string, items: readonly string[]): string[] =>
    items.length === 0
      ? []
      : [
          `${items.length} would ${verb}:`,
          ...items
            .slice(0, SHOWN)
            .map((item) => `  ${printable(item.startsWith(`${base}/`) ? item.slice(base.length + 1) : item)}`),
          ...(items.length > SHOWN ? [`  … and ${items.length - SHOWN} more`] : []),
        ];
  const lines = [...part("come back", added), ...part("be replaced", replaced), ...part("be removed", removed)];
  return [...(lines.length > 0 ? lines : ["Nothing would change"]), `${unchanged} are as they were`];
}

/** Names of files come from the saved service: a control character, or a change of writing direction, would fool a terminal. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, "\ufffd");
