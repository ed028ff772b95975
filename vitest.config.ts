import { existsSync } from "node:fs";
import { defineConfig, type TestProjectConfiguration } from "vitest/config";

const REAL_SET_UP = "test/real/setup.ts";
const MINUTE = 60_000;

/** Some five minutes each, beside others that go the same ways: `VIGIE_TEST_ALL=1 npm run test:real` runs them too. */
const BY_REQUEST = ["test/real/rebuild.test.ts", "test/real/upgrade.test.ts"];

/** Suites on real engines, servers and browsers: slow, and one at a time, for they share the demo. */
const onRealParts = (name: string): TestProjectConfiguration => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    exclude: process.env.VIGIE_TEST_ALL ? [] : BY_REQUEST,
    globalSetup: existsSync(REAL_SET_UP) ? [REAL_SET_UP] : [],
    testTimeout: 5 * MINUTE,
    // Real machines are late now and then; what fails twice is broken.
    retry: 1,
    hookTimeout: 30 * MINUTE,
    fileParallelism: false,
  },
});

export default defineConfig({
  test: {
    // Of two processors, one would be left idle.
    maxWorkers: "100%",
    projects: [
      {
        test: {
          name: "unit",
          // One load of the modules for all files of a worker: half of the time was spent loading them again for each.
          isolate: false,
          // Time-outs are for what hangs: a machine that is busy with other things is no failure.
          testTimeout: MINUTE,
          hookTimeout: MINUTE,
          include: ["test/**/*.test.ts"],
          exclude: ["test/real/**", "test/browser/**", "test/bench/**"],
          globalSetup: ["test/temporary.ts"],
          setupFiles: ["test/temporary-worker.ts"],
        },
      },
      onRealParts("real"),
      onRealParts("browser"),
    ],
  },
});
