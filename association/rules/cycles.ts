import { entriesOf, problem, type Rule, words } from "./rule.ts";

/** A service never waits, through others, for itself; a role never escalates, through others, to itself. */
export const noCycles: Rule = ({ found }) => [
  ...cycles(graphOf(found.services, ({ dependsOn }) => dependsOn?.filter((name) => name !== undefined) ?? [])).map(
    (cycle) =>
      problem(
        ["services", cycle[0]!, "dependsOn"],
        words(arrow(cycle)),
        "services that do not depend on each other in a circle",
      ),
  ),
  ...cycles(graphOf(found.roles, ({ escalatesTo }) => (escalatesTo ? [escalatesTo] : []))).map((cycle) =>
    problem(["roles", cycle[0]!, "escalatesTo"], words(arrow(cycle)), "an escalation that ends"),
  ),
];

const arrow = (cycle: readonly string[]): string => [...cycle, cycle[0]].join(" → ");

type Graph = ReadonlyMap<string, readonly string[]>;

const graphOf = <T>(record: Readonly<Record<string, T | undefined>> | undefined, next: (value: T) => string[]): Graph =>
  new Map(entriesOf(record).map(([key, value]) => [key, next(value)]));

/**
 * Circles of a graph given as successors by node, each once, from its first node in the alphabet; at least one of every
 * knot of circles. Depth first with a stack of its own: a chain of ten thousand nodes is no deeper than one.
 */
export function cycles(graph: Graph): string[][] {
  const found = new Map<string, string[]>();
  const done = new Set<string>();
  for (const root of [...graph.keys()].sort()) {
    const path: string[] = [];
    const placeInPath = new Map<string, number>();
    const waiting: string[][] = [[root]];
    while (waiting.length > 0) {
      const node = waiting.at(-1)!.pop();
      if (node === undefined) {
        waiting.pop();
        const left = path.pop();
        if (left !== undefined) {
          placeInPath.delete(left);
          done.add(left);
        }
        continue;
      }
      const start = placeInPath.get(node);
      if (start !== undefined) {
        const cycle = fromSmallest(path.slice(start));
        found.set(cycle.join(" "), cycle);
      } else if (!done.has(node)) {
        placeInPath.set(node, path.push(node) - 1);
        waiting.push([...(graph.get(node) ?? [])].reverse());
      }
    }
  }
  return [...found.values()];
}

function fromSmallest(cycle: readonly string[]): string[] {
  const start = cycle.indexOf([...cycle].sort()[0]!);
  return [...cycle.slice(start), ...cycle.slice(0, start)];
}
