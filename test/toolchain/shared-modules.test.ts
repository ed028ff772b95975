import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const files = globSync("test/**/*.test.ts", {
  exclude: ["test/real/**", "test/browser/**", "test/bench/**", "test/toolchain/**"],
});

/** Unit tests of one worker share their modules (`isolate` in vitest.config.ts): another would get what was put in place of one. */
it.each(files)("no module is replaced, whose other users would not know, by %s", (file) => {
  expect(readFileSync(file, "utf8")).not.toMatch(/\bvi\.(mock|doMock|resetModules)\(/);
});
