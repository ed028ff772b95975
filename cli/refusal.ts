/** One thing that stands in the way. */
export interface Problem {
  /** What was found, naming the thing: `Port 443 is taken by nginx`. */
  what: string;
  /** What to do about it, with the words to type. */
  fix: string;
}

/** A command that cannot go on for reasons the user can act upon: shown without a stack trace, all reasons at once. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly problems: readonly Problem[];

  readonly exitCode: number;

  constructor(problems: readonly Problem[] | Problem, exitCode = 1) {
    const all = Array.isArray(problems) ? problems : [problems as Problem];
    super(describeProblems(all));
    this.problems = all;
    this.exitCode = exitCode;
  }
}

/** Problems as text: each on its own, its fix indented below. */
export function describeProblems(problems: readonly Problem[]): string {
  return problems.map(({ what, fix }) => `✗ ${what}\n${fix.replace(/^/gm, "    ")}`).join("\n");
}
