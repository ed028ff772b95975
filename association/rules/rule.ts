import type { Parsed } from "../parse.ts";
import { describeValue, formatPath, type Problem } from "../problems.ts";
import type { Vocabulary } from "../vocabulary.ts";

/** What a rule looks at: what could be read of the declaration, every declared name, and the vocabulary. */
export interface RuleContext extends Pick<Parsed, "raw" | "found" | "names"> {
  vocabulary: Vocabulary;
  /** Added to every port opened on a host. */
  portOffset: number;
}

/** A rule across entries: a pure function from a declaration to what it breaks. */
export type Rule = (context: RuleContext) => Problem[];

/** The entries of a collection that could be read, at least in part. */
export const entriesOf = <T>(collection: Readonly<Record<string, T | undefined>> | undefined): [string, T][] =>
  Object.entries(collection ?? {}) as [string, T][];

/** The items of a list that could be read, each with its place. */
export const itemsOf = <T>(list: readonly (T | undefined)[] | undefined): [number, T][] =>
  (list ?? []).flatMap((item, index): [number, T][] => (item === undefined ? [] : [[index, item]]));

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
