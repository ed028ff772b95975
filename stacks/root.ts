import { fileURLToPath } from "node:url";

/** The project's folder. Pulumi runs programs from the folder of their entry, so a relative path would not do. */
export let ROOT: string = fileURLToPath(new URL("../", import.meta.url));

/** Has another folder stand for the project's, until the function that it gives is called. For tests of the whole program. */
export function borrowRoot(folder: string): () => void {
  const own = ROOT;
  ROOT = folder;
  return () => {
    ROOT = own;
  };
}
