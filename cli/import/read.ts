import { parseAllDocuments } from "yaml";
import { ImportError, isFields } from "./draft.ts";

/** No configuration of these programs is longer. In bytes. */
export const MOST_BYTES = 5_000_000;
/** A few repetitions are a writer's convenience, many are a bomb ("billion laughs"). */
const MOST_ALIASES = 100;

/**
 * YAML (1.1's merge keys too, as these programs read it) or JSON, which is YAML.
 *
 * Where `wanted` is a key that the configuration has, it may also be wrapped as it is deployed: in a ConfigMap of
 * Kubernetes, among other documents, or as the `config` of a chart's values.
 * @throws ImportError naming the line
 */
export function readYaml(text: string, name: string, wanted?: string): unknown {
  const documents = documentsIn(text, name);
  if (wanted === undefined) return documents[0];
  for (const document of documents) {
    const found = unwrapped(document, name, wanted);
    if (found !== undefined) return found;
  }
  return documents[0];
}

function documentsIn(text: string, name: string): unknown[] {
  if (Buffer.byteLength(text) > MOST_BYTES) throw new ImportError(`${name}: more than ${MOST_BYTES} bytes`);
  const documents = parseAllDocuments(text, { merge: true, uniqueKeys: true, schema: "core", logLevel: "silent" });
  if (!Array.isArray(documents)) return [undefined];
  return documents.map((document) => {
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
  });
}

function unwrapped(document: unknown, name: string, wanted: string): unknown {
  if (!isFields(document)) return undefined;
  if (Object.hasOwn(document, wanted)) return document;
  if (isFields(document.config) && Object.hasOwn(document.config, wanted)) return document.config;
  if (document.kind !== "ConfigMap" || !isFields(document.data)) return undefined;
  for (const [key, inner] of Object.entries(document.data)) {
    if (typeof inner !== "string" || !/\.(ya?ml|json)$/.test(key)) continue;
    const [config] = documentsIn(inner, `${name}, ${key}`);
    if (isFields(config) && Object.hasOwn(config, wanted)) return config;
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
    throw new ImportError(`${name}: ${(error as Error).message.replace(/,? ?\.*"[\s\S]*$/, "")}`);
  }
}
