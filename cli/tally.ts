import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";

/** What of vitest's JSON report (its `json` reporter, after Jest's) is counted. */
export interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests?: number;
  success: boolean;
  testResults: { name: string; status: string; message?: string; assertionResults: Assertion[] }[];
}

interface Assertion {
  fullName: string;
  status: string;
  failureMessages?: string[] | null;
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

/** Longest reason that is quoted, in characters. */
const REASON = 300;

/**
 * What failed, a line each: file, test, and the first line of why. Told again once everything has run: of long logs the end
 * is read first, and it may be all that is kept.
 */
export function failures(report: Report | undefined, root: string): string[] {
  return (report?.testResults ?? []).flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name);
    if (assertionResults.length === 0) return status === "failed" ? [`${file}: ${firstLine(message)}`] : [];
    return assertionResults
      .filter(({ status }) => status === "failed")
      .map(({ fullName, failureMessages }) => `${file} > ${fullName}: ${firstLine(failureMessages?.join("\n"))}`);
  });
}

const firstLine = (text = ""): string =>
  (stripVTControlCharacters(text).trim().split("\n")[0] || "no reason was given").slice(0, REASON);

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
