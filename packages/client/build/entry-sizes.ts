import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { gzipBytes } from "./bundle-tracker.ts";

/** Bytes of each entry, bundled, minified and compressed: less than that. What a website bundles is to stay small. */
const GZIP_BYTES_MAX = { index: 6_144, cookies: 1_024, next: 7_168, react: 2_048 };

/** An entry of the package, with its bytes as a bundler would deliver it. */
export type EntrySize = { name: string; bytes: number; bytesMax: number };

/** Measures every entry. What the website has itself (React, Next.js) does not count. */
export function entrySizes(): Promise<EntrySize[]> {
  return Promise.all(
    Object.entries(GZIP_BYTES_MAX).map(async ([name, bytesMax]) => ({
      name,
      bytes: gzipBytes(await bundle(name)),
      bytesMax,
    })),
  );
}

async function bundle(name: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: ["es2022"],
    external: ["react", "react/*", "next/*"],
  });
  return outputFiles.map(({ text }) => text).join("");
}
