import { parseAllDocuments } from "yaml";
import { type Fields, ImportError, isFields } from "./draft.ts";

/** A file as it was given. */
export interface ConfigFile {
  readonly text: string;
  readonly name: string;
}

/** No configuration of these programs is longer. In bytes. */
export const MOST_BYTES = 5_000_000;
/** What a file of that size can say, and what a bomb of repetitions ("billion laughs") exceeds. */
const MOST_VALUES = 2_000_000;

/**
 * YAML (1.1's merge keys too, as these programs read it) or JSON, which is YAML.
 *
 * Where `wanted` is a key that the configuration has, it may also be wrapped as it is deployed: in a ConfigMap of
 * Kubernetes, among other documents, or in the values of a chart, where other things may have such a key: `isIt` tells.
 * @throws ImportError naming the line
 */
export function readYaml(text: string, name: string, wanted?: string, isIt = (_: Fields) => true): unknown {
  const documents = documentsIn(text, name);
  if (wanted === undefined) return documents[0];
  for (const document of documents) {
    const found = unwrapped(document, name, (one, depth) => Object.hasOwn(one, wanted) && (depth === 0 || isIt(one)));
    if (found !== undefined) return found;
  }
  return documents[0];
}

function documentsIn(text: string, name: string): unknown[] {
  if (Buffer.byteLength(text) > MOST_BYTES) throw new ImportError(`${name}: more than ${MOST_BYTES} bytes`);
  try {
    const documents = parseAllDocuments(text, { merge: true, uniqueKeys: true, schema: "core", logLevel: "silent" });
    return (Array.isArray(documents) ? documents : []).map((document) => {
      const [wrong] = document.errors;
      if (wrong !== undefined) {
        const line = wrong.linePos?.[0].line;
        const why = /call stack/.test(wrong.message) ? TOO_DEEP : wrong.message.split("\n")[0];
        throw new ImportError(`${name}${line === undefined ? "" : `, line ${line}`}: ${why}`);
      }
      // Aliases are one object seen from several places: many of them are no more than a writer's convenience.
      const value: unknown = document.toJS({ maxAliasCount: -1 });
      if (valuesIn(value) > MOST_VALUES) throw new ImportError(`${name}: it repeats itself beyond reason`);
      return value;
    });
  } catch (error) {
    if (error instanceof ImportError) throw error;
    throw new ImportError(`${name}: ${error instanceof RangeError ? TOO_DEEP : (error as Error).message}`);
  }
}

const TOO_DEEP = "it is nested too deep, or within itself";

/** How many values there are, each as often as it is seen. @throws RangeError where one is within itself */
function valuesIn(value: unknown, known = new Map<object, number>()): number {
  if (typeof value !== "object" || value === null) return 1;
  const before = known.get(value);
  if (before !== undefined) return before;
  known.set(value, Number.NaN);
  let sum = 1;
  for (const inner of Object.values(value)) sum += valuesIn(inner, known);
  if (Number.isNaN(sum)) throw new RangeError("a value within itself");
  known.set(value, sum);
  return sum;
}

/** Nothing is wrapped more often: `spec.values.configMaps.config.data`. */
const MOST_WRAPPERS = 8;

/** What is wanted, nearest to the outside; texts are looked into where they are called as files are. */
function unwrapped(document: unknown, name: string, isWanted: (one: Fields, depth: number) => boolean): unknown {
  let level = [document];
  for (let depth = 0; depth <= MOST_WRAPPERS; depth++) {
    const fields = level.filter(isFields);
    const found = fields.find((one) => isWanted(one, depth));
    if (found !== undefined) return found;
    level = fields.flatMap((one) =>
      Object.entries(one).flatMap(([key, inner]) =>
        typeof inner === "string" && /\.(ya?ml|json)$/.test(key) ? documentsIn(inner, `${name}, ${key}`) : [inner],
      ),
    );
  }
  return undefined;
}

/** @throws ImportError */
export function readJson(text: string, name: string): unknown {
  if (Buffer.byteLength(text) > MOST_BYTES) throw new ImportError(`${name}: more than ${MOST_BYTES} bytes`);
  try {
    return JSON.parse(text.replace(/^\uFEFF/, "")) as unknown;
  } catch (error) {
    // What a parser quotes of the text may be a secret.
    throw new ImportError(`${name}: it is no JSON: ${(error as Error).message.replace(/,? ?\.*"[\s\S]*$/, "")}`);
  }
}
