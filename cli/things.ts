import type { StepEventMetadata } from "@pulumi/pulumi/automation/index.js";

/** A resource as people call it. */
export interface Thing {
  /** `image`, `container`, `volume` … */
  noun: string;
  name: string;
  /** The declared service it belongs to. */
  service?: string;
}

const NOUNS: Record<string, string> = {
  "docker:index/remoteImage:RemoteImage": "image",
  "docker:index/image:Image": "image",
  "docker:index/buildxImage:BuildxImage": "image",
};

/** What Pulumi does to a thing, while it does it and once it is done. */
const VERBS: Record<string, readonly [doing: string, done: string]> = {
  create: ["making", "made"],
  "create-replacement": ["making", "made"],
  update: ["changing", "changed"],
  delete: ["removing", "removed"],
  "delete-replaced": ["removing", "removed"],
  read: ["reading", "read"],
  refresh: ["looking at", "looked at"],
};

/** Types that stand for no thing on an engine: the stack, its providers, our own components. */
export const ABSTRACT = /^(pulumi:|vigie:)/;

/** The thing of a step; undefined where there is none, or where nothing is done to it. */
export function thingOf(
  { type, urn, op }: Pick<StepEventMetadata, "type" | "urn" | "op">,
  service?: string,
): Thing | undefined {
  if (ABSTRACT.test(type) || !(op in VERBS)) return undefined;
  return { ...nameOf(type, urn), ...(service === undefined ? {} : { service }) };
}

/** What a resource is and is called, from its type and URN alone. */
export function nameOf(type: string, urn: string): Pick<Thing, "noun" | "name"> {
  const last = type.split(":").at(-1) ?? type;
  return {
    noun: NOUNS[type] ?? last.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase(),
    name: urn.split("::").at(-1) ?? urn,
  };
}

/**
 * `building image wiki`, or `built image wiki` once it is done. A service's image is called by the service's name; other
 * things by their own, which is their name on the engine.
 */
export function phrase({ noun, name, service }: Thing, op: string, built: boolean, when: "doing" | "done"): string {
  const image = noun === "image";
  const verbs = image && built && op.startsWith("create") ? (["building", "built"] as const) : (VERBS[op] ?? ["", ""]);
  return `${verbs[when === "doing" ? 0 : 1]} ${noun} ${image && service ? service : name}`;
}
