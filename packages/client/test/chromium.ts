import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Browser, chromium, errors } from "playwright-core";

const clientFolder = fileURLToPath(new URL("..", import.meta.url));
const cacheFolder = fileURLToPath(new URL("../../../.cache", import.meta.url));

/** The package's own configuration looks for fonts in folders of Lambda, and without a font a text has no size. */
const FONTS_CONF = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;

/** As with a window: "HeadlessChrome" is a bot's, and its views are not counted. */
const USER_AGENT =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";

/** How often a browser is started that crashes while it starts. */
const LAUNCHES_MAX = 3;

/** A process that ended by a signal, in the log that Playwright puts into the error. */
const CRASH = /<process did exit: exitCode=null, signal=(SIG\w+)>/;

/** A browser on this disk, and what it needs to be started with. */
export type Chromium = { path: string; args: string[]; env: Record<string, string> };

/**
 * The Chromium that comes as an npm package, unpacked into `.cache` once (200 MB, 3 s) with its libraries and fonts.
 * `TEST_CHROMIUM` names another one, which other systems than Linux on x86-64 need.
 *
 * The package's own `args` are not used: they disable checks that these tests need (`--disable-web-security`).
 */
export async function findChromium(): Promise<Chromium> {
  const args = [
    "--no-sandbox",
    "--disable-gpu",
    // Otherwise the page sees that software controls the browser, and ingest takes its views for a bot's.
    "--disable-blink-features=AutomationControlled",
    `--user-agent=${USER_AGENT}`,
  ];
  const { TEST_CHROMIUM, PATH = "", HOME = "" } = process.env;
  if (TEST_CHROMIUM) return { path: TEST_CHROMIUM, args, env: { PATH, HOME } };
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(
      `There is no packaged browser for ${process.platform} on ${process.arch}: name a Chromium in TEST_CHROMIUM`,
    );
  }
  const folder = await unpacked();
  const env = {
    PATH,
    HOME: folder,
    FONTCONFIG_PATH: join(folder, "fonts"),
    LD_LIBRARY_PATH: join(folder, "al2023", "lib"),
  };
  return { path: join(folder, "chromium"), args, env };
}

/**
 * A running browser. Chromium sometimes crashes while it starts (`SIGSEGV`), through no fault of what is tested: it is
 * started three times at most, and each crash is a line on stderr. Every other failure rejects at once.
 */
export async function launchChromium(
  { path, args, env }: Chromium,
  log: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): Promise<Browser> {
  for (let launch = 1; ; launch++) {
    try {
      return await chromium.launch({ executablePath: path, args, env });
    } catch (error) {
      const signal = crashSignal(error);
      if (signal === undefined) throw error;
      log(`The browser crashed while it started (${signal}), ${launch} of ${LAUNCHES_MAX} times`);
      if (launch === LAUNCHES_MAX) throw error;
    }
  }
}

/** Playwright itself kills a browser that takes too long: that is not a crash. */
function crashSignal(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof errors.TimeoutError) return undefined;
  return CRASH.exec(error.message)?.[1];
}

/** Unpacks into a temporary folder first: another test file may unpack at the same time. */
async function unpacked(): Promise<string> {
  const manifest = join(clientFolder, "node_modules/@sparticuz/chromium/package.json");
  const { version } = JSON.parse(await readFile(manifest, "utf8")) as { version: string };
  const folder = join(cacheFolder, `chromium-${version}`);
  if (existsSync(folder)) return folder;
  await mkdir(cacheFolder, { recursive: true });
  const staging = await mkdtemp(join(cacheFolder, "chromium-new-"));
  try {
    await unpackInto(staging);
    await rename(staging, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return folder;
}

/** The package unpacks into the folder for temporary files, and unpacks its libraries only on Lambda. */
async function unpackInto(folder: string): Promise<void> {
  const script = `import chromium from "@sparticuz/chromium"; await chromium.executablePath();`;
  await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: clientFolder,
    env: { PATH: dirname(process.execPath), TMPDIR: folder, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x" },
  });
  await writeFile(join(folder, "fonts", "fonts.conf"), FONTS_CONF);
}
