/** What of vitest's JSON report (its `json` reporter, after Jest's) is counted. */
export interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests?: number;
  success: boolean;
  testResults: { name: string; status: string; assertionResults: unknown[] }[];
}

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Counts the tests of a run. Beside failed tests, it counts as failed a file that could not be loaded, and a run that ended
 * badly or without a report: what could not be run has not passed.
 *
 * @param code exit code of vitest
 */
export function tally(report: Report | undefined, code: number): Tally {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
  );
  const failed = report.numFailedTests + unloaded.length;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && (code !== 0 || !report.success) ? 1 : failed,
    skipped: report.numPendingTests ?? 0,
  };
}

export const sum = (tallies: readonly Tally[]): Tally =>
  tallies.reduce(
    (total, { passed, failed, skipped }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );

/** The line that ends every test run. */
export const closingLine = ({ passed, failed }: Tally): string => `${passed} passed, ${failed} failed`;
