import { problem, type Rule, words } from "./rule.ts";

/** A service never waits, through others, for itself; a role never escalates, through others, to itself. */
export const noCycles: Rule = ({ declared }) => [
  ...cycles(mapValues(declared.services, (service) => service.dependsOn)).map((cycle) =>
    problem(
      ["services", cycle[0]!, "dependsOn"],
      words(arrow(cycle)),
      "services that do not depend on each other in a circle",
    ),
  ),
  ...cycles(mapValues(declared.roles, (role) => (role.escalatesTo ? [role.escalatesTo] : []))).map((cycle) =>
    problem(["roles", cycle[0]!, "escalatesTo"], words(arrow(cycle)), "an escalation that ends"),
  ),
];

const arrow = (cycle: readonly string[]): string => [...cycle, cycle[0]].join(" → ");

const mapValues = <T, U>(record: Record<string, T>, map: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));

/** The circles of a graph given as successors by node, each once, from its first node in the alphabet. */
export function cycles(graph: Readonly<Record<string, readonly string[]>>): string[][] {
  const found = new Map<string, string[]>();
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): void => {
    const start = path.indexOf(node);
    if (start >= 0) {
      const cycle = fromSmallest(path.slice(start));
      found.set(cycle.join(" "), cycle);
      return;
    }
    if (done.has(node)) return;
    path.push(node);
    for (const next of graph[node] ?? []) visit(next);
    path.pop();
    done.add(node);
  };
  for (const node of Object.keys(graph).sort()) visit(node);
  return [...found.values()];
}

function fromSmallest(cycle: readonly string[]): string[] {
  const start = cycle.indexOf([...cycle].sort()[0]!);
  return [...cycle.slice(start), ...cycle.slice(0, start)];
}
