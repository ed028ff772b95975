import { hold } from "../hold.ts";

/** One drill, or rebuild, of a name at a time. @returns what lets the next one in */
export const holdDrill = (stack: string): (() => void) =>
  hold(stack, ["drill", "rebuild"], (pid) => ({
    what: `${stack} is at work already: process ${pid}`,
    fix: "Wait for it; of a drill, another --stack may be named",
  }));
