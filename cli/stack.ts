import { randomBytes } from "node:crypto";
import { relative } from "node:path";
import {
  ConcurrentUpdateError,
  LocalWorkspace,
  type Stack,
  StackNotFoundError,
} from "@pulumi/pulumi/automation/index.js";
import { ROOT } from "./places.ts";
import { findPulumi, type Pulumi } from "./pulumi.ts";
import { Refusal } from "./refusal.ts";
import { say } from "./say.ts";
import { carrySettings, keptSettings, settingsOf } from "./settings.ts";
import { openWorkspace, type Workspace } from "./workspace.ts";

export { ConcurrentUpdateError };

/** All that is needed to work on one stack. */
export interface OpenStack {
  stack: Stack;
  workspace: Workspace;
  pulumi: Pulumi;
}

/** Pulumi's own rule for stack names. */
const NAME = /^[A-Za-z0-9_.-]{1,100}$/;

/** A typed stack name, verified: it ends up in file names. */
export function stackName(typed: unknown): string {
  if (typeof typed === "string" && NAME.test(typed)) return typed;
  throw new Refusal({
    what: `"${String(typed)}" cannot be a stack's name`,
    fix: "Use letters, digits, hyphens, dots and underscores, such as demo or production",
  });
}

/**
 * Opens a stack of this project.
 * @param make what to do about a stack that does not exist: make it, or refuse
 */
export async function openStack(name: string, make: boolean): Promise<OpenStack> {
  const workspace = openWorkspace();
  const pulumi = await findPulumi();
  carrySettings(name);
  const local = await LocalWorkspace.create({
    workDir: ROOT,
    pulumiCommand: pulumi.command,
    envVars: { ...workspace.env, ...pulumi.env },
    secretsProvider: "passphrase",
  });
  const { Stack } = await import("@pulumi/pulumi/automation/index.js");
  try {
    return { stack: await Stack.select(name, local), workspace, pulumi };
  } catch (error) {
    if (!(error instanceof StackNotFoundError)) throw error;
    if (!make)
      throw new Refusal({ what: `There is no stack "${name}" here`, fix: `npm run up -- --stack ${name}   makes it` });
    say.step(`Making the stack ${name}`);
    return { stack: await Stack.create(name, local), workspace, pulumi };
  }
}

const ROOT_SECRET = "vigie:rootSecret";
const DECLARATION = "vigie:declaration";

/** Gives the stack the settings that the program cannot do without. Reads the files rather than run the CLI for each. */
export async function settle({ stack }: Pick<OpenStack, "stack">, declaration: string | undefined): Promise<void> {
  const settings = settingsOf(stack.name).config ?? {};
  if (declaration !== undefined && settings[DECLARATION] !== declaration)
    await stack.setConfig(DECLARATION, { value: declaration });
  if (settings[ROOT_SECRET] !== undefined) return;
  const deployed = (await stack.exportStack()).deployment?.resources?.length ?? 0;
  if (deployed > 0) throw lostRoot(stack.name, deployed);
  await stack.setConfig(ROOT_SECRET, { value: randomBytes(32).toString("base64url"), secret: true });
}

/** Another root secret would be another password everywhere, and one that opens no backup. */
const lostRoot = (stack: string, deployed: number): Refusal =>
  new Refusal({
    what: `The stack "${stack}" has ${deployed} resources, and its settings here have no ${ROOT_SECRET}: a new one would change every password and open no backup`,
    fix: `Bring ${relative(ROOT, keptSettings(stack))} back from the checkout that made the stack. Where it is lost, a holder's key brings everything back: docs/recovery.md`,
  });
