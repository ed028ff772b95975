import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/**
 * What commands tell the user. Everything goes to stderr but results (`result`), so that
 * `npm run --silent password -- amelie | wl-copy` copies the password alone.
 */
export const say = {
  /** A line of progress. */
  line: (text: string): void => write(text),
  /** The start of a step that takes time. */
  step: (text: string): void => write(paint("bold", text)),
  good: (text: string): void => write(`${paint("green", "✓")} ${text}`),
  warn: (text: string): void => write(`${paint("yellow", "!")} ${text}`),
  bad: (text: string): void => write(paint("red", text)),
  /** What was asked for. */
  result: (text: string): void => void process.stdout.write(`${text}\n`),
};

/** Colour for people only: not in a file, a pipe or a CI log, nor where NO_COLOR says so. */
export function paint(style: Style, text: string): string {
  return process.stderr.isTTY && !process.env.NO_COLOR ? styleText(style, text, { validateStream: false }) : text;
}

const write = (text: string): void => void process.stderr.write(`${text}\n`);
