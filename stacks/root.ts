import { fileURLToPath } from "node:url";

/** The project's folder. Pulumi runs programs from the folder of their entry, so a relative path would not do. */
export const ROOT: string = fileURLToPath(new URL("../", import.meta.url));
