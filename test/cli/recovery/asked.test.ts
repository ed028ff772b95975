import { expect, it } from "vitest";
import { readAsked } from "../../../cli/recovery/asked.ts";

const refused = (flags: Record<string, string | boolean>): string => {
  try {
    readAsked(flags);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};

it("lists snapshots when nothing but a service is named", () => {
  expect(readAsked({ service: "wiki" })).toMatchObject({ service: "wiki", snapshot: undefined, inPlace: false });
});

it.each([
  [{ service: "wiki", snapshot: "1aaa", browse: "." }],
  [{ service: "wiki", snapshot: "1aaa", to: "x" }],
  [{ service: "wiki", snapshot: "1aaa", to: "x", file: "a" }],
  [{ service: "wiki", snapshot: "1aaa", "in-place": true, file: "a", exact: true, yes: true }],
])("takes %j", (flags) => {
  expect(refused(flags)).toBe("");
});

it.each([
  [{}, /--service is missing/],
  [{ service: "w", snapshot: "1" }, /say what to do with the snapshot/],
  [{ service: "w", file: "a" }, /--file needs --snapshot ID/],
  [{ service: "w", "in-place": true }, /--in-place needs --snapshot ID/],
  [{ service: "w", snapshot: "1", to: "x", "in-place": true }, /--to and --in-place do not go together/],
  [{ service: "w", snapshot: "1", browse: "a", file: "b" }, /--browse takes its path itself/],
  [{ service: "w", snapshot: "1", to: "x", exact: true }, /--exact goes with --in-place/],
  [{ service: "w", snapshot: "1", to: "x", yes: true }, /--yes goes with --in-place/],
])("refuses %j", (flags, words) => {
  expect(refused(flags as Record<string, string>)).toMatch(words);
});

it("tells everything that is wrong at once", () => {
  expect(refused({ "in-place": true, to: "x", exact: true, file: "a" })).toMatch(
    /--service is missing.*do not go together.*needs --snapshot/,
  );
});
