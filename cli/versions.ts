/** The numbers of a version such as `v3.259.0` or `1.41`; undefined where there is none. */
export function parseVersion(text: string): number[] | undefined {
  const found = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return found?.slice(1).map((part) => Number(part ?? 0));
}

/** True where `text` holds a version of `oldest` or later. */
export function atLeast(text: string, oldest: string): boolean {
  const [have, want] = [parseVersion(text), parseVersion(oldest)];
  if (have === undefined || want === undefined) return false;
  for (const [index, part] of want.entries()) {
    const difference = (have[index] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
