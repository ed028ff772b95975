import { parseDocument } from "yaml";
import { ImportError } from "./draft.ts";

/** No configuration of these programs is longer. In bytes. */
const MOST_BYTES = 5_000_000;
/** A few repetitions are a writer's convenience, many are a bomb ("billion laughs"). */
const MOST_ALIASES = 100;

/** YAML (1.1's merge keys too, as these programs read it) or JSON, which is YAML. @throws ImportError naming the line */
export function readYaml(text: string, name: string): unknown {
  if (Buffer.byteLength(text) > MOST_BYTES) throw new ImportError(`${name}: more than ${MOST_BYTES} bytes`);
  const document = parseDocument(text, { merge: true, uniqueKeys: true, schema: "core", logLevel: "silent" });
  const [wrong] = document.errors;
  if (wrong !== undefined) {
    const line = wrong.linePos?.[0].line;
    throw new ImportError(`${name}${line === undefined ? "" : `, line ${line}`}: ${wrong.message.split("\n")[0]}`);
  }
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown;
  } catch (error) {
    throw new ImportError(`${name}: ${(error as Error).message}`);
  }
}

/** @throws ImportError */
export function readJson(text: string, name: string): unknown {
  if (Buffer.byteLength(text) > MOST_BYTES) throw new ImportError(`${name}: more than ${MOST_BYTES} bytes`);
  try {
    return JSON.parse(text.replace(/^\uFEFF/, "")) as unknown;
  } catch (error) {
    throw new ImportError(`${name}: ${(error as Error).message}`);
  }
}
