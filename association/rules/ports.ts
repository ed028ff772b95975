import { lookup } from "../lookup.ts";
import type { Problem } from "../problems.ts";
import { port } from "../schema/values.ts";
import { entriesOf, problem, type Rule, type RuleContext, words } from "./rule.ts";

/** A port of a service that is opened on its host. */
interface Opened {
  service: string;
  host: string;
  name: string;
  /** As declared, or the kind's usual one. */
  declared: number;
  protocol: "tcp" | "udp";
}

function openedPorts({ found, vocabulary }: RuleContext): Opened[] {
  return entriesOf(found.services).flatMap(([service, { delivery }]) => {
    if (delivery?.by !== "us" || delivery.host === undefined) return [];
    const { host } = delivery;
    return Object.entries(lookup(vocabulary.kinds, delivery.kind)?.ports ?? {}).flatMap(([name, spec]) => {
      const declared = lookup(delivery.publish as Record<string, number> | undefined, name) ?? spec.published;
      return declared === undefined ? [] : [{ service, host, name, declared, protocol: spec.protocol ?? "tcp" }];
    });
  });
}

const pathOf = ({ service, name }: Opened): PropertyKey[] => ["services", service, "delivery", "publish", name];

/** No two services open one port on one address of one host. */
export const distinctPorts: Rule = (context) => {
  const taken = new Map<string, string>();
  return openedPorts(context).flatMap((opened) => {
    const slot = `${opened.host} ${opened.declared}/${opened.protocol}`;
    const holder = taken.get(slot);
    taken.set(slot, holder ?? opened.service);
    if (holder === undefined) return [];
    const whose = holder === opened.service ? "the service itself" : holder;
    return [problem(pathOf(opened), opened.declared, `a port that ${whose} does not use on host ${opened.host}`)];
  });
};

/** Ports are still ports once the stack's offset is added to them. */
export const portsInRange: Rule = (context) =>
  openedPorts(context).flatMap((opened): Problem[] => {
    const published = opened.declared + context.portOffset;
    if (port.safeParse(published).success) return [];
    return [
      problem(
        pathOf(opened),
        words(`${published} (${opened.declared}, and the stack's offset of ${context.portOffset})`),
        "a port from 1 to 65535",
      ),
    ];
  });

/** A port that is the same inside and outside leaves the container's other ports alone. */
export const distinctInnerPorts: Rule = (context) => {
  const { found, vocabulary, portOffset } = context;
  const opened = new Map(openedPorts(context).map((one) => [`${one.service} ${one.name}`, one]));
  return entriesOf(found.services).flatMap(([service, { delivery }]) => {
    if (delivery?.by !== "us") return [];
    const specs = Object.entries(lookup(vocabulary.kinds, delivery.kind)?.ports ?? {});
    const fixed = new Map(specs.filter(([, spec]) => !spec.same).map(([name, spec]) => [spec.container, name]));
    return specs.flatMap(([name, spec]) => {
      const outside = opened.get(`${service} ${name}`);
      if (!spec.same || outside === undefined) return [];
      const other = fixed.get(outside.declared + portOffset);
      return other === undefined
        ? []
        : [
            problem(
              pathOf(outside),
              outside.declared,
              `a port other than the one of \`${other}\` inside the container`,
            ),
          ];
    });
  });
};
