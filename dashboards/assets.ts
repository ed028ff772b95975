import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

/** A file that pages refer to. Its address holds a hash of its content, so that browsers may keep it for ever. */
export interface Asset {
  /** `/assets/vigie.3f2a9c01.css` */
  readonly path: string;
  /** Media type. */
  readonly type: string;
  readonly body: Buffer;
}

const FOLDER = new URL("assets/", import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  js: "text/javascript; charset=utf-8",
};

/** By file name in `dashboards/assets/`. */
export const assets: Readonly<Record<string, Asset>> = Object.fromEntries(
  readdirSync(FOLDER)
    .sort()
    .map((file) => {
      const body = readFileSync(new URL(file, FOLDER));
      const hash = createHash("sha256").update(body).digest("hex").slice(0, 12);
      const [, name, extension] = /^(.+)\.([a-z]+)$/.exec(file) ?? [];
      if (extension === undefined || TYPES[extension] === undefined) {
        throw new Error(`dashboards/assets/${file}: expected a file ending in ${Object.keys(TYPES).join(", ")}`);
      }
      return [file, { path: `/assets/${name}.${hash}.${extension}`, type: TYPES[extension], body }];
    }),
);

/** By address, for the server. */
export const assetsByPath: ReadonlyMap<string, Asset> = new Map(
  Object.values(assets).map((asset) => [asset.path, asset]),
);
