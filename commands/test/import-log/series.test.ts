import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { test as base } from "@model-views/testing/fixtures.ts";
import { COMPILE_CACHE } from "@model-views/testing/services.ts";
import { expect } from "vitest";
import { modelIdOf } from "../../import-log/models.ts";

const main = fileURLToPath(new URL("../../import-log/main.ts", import.meta.url));

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SAFARI =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML) Version/18.0 Safari/605.1.15";
const BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

/** A line of Combined Log Format. */
function line(
  time: string,
  request: string,
  { address = "192.0.2.1", agent = FIREFOX, status = 200, referrer = "-" } = {},
): string {
  return `${address} - - [${time}] "${request} HTTP/1.1" ${status} 2326 "${referrer}" "${agent}"`;
}

const LOG = [
  // /guides/: one viewer twice, the same line again, another by the user agent, another by the address, a bot.
  line("02/Mar/2016:00:00:00 +0000", "GET /guides/"),
  line("02/Mar/2016:00:00:00 +0000", "GET /guides/"),
  line("02/Mar/2016:09:30:00 +0000", "GET /guides/?page=2#end", { referrer: "https://example.org/list" }),
  line("02/Mar/2016:09:31:00 +0000", "GET /guides/", { agent: SAFARI }),
  line("02/Mar/2016:23:59:59 +0000", "GET /guides/", { address: "2001:db8::1" }),
  line("02/Mar/2016:12:00:00 +0000", "GET /guides/", { address: "198.51.100.7", agent: BOT }),
  // Midnight in the log is the day before in UTC, and the evening the day after.
  line("03/Mar/2016:01:30:00 +0200", "GET /guides/", { address: "192.0.2.2" }),
  line("03/Mar/2016:22:00:00 -0500", "GET /guides/", { address: "192.0.2.3" }),
  // Not views.
  line("02/Mar/2016:10:00:00 +0000", "GET /guides/", { status: 404 }),
  line("02/Mar/2016:10:00:00 +0000", "GET /guides/", { status: 304 }),
  line("02/Mar/2016:10:00:00 +0000", "POST /guides/"),
  line("02/Mar/2016:10:00:00 +0000", "HEAD /guides/"),
  // Another path, over the end of February in a leap year.
  line("29/Feb/2016:23:59:59 +0000", "GET /about.html"),
  line("01/Mar/2016:00:00:00 +0000", "GET /about.html"),
  line("04/Mar/2016:08:00:00 +0000", "GET /about.html", { agent: SAFARI }),
  line("04/Mar/2016:08:00:00 +0000", "GET /about.html", { agent: BOT }),
  line("02/Mar/2016:10:00:00 +0000", "GET /guides/").slice(0, 60),
];

/** Views and viewers of each day, with bots and without. */
const EXPECTED = {
  "/guides/": { include: "0/0 0/0 7/5 0/0 1/1", exclude: "0/0 0/0 6/4 0/0 1/1" },
  "/about.html": { include: "1/1 1/1 0/0 0/0 2/2", exclude: "1/1 1/1 0/0 0/0 1/1" },
};

const test = base.extend<{ folder: string }>({
  folder: async ({ task: _ }, use) => {
    const folder = await mkdtemp(join(tmpdir(), "import-log-series-"));
    await use(folder);
    await rm(folder, { recursive: true });
  },
});

test("an imported log shows in the daily series of its paths, and a second import changes nothing", async ({
  folder,
  start,
}) => {
  const [ingest, stats] = await Promise.all([
    start("ingest"),
    start("stats-api"),
    start("worker", { RETENTION_DAYS: "0" }),
  ]);
  const file = join(folder, "access.log.gz");
  await writeFile(file, gzipSync(LOG.join("\n")));
  const importLog = () =>
    promisify(execFile)(process.execPath, [main, file, "--ingest", ingest.url, "--stats", stats.url], {
      env: COMPILE_CACHE,
    });

  async function series(): Promise<Record<string, Record<string, string>>> {
    const found: Record<string, Record<string, string>> = {};
    for (const path of Object.keys(EXPECTED)) {
      const of: Record<string, string> = {};
      for (const bots of ["include", "exclude"]) {
        const query = `interval=day&from=2016-02-29&to=2016-03-05&bots=${bots}`;
        const response = await fetch(`${stats.url}/v1/models/${modelIdOf(path)}/timeseries?${query}`);
        const { items } = (await response.json()) as { items: { views: number; uniqueViews: number }[] };
        of[bots] = items.map(({ views, uniqueViews }) => `${views}/${uniqueViews}`).join(" ");
      }
      found[path] = of;
    }
    return found;
  }

  const { stdout } = await importLog();
  expect(stdout).toMatch(/views posted +12 .*\nmodels made +2\nlines skipped +4 .*\nbad lines +1\n/);
  await expect.poll(series).toEqual(EXPECTED);
  expect((await importLog()).stdout).toMatch(/views posted +12 .*\nmodels made +0\n/);
  // The queue keeps the order: once this view is counted, those of the second run have been recorded as well.
  await writeFile(file, gzipSync(line("05/Mar/2016:10:00:00 +0000", "GET /last")));
  await importLog();
  const lastStats = `${stats.url}/v1/models/${modelIdOf("/last")}/stats`;
  await expect.poll(async () => (await fetch(lastStats)).json()).toMatchObject({ totalViews: 1 });
  expect(await series()).toEqual(EXPECTED);
});
