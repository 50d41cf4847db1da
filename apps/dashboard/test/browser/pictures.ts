import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findChromium, launchChromium } from "../../../../packages/client/test/chromium.ts";

const HELP = `
npm run screenshots [-- --origin ADDRESS] [-- --out FOLDER]

Takes the pictures of the README from a running dashboard: start npm run demo first, in another window.

--origin ADDRESS  where it runs (http://127.0.0.1:4002)
--out FOLDER      where the pictures go (docs/pictures)`;

/** The pictures: their names, the pages, and the themes. */
const PICTURES = [
  ["overview-light", "/", "light"],
  ["overview-dark", "/", "dark"],
  ["front-page-dark", "/front-page", "dark"],
] as const;

/** Pixels on the screen; a picture has twice as many. */
const VIEWPORT = { width: 1280, height: 860 };
const PAGE_MS_MAX = 30_000;

const { values } = parseArgs({
  options: {
    origin: { type: "string", default: "http://127.0.0.1:4002" },
    out: { type: "string", default: fileURLToPath(new URL("../../../../docs/pictures", import.meta.url)) },
    help: { type: "boolean", default: false },
  },
});
if (values.help) process.stdout.write(`${HELP.trim()}\n`);
else await takePictures(values);

async function takePictures({ origin, out }: { origin: string; out: string }): Promise<void> {
  await mkdir(out, { recursive: true });
  const browser = await launchChromium(await findChromium());
  try {
    for (const [name, path, colorScheme] of PICTURES) {
      const page = await browser.newPage({
        viewport: VIEWPORT,
        deviceScaleFactor: 2,
        colorScheme,
        locale: "en-GB",
      });
      page.setDefaultTimeout(PAGE_MS_MAX);
      await page.goto(origin + path);
      await page.locator('[aria-busy="false"]').first().waitFor();
      await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
      await page.screenshot({ path: join(out, `${name}.png`) });
      process.stdout.write(`${name}.png\n`);
      await page.close();
    }
  } finally {
    await browser.close();
  }
}
