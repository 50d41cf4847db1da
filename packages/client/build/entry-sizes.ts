import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { gzipBytes } from "./bundle-tracker.ts";

/** Each entry must be smaller than this in bytes, bundled, minified and compressed: it becomes part of a website. */
const GZIP_BYTES_MAX = { index: 6_144, cookies: 1_024, next: 7_168, react: 2_048 };

/** An entry of the package, with the bytes that a bundler would make of it. */
export type EntrySize = { name: string; bytes: number; bytesMax: number };

/** Measures each entry, without React and Next.js, which the website has itself. */
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
