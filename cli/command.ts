import { type ParseArgsOptionDescriptor, parseArgs } from "node:util";
import { closest, distance } from "fastest-levenshtein";
import { Refusal } from "./refusal.ts";

/** A flag of a command. */
export interface Flag {
  type: "boolean" | "string";
  /** What it does, for `--help`. */
  help: string;
  /** Name of its value in `--help`. */
  value?: string;
  default?: string | boolean;
}

/** What the user typed, verified. */
export interface Typed {
  flags: Record<string, string | boolean | undefined>;
  words: string[];
}

/** One command: a file of `cli/`, whose default export this is. */
export interface Command {
  /** Words it takes, as `--help` shows them: `LOGIN`. */
  words?: { usage: string; min: number; max: number };
  flags?: Record<string, Flag>;
  /** Anything to add to `--help`. */
  notes?: string;
  /** Takes every word as it is typed, flags included. */
  verbatim?: boolean;
  /** Answers to `--help` by itself. */
  ownHelp?: boolean;
  /** Runs it; its number is the exit code, 0 when left out. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most commands just end
  run(typed: Typed): Promise<number | void>;
}

/** Flags of every command that works on a stack. */
export const stackFlags = {
  stack: { type: "string", value: "NAME", default: "demo", help: "the stack, that is, which copy of the systems" },
  declaration: {
    type: "string",
    value: "PATH",
    help: "the module that declares the association, from the project's root; remembered unless Pulumi.NAME.yaml names one",
  },
} satisfies Record<string, Flag>;

/** Verifies a command's words and flags; lists everything wrong at once. */
export function readWords(name: string, command: Command, argv: readonly string[]): Typed {
  if (command.verbatim) return { flags: {}, words: [...argv] };
  const flags = command.flags ?? {};
  const { values, positionals, tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      Object.entries(flags).map(([flag, { type }]) => [flag, { type } as ParseArgsOptionDescriptor]),
    ),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const wrong: string[] = [];
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const flag = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined;
    if (flag === undefined)
      wrong.push(
        `${token.rawName} is not a flag of it${suggestion(token.name, [...Object.keys(flags), "help"], "--")}`,
      );
    else if (flag.type === "string" && !token.value)
      wrong.push(`--${token.name} needs a value: --${token.name} ${flag.value ?? "VALUE"}`);
    else if (flag.type === "boolean" && token.value !== undefined) wrong.push(`--${token.name} takes no value`);
  }
  const { min, max, usage } = command.words ?? { min: 0, max: 0, usage: "" };
  if (positionals.length < min) wrong.push(`${usage} is missing`);
  for (const word of positionals.slice(max)) wrong.push(`"${word}" is one word too many`);
  if (wrong.length > 0)
    throw new Refusal({
      what: `\`${name}\`: ${wrong.join("; ")}`,
      fix: `npm run ${name} -- --help shows what it takes`,
    });
  const defaults = Object.fromEntries(Object.entries(flags).map(([flag, { default: value }]) => [flag, value]));
  return { flags: { ...defaults, ...(values as Typed["flags"]) }, words: positionals };
}

/** `; did you mean --stack?`, unless nothing is close enough to be what was meant. */
export function suggestion(typed: string, known: readonly string[], prefix = ""): string {
  if (known.length === 0) return "";
  const best = closest(typed, [...known]);
  return distance(typed, best) <= Math.max(2, Math.floor(typed.length / 2)) ? `; did you mean ${prefix}${best}?` : "";
}

/** The text of `npm run NAME -- --help`. */
export function help(name: string, summary: string, command: Command): string {
  const flags = Object.entries(command.flags ?? {}).map(([flag, { value, help: words, default: preset }]) => {
    const left = `  --${flag}${value ? ` ${value}` : ""}`;
    return `${left.padEnd(28)} ${words}${typeof preset === "string" ? ` (${preset} unless told)` : ""}`;
  });
  const usage = [
    `npm run ${name}`,
    command.words || flags.length > 0 || command.verbatim ? "--" : "",
    command.words?.usage ?? "",
  ];
  return [
    summary,
    "",
    `  ${usage.filter(Boolean).join(" ")}${flags.length > 0 ? " [flags]" : ""}`,
    ...(flags.length > 0 ? ["", ...flags] : []),
    ...(command.notes ? ["", command.notes] : []),
  ].join("\n");
}
