import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation/index.js";
import { asRefusal } from "../operate.ts";
import { describePlan } from "../preview.ts";
import { startProgress, terminal } from "../progress.ts";
import { Refusal } from "../refusal.ts";
import type { OpenStack } from "../stack.ts";
import { nameOf } from "../things.ts";

/** What `up` would do to one service, and what it would do besides. */
export interface Plan {
  /** URNs of the service's own changes. */
  readonly targets: readonly string[];
  /** The same in words, as `preview` says them. */
  readonly changes: readonly string[];
  /** Changes of other services that are pending too. */
  readonly others: readonly string[];
  /** The image that it would run, and the folder that it is built from. */
  readonly image?: { readonly name: string; readonly context?: string };
}

type Step = Pick<StepEventMetadata, "type" | "urn" | "op" | "diffs"> & {
  new?: { parent?: string; inputs?: unknown };
  old?: { parent?: string; inputs?: unknown };
};

/** Sorts the steps of a preview by whether they are one service's. Pure. */
export function planOf(steps: readonly Step[], service: string): Plan {
  const own = new Set(
    steps
      .filter(({ type, urn }) => type.startsWith("vigie:service:") && nameOf(type, urn).name === service)
      .map(({ urn }) => urn),
  );
  const isOwn = ({ new: after, old }: Step): boolean => own.has((after ?? old)?.parent ?? "");
  const changing = steps.filter((step) => describePlan(step) !== undefined || MAKES.has(step.op));
  const image = steps.find((step) => isOwn(step) && nameOf(step.type, step.urn).noun === "image" && step.new);
  const inputs = image?.new?.inputs as { name?: string; build?: { context?: string } } | undefined;
  const words = (some: readonly Step[]): string[] => some.flatMap((step) => describePlan(step) ?? []);
  return {
    targets: [...new Set(changing.filter(isOwn).map(({ urn }) => urn))],
    changes: words(changing.filter(isOwn)),
    others: words(changing.filter((step) => !isOwn(step))),
    ...(inputs?.name === undefined
      ? {}
      : { image: { name: inputs.name, ...(inputs.build?.context ? { context: inputs.build.context } : {}) } }),
  };
}

const MAKES: ReadonlySet<string> = new Set(["create", "create-replacement", "delete-replaced"]);

/** Asks Pulumi what it would do. @throws {Refusal} where it cannot tell */
export async function previewOf({ stack }: OpenStack, service: string): Promise<Plan> {
  const progress = startProgress({ ...terminal(), write: () => {} });
  const steps: Step[] = [];
  const onEvent = (event: EngineEvent) => {
    progress.onEvent(event);
    if (event.resourcePreEvent) steps.push(event.resourcePreEvent.metadata as Step);
  };
  try {
    await stack.preview({ onEvent });
  } catch (error) {
    throw asRefusal(error, progress.stop(), stack.name);
  } finally {
    progress.stop();
  }
  return planOf(steps, service);
}

interface Resource {
  urn: string;
  type: string;
  parent?: string;
  outputs?: { name?: string };
}

/** The image that a service runs, by its name, as Pulumi knows it. @throws {Refusal} where it was never brought up */
export async function currentImage({ stack }: OpenStack, service: string): Promise<string> {
  const { deployment } = await stack.exportStack();
  const resources = (deployment as { resources?: Resource[] } | undefined)?.resources ?? [];
  const component = resources.find(
    ({ type, urn }) => type.startsWith("vigie:service:") && nameOf(type, urn).name === service,
  );
  const image = resources.find(
    ({ type, urn, parent }) => parent !== undefined && parent === component?.urn && nameOf(type, urn).noun === "image",
  );
  if (image?.outputs?.name !== undefined) return image.outputs.name;
  throw new Refusal({
    what: `${service} has never been brought up: there is nothing to upgrade`,
    fix: `npm run up -- --stack ${stack.name}`,
  });
}
