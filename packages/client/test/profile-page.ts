import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import type { Page } from "playwright-core";

const folder = fileURLToPath(new URL("./pages", import.meta.url));
const modules = fileURLToPath(new URL("../node_modules", import.meta.url));

type BundleOptions = BuildOptions & { page?: "profile" | "kept-pages" };

/** Bundles a React page for a browser, in React's development mode, where effects run twice. */
export async function bundleProfile({ page = "profile", ...options }: BundleOptions): Promise<string> {
  const { outputFiles, warnings } = await build({
    entryPoints: [`${folder}/${page}.tsx`],
    bundle: true,
    write: false,
    jsx: "automatic",
    define: { "process.env.NODE_ENV": `"development"` },
    // React comes from the website.
    nodePaths: [modules],
    ...options,
  });
  if (warnings.length > 0) throw new Error(JSON.stringify(warnings));
  return outputFiles?.[0]?.text ?? "";
}

type Options = { ingestUrl?: string; token?: string; track?: string };

type Profile = {
  show: (modelId: string | null, options?: Options) => void;
  hide: () => void;
  /** The calls of the function that tracks. */
  tracked: unknown[][];
};

/** Controls the bundled page. Each function resolves when React has rendered the change. */
export function profileOn(page: Page) {
  return {
    async show(modelId: string | null, options?: Options) {
      await page.evaluate(
        (given) => (window as unknown as Profile).show(given.modelId, given.options),
        options === undefined ? { modelId } : { modelId, options },
      );
      await page.waitForFunction(
        (shown) => document.querySelector("h1")?.textContent === shown,
        modelId ?? "",
      );
    },
    tracked: () => page.evaluate(() => (window as unknown as Profile).tracked),
    async hide() {
      await page.evaluate(() => (window as unknown as Profile).hide());
      await page.waitForFunction(() => document.querySelector("h1") === null);
    },
  };
}
