import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { putModel } from "@model-views/db/models/put-model.ts";
import { test as base } from "@model-views/testing/fixtures.ts";
import type { RunningService } from "@model-views/testing/services.ts";
import { expect } from "vitest";
import { z } from "zod";
import { EXAMPLE_MODEL } from "../start/example-model.ts";
import { welcome } from "../start/welcome.ts";

const run = promisify(execFile);
const inRoot = (path: string) => new URL(`../../${path}`, import.meta.url);

/** Documents whose commands are run, in this order, on one system. */
const PAGES = ["README.md", "docs/guide.md", "docs/api.md", "docs/operations.md", "docs/runbook.md"];

/** Commands that are not run here, by how they begin, and why. */
const NOT_RUN: Record<string, string> = {
  "git clone": "the checkout is there",
  "npm start": "it runs until it is stopped, on ports that may be taken",
  "npm run dev": "the same; dev.test.ts tries it",
  "npm run check": "it runs this test",
  "npm run migrate": "the fixtures have done it",
  "npm run ingest": "the services run already",
  "npm run worker": "the services run already",
  "npm run stats-api": "the services run already",
  "cp .env.example": "it would change the checkout",
  "docker compose": "compose.test.ts reads its file",
  "ADMIN_HOST=0.0.0.0 docker compose": "the same",
};

type System = {
  ingest: RunningService;
  statsApi: RunningService;
  worker: RunningService;
  /** What a shell prints for a command of a document. A command that fails, and a `curl` that is refused, is an error. */
  paste(command: string): Promise<string>;
};

/** As `npm start` runs it: in development, without keys, with the example model; and an access log. */
const test = base.extend<{ examples: System }>({
  examples: async ({ db, databaseUrl, redisUrl, start }, use) => {
    await putModel(db, EXAMPLE_MODEL);
    const [ingest, statsApi, worker] = await Promise.all([
      start("ingest"),
      start("stats-api"),
      start("worker"),
    ]);
    const folder = await mkdtemp(join(tmpdir(), "pasted-"));
    await writeFile(join(folder, "access.log.gz"), gzipSync(logOf(new Date())));
    const env = {
      PATH: process.env["PATH"],
      INIT_CWD: folder,
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      INGEST_PORT: String(portOf(ingest.url)),
      STATS_PORT: String(portOf(statsApi.url)),
    };
    const scripts = await npmScripts();
    const hosts = hostsOf({ ingest, statsApi, worker });
    const paste = async (command: string) => {
      const here = ofThisSystem(command, { scripts, hosts });
      // A service on a busy machine may not be ready for a moment.
      const curl = 'curl() { command curl --fail-with-body -sS --retry 5 "$@"; }';
      const { stdout } = await run("sh", ["-c", `${curl}\n${here}`], { env, cwd: folder });
      return stdout;
    };
    await use({ ingest, statsApi, worker, paste });
    await rm(folder, { recursive: true });
  },
});

const portOf = (url: string) => Number(new URL(url).port);

/** One visit, in Combined Log Format. */
function logOf(time: Date): string {
  const [, month] = time.toUTCString().match(/\d+ (\w+)/) ?? [];
  const [date, clock] = time.toISOString().split(/[T.]/);
  const [year, , day] = date?.split("-") ?? [];
  const at = `${day}/${month}/${year}:${clock} +0000`;
  return `192.0.2.7 - - [${at}] "GET /models/anna HTTP/1.1" 200 5 "-" "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0"\n`;
}

/** What each npm script makes Node run, without the installation before it. */
async function npmScripts(): Promise<Record<string, string>> {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile(inRoot("package.json"), "utf8")));
  return scripts;
}

/** Where this system has what documents have at these ports. */
function hostsOf({ ingest, statsApi, worker }: Omit<System, "paste">): Record<string, string> {
  const urls = {
    4001: ingest.url,
    4011: ingest.adminUrl,
    4002: statsApi.url,
    4012: statsApi.adminUrl,
    4003: worker.adminUrl,
  };
  return Object.fromEntries(Object.entries(urls).map(([port, url]) => [port, new URL(url).host]));
}

function ofThisSystem(
  command: string,
  { scripts, hosts }: { scripts: Record<string, string>; hosts: Record<string, string> },
): string {
  const withHosts = command.replaceAll(
    /127\.0\.0\.1:(\d+)/g,
    (documented, port: string) => hosts[port] ?? documented,
  );
  return withHosts.replace(/^npm run ([\w-]+)( --)?/, (_all, name: string) => {
    const [, file] = / node (\S+)$/.exec(scripts[name] ?? "") ?? [];
    if (file === undefined) throw new Error(`there is no npm script ${name} that runs a file`);
    return `"${process.execPath}" "${fileURLToPath(inRoot(file))}"`;
  });
}

/** Each command of a document's blocks of `language`, in one line. */
function commandsOf(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))]
    .flatMap(([, block = ""]) => block.replaceAll("\\\n", " ").split("\n"))
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** Once `npm start` has printed its two commands, pasted: posts a view, and reads it back. */
async function pasteWelcome(system: System): Promise<void> {
  const text = welcome({
    dashboard: "http://127.0.0.1:4002",
    isBuilding: false,
    ingest: portOf(system.ingest.url),
    stats: portOf(system.statsApi.url),
    admin: { ingest: 0, worker: portOf(system.worker.adminUrl), stats: 0 },
    modelId: EXAMPLE_MODEL.id,
    hasStatsKeys: false,
    hasAdminKeys: false,
  });
  const [post = "", read = ""] = text.split("\n").filter((line) => line.startsWith("  curl"));
  const answer = await system.paste(post);
  expect(answer).toMatch(/^HTTP\/1\.1 202 /);
  expect(answer).toMatch(/^Set-Cookie: viewer_id=/m);
  expect(answer).not.toContain('"bot"');
  await expect
    .poll(async () => JSON.parse(await system.paste(read)))
    .toMatchObject({ totalViews: 1, uniqueViews: 1 });
}

// One test, because the services are started once for all of it. It runs some ten processes, which takes long on a busy machine.
test("commands that npm start prints, and those of the documents, work as they are, and their views count", {
  timeout: 240_000,
}, async ({ db, examples: system }) => {
  await pasteWelcome(system);
  const pasted = new Set<string>();
  for (const page of PAGES) {
    const text = await readFile(inRoot(page), "utf8");
    const commands = commandsOf(text, "sh").filter(
      (command) => !Object.keys(NOT_RUN).some((start) => command.startsWith(start)),
    );
    expect(commands.length, page).toBeGreaterThan(0);
    // A view that is posted twice counts twice. Another command that was pasted already needs no second time.
    for (const command of commands.filter((each) => each.includes("/v1/views") || !pasted.has(each))) {
      pasted.add(command);
      await expect(system.paste(command), `${page}: ${command}`).resolves.toBeDefined();
    }
    for (const statement of commandsOf(text, "sql")) await db.$client.query(statement);
  }
  const views = `select name, browser, is_bot, count(*)::int as views
    from model_views join models on models.id = model_id group by 1, 2, 3 order by 1, 2`;
  await expect
    .poll(async () => (await db.$client.query(views)).rows)
    .toEqual([
      { name: "/models/anna", browser: "Firefox", is_bot: false, views: 1 },
      // By npm start, README, guide and API as a browser; by the API as a server.
      { name: EXAMPLE_MODEL.name, browser: "Firefox", is_bot: false, views: 4 },
      { name: EXAMPLE_MODEL.name, browser: null, is_bot: false, views: 1 },
    ]);
});
