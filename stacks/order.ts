/** What is needed of a service to order it. */
interface Dependent {
  readonly id: string;
  readonly dependsOn: readonly string[];
}

/**
 * Services in an order in which they can be started: each after all that it cannot work without, otherwise by name.
 * Those that are not in the list are nobody's to start. The declaration has no circles.
 */
export function startOrder<T extends Dependent>(services: readonly T[]): T[] {
  const byId = new Map(services.map((service) => [service.id, service]));
  const ordered = new Map<string, T>();
  const visit = (service: T): void => {
    if (ordered.has(service.id)) return;
    for (const id of [...service.dependsOn].sort()) {
      const before = byId.get(id);
      if (before !== undefined) visit(before);
    }
    ordered.set(service.id, service);
  };
  for (const service of [...services].sort((a, b) => (a.id < b.id ? -1 : 1))) visit(service);
  return [...ordered.values()];
}
