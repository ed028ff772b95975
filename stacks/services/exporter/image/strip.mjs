// Run while the image is built, in the folder of our code: makes plain JavaScript of it. The part of Node that does so holds some twenty
// megabytes for as long as the program runs, and reads every file anew at each start. Types become spaces: lines and columns stay.
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";

/** What follows `from`, `import` and `import(`: a file of ours. */
const IMPORTED = /((?:from|import)\s*\(?\s*"\.[^"\n]*)\.ts(?=")/g;

for (const file of globSync("{association,dashboards,monitors,runbooks}/**/*.ts")) {
  writeFileSync(file.replace(/ts$/, "js"), stripTypeScriptTypes(readFileSync(file, "utf8")).replace(IMPORTED, "$1.js"));
  rmSync(file);
}
