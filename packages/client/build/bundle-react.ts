import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** Bytes that the hook or its component adds to a website, compressed: less than that. */
export const REACT_GZIP_BYTES_MAX = 1_024;

/** What `model-views-client/react` exports. */
export const reactExports = ["useTrackModelView", "TrackView"] as const;

const folder = fileURLToPath(new URL("../src/browser", import.meta.url));

/** Bundles one export as a website's bundler does: minified, without React, which the website has. */
export async function bundleReact(name: (typeof reactExports)[number]): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `export { ${name} } from "./use-track-model-view.ts";`,
      resolveDir: folder,
      loader: "ts",
    },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: ["es2022"],
    external: ["react"],
  });
  return outputFiles[0]?.text ?? "";
}
