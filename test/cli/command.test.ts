import { describe, expect, it } from "vitest";
import { type Command, help, readWords, suggestion } from "../../cli/command.ts";
import { Refusal } from "../../cli/refusal.ts";

const command: Command = {
  words: { usage: "[LOGIN]", min: 0, max: 1 },
  flags: {
    stack: { type: "string", value: "NAME", default: "demo", help: "which stack" },
    "delete-data": { type: "boolean", help: "for ever" },
  },
  notes: "A note.",
  run: async () => {},
};
const refusal = (argv: string[], of: Command = command): string => {
  try {
    readWords("down", of, argv);
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
  return "accepted";
};

describe("readWords", () => {
  it("gives the defaults of flags that are not typed", () => {
    expect(readWords("down", command, [])).toEqual({ flags: { stack: "demo", "delete-data": undefined }, words: [] });
  });
  it("reads flags before and after words, with a space or an equals sign", () => {
    const expected = { flags: { stack: "x", "delete-data": true }, words: ["amelie"] };
    expect(readWords("down", command, ["--stack", "x", "amelie", "--delete-data"])).toEqual(expected);
    expect(readWords("down", command, ["--stack=x", "--delete-data", "amelie"])).toEqual(expected);
  });
  it("suggests the flag that was meant", () => {
    expect(refusal(["--stak=x"])).toMatch(/--stak is not a flag of it; did you mean --stack\?/);
  });
  it("suggests nothing where nothing is near", () => {
    expect(refusal(["--zzzzzzzz"])).not.toMatch(/did you mean/);
  });
  it("refuses a flag without its value", () => {
    expect(refusal(["--stack"])).toMatch(/--stack needs a value: --stack NAME/);
    expect(refusal(["--stack="])).toMatch(/--stack needs a value/);
  });
  it("refuses a value where none is taken", () => {
    expect(refusal(["--delete-data=yes"])).toMatch(/--delete-data takes no value/);
  });
  it("lists everything wrong at once, and where to read more", () => {
    const words = refusal(["a", "b", "--nope", "--stack"]);
    expect(words).toMatch(/--nope.*--stack needs.*"b" is one word too many/);
    expect(words).toMatch(/npm run down -- --help/);
  });
  it("refuses too few words by their name", () => {
    expect(refusal([], { ...command, words: { usage: "LOGIN", min: 1, max: 1 } })).toMatch(/LOGIN is missing/);
  });
  it("does not take inherited names for flags", () => {
    expect(refusal(["--toString"])).toMatch(/--toString is not a flag/);
    expect(refusal(["--constructor=x"])).toMatch(/--constructor is not a flag/);
  });
  it("leaves every word to a command that takes them verbatim", () => {
    const verbatim = { ...command, verbatim: true };
    expect(readWords("pulumi", verbatim, ["stack", "--help", "-s"])).toEqual({
      flags: {},
      words: ["stack", "--help", "-s"],
    });
  });
});

describe("help", () => {
  it("shows the words, each flag with its default, and the notes", () => {
    const text = help("down", "Removes.", command);
    expect(text).toMatch(/^Removes\./);
    expect(text).toContain("npm run down -- [LOGIN] [flags]");
    expect(text).toMatch(/--stack NAME +which stack \(demo unless told\)/);
    expect(text).toMatch(/A note\.$/);
  });
});

describe("suggestion", () => {
  it("is empty where nothing is known", () => {
    expect(suggestion("x", [])).toBe("");
  });
});
