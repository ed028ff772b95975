const STEP = /([^.[\]]+)|\[(\d{1,6})\]/y;

/** A path has this many steps at most. */
export const MOST_STEPS = 20;

/** The steps of a path such as `data.nodes[0].state`; undefined where it is malformed. */
export function parseJsonPath(path: string): (string | number)[] | undefined {
  const steps: (string | number)[] = [];
  let at = 0;
  while (at < path.length) {
    if (at > 0 && path[at] === ".") at++;
    STEP.lastIndex = at;
    const found = STEP.exec(path);
    if (found === null || steps.length === MOST_STEPS) return undefined;
    steps.push(found[2] === undefined ? found[1]! : Number(found[2]));
    at = STEP.lastIndex;
  }
  return steps.length === 0 || path.endsWith(".") ? undefined : steps;
}

/** The value there; undefined where there is none. Own properties only: a path must not find what every object inherits. */
export function valueAt(document: unknown, steps: readonly (string | number)[]): unknown {
  let value = document;
  for (const step of steps) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
