import { join } from "node:path";
import ts from "typescript";
import { ROOT } from "../cli/places.ts";

/** What the compiler has to say of a place in a file. */
export interface Finding {
  /** Counted from 1. */
  lineNumber: number;
  /** What stands there. */
  line: string;
  message: string;
}

/**
 * One run of the compiler, as tsconfig.json sets it, over files that are in no folder but for it.
 * @param folder where they seem to be: what they import is found from there
 * @param written by path
 */
export function compile(folder: string, written: ReadonlyMap<string, string>): Map<string, Finding[]> {
  const { config } = ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, ROOT);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, directoryExists } = host;
  host.fileExists = (file) => written.has(file) || fileExists(file);
  host.readFile = (file) => written.get(file) ?? readFile(file);
  host.directoryExists = (path) => path === folder || (directoryExists?.(path) ?? true);
  host.getSourceFile = (file, languageVersion) => {
    const source = host.readFile(file);
    return source === undefined ? undefined : ts.createSourceFile(file, source, languageVersion);
  };
  const program = ts.createProgram([...written.keys()], options, host);
  return new Map(
    [...written.keys()].map((file) => {
      const source = program.getSourceFile(file)!;
      const lines = source.text.split("\n");
      const diagnostics = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
      return [
        file,
        diagnostics.map(({ start, messageText }) => {
          const { line } = source.getLineAndCharacterOfPosition(start ?? 0);
          const message = ts.flattenDiagnosticMessageText(messageText, "\n");
          return { lineNumber: line + 1, line: lines[line]!.trim(), message };
        }),
      ];
    }),
  );
}
