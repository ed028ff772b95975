import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../cli/places.ts";
import { type Checkout, copyCheckout } from "../cli/checkout.ts";
import { demo, STACK } from "./demo.ts";
import { settingsFor, stackFor } from "./names.ts";

/** A copy of the checkout with the whole demo in it. */
export interface DemoCopy extends Checkout {
  read: (path: string) => string;
  /** Replaces text in a file. @throws where it is not there exactly once */
  edit: (path: string, before: string, after: string) => void;
  /** Gives the stack of one purpose its settings. */
  settle: (purpose: "small" | "docs" | "second" | "rebuild") => void;
}

/**
 * A copy whose declaration, docs and code a test may change. Its commands work on the running demo's state, where it
 * shares it, else on a state of its own.
 */
export function copyDemo({ sharesState, env = {} }: { sharesState: boolean; env?: Record<string, string> }): DemoCopy {
  const checkout = copyCheckout({ ...env, ...(sharesState ? demo().env : {}) });
  for (const path of ["associations", "docs", ...(sharesState ? [`Pulumi.${STACK}.yaml`, ".vigie/settings"] : [])])
    if (existsSync(join(ROOT, path))) cpSync(join(ROOT, path), join(checkout.root, path), { recursive: true });
  const read = (path: string): string => readFileSync(join(checkout.root, path), "utf8");
  return {
    ...checkout,
    read,
    edit: (path, before, after) => {
      const content = read(path);
      if (content.split(before).length !== 2) throw new Error(`${path} does not hold once: ${before}`);
      checkout.write(
        path,
        content.replace(before, () => after),
      );
    },
    settle: (purpose) => checkout.write(`Pulumi.${stackFor(purpose)}.yaml`, settingsFor(purpose)),
  };
}
