import { expect, it } from "vitest";
import { changesSomething, describePreview, printable, readPreview } from "../../../cli/recovery/preview.ts";

const line = (action: string, item: string): string =>
  JSON.stringify({ message_type: "verbose_status", action, item, size: 1 });
const said = [
  line("restored", "/data/v/new.txt"),
  line("updated", "/data/v/old.txt"),
  line("deleted", "/data/v/later.txt"),
  line("unchanged", "/data/v/same.txt"),
  JSON.stringify({ message_type: "summary", total_files: 4 }),
  "not JSON",
  "",
].join("\n");

it("sorts what would change by what would happen to it", () => {
  expect(readPreview(said)).toEqual({
    added: ["/data/v/new.txt"],
    replaced: ["/data/v/old.txt"],
    removed: ["/data/v/later.txt"],
    unchanged: 1,
  });
});

it("names files by their paths in the volume", () => {
  expect(describePreview(readPreview(said), "/data/v")).toEqual([
    "1 would come back:",
    "  new.txt",
    "1 would be replaced:",
    "  old.txt",
    "1 would be removed:",
    "  later.txt",
    "1 are as they were",
  ]);
});

it("says so when nothing would change", () => {
  const preview = readPreview(line("unchanged", "/data/v/a"));
  expect(changesSomething(preview)).toBe(false);
  expect(describePreview(preview, "/data/v")).toContain("Nothing would change");
});

it("counts what it does not show", () => {
  const many = Array.from({ length: 25 }, (_, index) => line("restored", `/data/v/${index}`)).join("\n");
  expect(describePreview(readPreview(many), "/data/v")).toContain("  … and 5 more");
});

it("lets no name of a file move the cursor or turn the text around", () => {
  const hostile = "a\u001b[2J\r\nb\u202etxt.exe";
  expect(printable(hostile)).toBe("a\ufffd[2J\ufffd\ufffdb\ufffdtxt.exe");
  const shown = describePreview(readPreview(line("deleted", hostile)), "/x").join("");
  for (const sign of ["\u001b", "\u202e", "\r"]) expect(shown).not.toContain(sign);
});
