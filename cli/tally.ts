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

/** A test that failed, by its file and name, and the first line of why. */
export interface Failure {
  test: string;
  why: string;
}

/**
 * What failed. Told again once everything has run: of long logs the end is read first, and it may be all that is kept.
 */
export function failures(report: Report | undefined, root: string): Failure[] {
  return (report?.testResults ?? []).flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name);
    if (assertionResults.length === 0) return status === "failed" ? [{ test: file, why: firstLine(message) }] : [];
    return assertionResults
      .filter(({ status }) => status === "failed")
      .map(({ fullName, failureMessages }) => ({
        test: `${file} > ${fullName}`,
        why: firstLine(failureMessages?.join("\n")),
      }));
  });
}

export const written = ({ test, why }: Failure): string => `${test}: ${why}`;

/** Files with a test that failed, or that do not load; relative to the root. */
export const failedFiles = (report: Report | undefined, root: string): string[] =>
  (report?.testResults ?? []).filter(({ status }) => status === "failed").map(({ name }) => relative(root, name));

/** A report in which files that were run again stand as they ended the second time. */
export function withSecond(first: Report, second: Report): Report {
  const anew = new Map(second.testResults.map((file) => [file.name, file]));
  const replaced = first.testResults.filter(({ name }) => anew.has(name));
  const testResults = first.testResults.map((file) => anew.get(file.name) ?? file);
  const less = (status: string): number => count([...anew.values()], status) - count(replaced, status);
  return {
    numPassedTests: first.numPassedTests + less("passed"),
    numFailedTests: first.numFailedTests + less("failed"),
    numPendingTests: (first.numPendingTests ?? 0) + less("skipped") + less("pending"),
    success: second.success && testResults.every(({ status }) => status !== "failed"),
    testResults,
  };
}

const count = (files: Report["testResults"], wanted: string): number =>
  files.flatMap(({ assertionResults }) => assertionResults).filter(({ status }) => status === wanted).length;

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
