import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import type { Page } from "playwright-core";

const folder = fileURLToPath(new URL("./pages", import.meta.url));
const modules = fileURLToPath(new URL("../node_modules", import.meta.url));

/** Bundles the React page of a profile for a browser, in React's development mode, where effects run twice. */
export async function bundleProfile(options: BuildOptions): Promise<string> {
  const { outputFiles, warnings } = await build({
    entryPoints: [`${folder}/profile.tsx`],
    bundle: true,
    write: false,
    jsx: "automatic",
    define: { "process.env.NODE_ENV": `"development"` },
    // React is the website's own.
    nodePaths: [modules],
    ...options,
  });
  if (warnings.length > 0) throw new Error(JSON.stringify(warnings));
  return outputFiles?.[0]?.text ?? "";
}

type Profile = {
  show: (modelId: string | null, options?: { ingestUrl?: string; token?: string }) => void;
  hide: () => void;
};

/** Drives the bundled page. React has done what it was told when these resolve. */
export function profileOn(page: Page) {
  return {
    async show(modelId: string | null, options?: { ingestUrl?: string; token?: string }) {
      await page.evaluate(
        (given) => (window as unknown as Profile).show(given.modelId, given.options),
        options === undefined ? { modelId } : { modelId, options },
      );
      await page.waitForFunction(
        (shown) => document.querySelector("h1")?.textContent === shown,
        modelId ?? "",
      );
    },
    async hide() {
      await page.evaluate(() => (window as unknown as Profile).hide());
      await page.waitForFunction(() => document.querySelector("h1") === null);
    },
  };
}
