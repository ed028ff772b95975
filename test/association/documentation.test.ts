import { globSync, readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, it } from "vitest";

/** Everything that a declaration may say is a property of a zod object in one of these files. */
const FILES = [
  ...globSync("association/schema/*.ts"),
  "association/declaration.ts",
  ...globSync("stacks/services/*/kind.ts"),
  ...globSync("monitors/checks/*.ts"),
]
  // What a machine of ours answers, not what a declaration says.
  .filter((file) => !/\/_((mail|nas)-status|smart)\.ts$/.test(file))
  .sort();

/** The discriminators of unions explain themselves by their value. */
const SELF_EXPLANATORY = new Set(["by"]);

/** Fields of zod objects in a source without a comment of their own, as `line: name`. */
function undocumented(source: string): string[] {
  const file = ts.createSourceFile("schema.ts", source, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const shared = ts.isVariableDeclaration(node) && /(^p|P)arams$/.test(node.name.getText()) && node.initializer;
    if (shared && ts.isObjectLiteralExpression(shared)) {
      for (const property of shared.properties)
        if (ts.getJSDocCommentsAndTags(property).length === 0 && !ts.isSpreadAssignment(property))
          found.push(
            `${file.getLineAndCharacterOfPosition(property.getStart()).line + 1}: ${property.name?.getText()}`,
          );
    }
    if (ts.isCallExpression(node) && /^z\.(strictObject|looseObject|object)$/.test(node.expression.getText())) {
      const [shape] = node.arguments;
      for (const property of shape && ts.isObjectLiteralExpression(shape) ? shape.properties : []) {
        // Fields that several kinds share are documented where they are written.
        if (ts.isSpreadAssignment(property)) continue;
        const name = property.name?.getText() ?? "";
        if (SELF_EXPLANATORY.has(name)) continue;
        if (ts.getJSDocCommentsAndTags(property).length === 0) {
          found.push(`${file.getLineAndCharacterOfPosition(property.getStart()).line + 1}: ${name}`);
        }
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

describe("every field of a declaration has a comment, which the editor shows", () => {
  it.each(FILES)("%s", (file) => {
    expect(undocumented(readFileSync(file, "utf8"))).toEqual([]);
  });

  it("a field without one is found", () => {
    expect(undocumented("const a = z.strictObject({\n /** Yes. */\n b: z.string(),\n c: z.string(),\n});")).toEqual([
      "4: c",
    ]);
  });
});
