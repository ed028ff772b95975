import type { Parsed } from "../parse.ts";
import { describeValue, formatPath, type Problem } from "../problems.ts";
import type { Vocabulary } from "../vocabulary.ts";

/** What a rule looks at: the well-formed entries, every declared name, the declaration as written, and the vocabulary. */
export interface RuleContext extends Omit<Parsed, "problems"> {
  raw: Record<string, unknown>;
  vocabulary: Vocabulary;
}

/** A rule across entries: a pure function from a declaration to what it breaks. */
export type Rule = (context: RuleContext) => Problem[];

/** A problem at a path. `found` is shown as JSON unless it is wrapped in `words`. */
export const problem = (path: readonly PropertyKey[], found: unknown, expected: string): Problem => ({
  path: formatPath(path),
  found: found instanceof Words ? found.text : describeValue(found),
  expected,
});

class Words {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Marks text that is a description rather than a value. */
export const words = (text: string): unknown => new Words(text);
