import { confirm } from "../confirm.ts";
import { say } from "../say.ts";
import type { Asked } from "./asked.ts";
import { previewInPlace, restoreInPlace, untilOthersEnd, type Want } from "./in-place.ts";
import { quoted } from "./look.ts";
import { changesSomething, describePreview } from "./preview.ts";
import { forgetRestoring, type Restoring, undoWords, unfinishedRestores } from "./restoring.ts";

interface How {
  readonly stack: string;
  /** What comes back, in words. */
  readonly what: string;
  /** Whether its service is stopped meanwhile. */
  readonly whole: boolean;
  /** Whether the snapshot has it: to be gone may be how it was. */
  readonly wasThere?: boolean;
  /** What the service does about it once the files are back. */
  readonly after?: () => Promise<void>;
}

/** What was asked, as a command that may be typed again: by the snapshot's id, whatever `latest` or a time will mean then. Pure. */
export function wordsOf({ item, file, exact }: Pick<Asked, "item" | "file" | "exact">, snapshot: string): string {
  const part = item !== undefined ? ["--item", quoted(item)] : file !== undefined ? ["--file", quoted(file)] : [];
  return ["--snapshot", snapshot, ...part, "--in-place", ...(exact ? ["--exact"] : [])].join(" ");
}

/** Puts something back where its service reads it: preview, your word, what is there kept, the files, and how to undo it. */
export async function putBack(want: Want, asked: Asked, { stack, what, whole, wasThere, after }: How): Promise<void> {
  const { saved, choice } = want;
  const service = saved.service.id;
  const words = wordsOf(asked, choice.id);
  const unfinished = unfinishedRestores(stack, service);
  const begun = unfinished.find((one) => one.words === words);
  say.step(`${service}: ${what}, as it was on ${choice.time}`);
  if (begun) say.warn(`This restore was begun on ${begun.started.slice(0, 16)}Z and did not come to its end: going on`);
  await untilOthersEnd(saved);
  const preview = await previewInPlace(want);
  for (const line of describePreview(preview, choice.path)) say.line(`  ${line}`);
  // Owners and rights come last, of which the preview says nothing; and a service that was stopped has to be started.
  if (!changesSomething(preview) && !begun) return say.good("It is as it was then: nothing to do");
  await confirm(service, asked.yes);
  const restoring: Restoring = begun ?? { version: 1, stack, service, words, started: new Date().toISOString() };
  const earlier = begun?.undo;
  const undo = await restoreInPlace(want, whole, restoring);
  await after?.();
  // One that is gone back on is over too.
  for (const one of [restoring, ...unfinished.filter((other) => other.undo === choice.id)]) forgetRestoring(one);
  say.good(`${what} is ${wasThere === false ? "gone, as it was then" : "back"}`);
  const command = `npm run restore -- --stack ${stack} --service ${service}`;
  if (earlier !== undefined && earlier !== undo)
    say.line(`What was there before the first try: ${command} ${undoWords(words, earlier)}`);
  say.line(`To undo: ${command} ${undoWords(words, undo)}`);
}
