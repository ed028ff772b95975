import { describeShape, LABELS, piecesOf } from "../../association/index.ts";
import type { ListedContainer } from "../sources/gate.ts";

/** What ought to run on a host. */
export interface Declared {
  /** The stack's prefix, on every container of it. */
  stack: string;
  /** Service by container's name. */
  containers: ReadonlyMap<string, string>;
}

/** How what runs differs from what was declared and deployed, each in one line; empty where it does not. */
export function differences({ stack, containers }: Declared, listed: ReadonlyMap<string, ListedContainer>): string[] {
  const found: string[] = [];
  for (const [name, service] of containers) {
    const container = listed.get(name);
    if (container === undefined) found.push(`${name} is declared and not there`);
    else found.push(...ofOne(name, service, stack, container));
  }
  for (const [name, { labels, state }] of listed) {
    // Copies and drills have a stack of their own.
    if (labels[LABELS.stack] !== stack || containers.has(name) || state !== "running") continue;
    const service = labels[LABELS.service];
    if (service !== undefined) found.push(`${name} runs for ${service} and is not declared`);
  }
  return found;
}

function ofOne(name: string, service: string, stack: string, { labels, image, shape }: ListedContainer): string[] {
  const by = labels[LABELS.service];
  if (labels[LABELS.stack] !== stack || by !== service)
    return [`${name} was not made by this stack${by === undefined ? "" : ` for ${service}`}: somebody made it by hand`];
  const found: string[] = [];
  const deployed = labels[LABELS.image];
  if (deployed !== undefined && image !== "" && deployed !== image)
    found.push(`${name} runs image ${short(image)}, ${short(deployed)} was deployed`);
  const written = labels[LABELS.shape];
  if (written === undefined) return found;
  const [before, now] = [piecesOf(written), piecesOf(describeShape(shape))];
  // An engine opens no port of a container that is stopped.
  const lost = [...before].filter((piece) => !now.has(piece) && !piece.startsWith("port "));
  const gained = [...now].filter((piece) => !before.has(piece));
  if (lost.length > 0) found.push(`${name} lost ${lost.join(", ")}`);
  if (gained.length > 0) found.push(`${name} got ${gained.join(", ")}`);
  return found;
}

const short = (id: string): string => id.replace(/^sha256:/, "").slice(0, 12);
