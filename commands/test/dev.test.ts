import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import { test as onServers } from "@model-views/testing/fixtures.ts";
import { test as base, describe, expect } from "vitest";
import { startOptions } from "../start/options.ts";
import { type SupervisedService, supervise } from "../start/supervise.ts";
import { watchMigrations } from "../start/watch-migrations.ts";
import { sourceFolders, watchSources } from "../start/watch-sources.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const LISTENING = JSON.stringify({ msg: "listening", port: 1, adminPort: 2 });

type Service = { folder: string; lines: string[]; said: string[]; supervised: SupervisedService };

/** A service that logs its version, which is in a file that it imports, and whose sources are watched. */
const test = base.extend<{ service: Service }>({
  service: async ({ task: _ }, use) => {
    const folder = await mkdtemp(join(tmpdir(), "dev-"));
    await write(folder, "1");
    const main = join(folder, "main.js");
    await writeFile(
      main,
      `import { version } from "./version.js"; console.log(version); console.log('${LISTENING}'); setInterval(() => {}, 1000);`,
    );
    const lines: string[] = [];
    const said: string[] = [];
    const supervised = supervise({
      name: "example",
      main,
      flags: [],
      env: process.env,
      account: null,
      watched: [folder],
      onLine: (line) => lines.push(line),
      onExit: (message) => said.push(message),
    });
    await use({ folder, lines, said, supervised });
    await supervised.stop();
    await rm(folder, { recursive: true });
  },
});

const failOn = (error: unknown) => expect.fail(String(error));

async function write(folder: string, version: string): Promise<void> {
  await writeFile(join(folder, "version.js"), `export const version = ${version};`);
}

describe("a service whose sources are watched", () => {
  test("restarts at each change, also where editors and git put another file in its place", async ({
    service,
  }) => {
    await service.supervised.listens;
    for (const version of ["2", "3"]) {
      await writeFile(join(service.folder, "version.new"), `export const version = ${version};`);
      await rename(join(service.folder, "version.new"), join(service.folder, "version.js"));
      await expect.poll(() => service.lines).toContain(version);
    }
    await write(service.folder, "4");
    await expect.poll(() => service.lines).toContain("4");
    for (const line of service.said) expect(line).toMatch(/^example restarts: .*version\.js changed$/);
  });

  test("waits for the next change after it failed", async ({ service }) => {
    await service.supervised.listens;
    await write(service.folder, "no JavaScript");
    await expect
      .poll(() => service.said)
      .toContainEqual("example ended (exit code 1); it starts again when its sources change");
    await write(service.folder, "2");
    await expect.poll(() => service.lines).toContain("2");
  });
});

test("a folder that was added is watched, and one that came back", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dev-folders-"));
  const added = join(folder, "added");
  const source = join(added, "new.js");
  const reported: string[] = [];
  const unwatch = watchSources([folder], (path) => reported.push(path), failOn);
  for (let round = 0; round < 2; round++) {
    await mkdir(added);
    await expect.poll(() => reported).toContain(added);
    reported.length = 0;
    await writeFile(source, "");
    await expect.poll(() => reported).toContain(source);
    await rm(added, { recursive: true });
    // Its removal has been seen before it comes back.
    await writeFile(join(folder, `${round}.js`), "");
    await expect.poll(() => reported).toContain(join(folder, `${round}.js`));
    reported.length = 0;
  }
  unwatch();
  await rm(folder, { recursive: true });
});

test("files that editors make for a moment are no sources", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dev-files-"));
  const reported: string[] = [];
  const unwatch = watchSources([folder], (path) => reported.push(path), failOn);
  for (const name of [".main.ts.swp", "main.ts~", "4913"]) {
    const source = join(folder, `before ${name}.ts`);
    await writeFile(source, "");
    await writeFile(join(folder, name), "");
    await expect.poll(() => reported).toContain(source);
  }
  for (const path of reported) expect(path).toMatch(/\.ts$/);
  unwatch();
  await rm(folder, { recursive: true });
});

test("watched are the sources of a package and of those of the workspace that it depends on", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dev-packages-"));
  const packages = {
    app: { one: "workspace:*", zod: "4.0.0" },
    one: { two: "workspace:*" },
    two: {},
    other: {},
  };
  for (const [name, dependencies] of Object.entries(packages)) {
    await mkdir(join(folder, name, "src"), { recursive: true });
    await mkdir(join(folder, name, "node_modules"));
    await writeFile(join(folder, name, "package.json"), JSON.stringify({ dependencies }));
  }
  await mkdir(join(folder, "app", "assets"));
  await symlink(join(folder, "one"), join(folder, "app", "node_modules", "one"));
  await symlink(join(folder, "two"), join(folder, "one", "node_modules", "two"));
  const found = await sourceFolders(join(folder, "app"));
  expect(found).toEqual(["app/src", "app/assets", "one/src", "two/src"].map((path) => join(folder, path)));
  await rm(folder, { recursive: true });
});

test("a new migration is reported once, with the command that runs it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dev-migrations-"));
  await mkdir(join(folder, "meta"));
  const write = async (...tags: string[]) => {
    for (const tag of tags) await writeFile(join(folder, `${tag}.sql`), "select 1");
    const entries = tags.map((tag, when) => ({ tag, when }));
    const journal = join(folder, "meta", "_journal.json");
    await writeFile(`${journal}.new`, JSON.stringify({ entries }));
    await rename(`${journal}.new`, journal);
  };
  await write("0000_first");
  const said: string[] = [];
  const unwatch = watchMigrations((message) => said.push(message), folder);
  await write("0000_first", "0001_second");
  await expect.poll(() => said).toHaveLength(1);
  await write("0000_first", "0001_second", "0002_third");
  await expect.poll(() => said).toHaveLength(2);
  expect(said[0]).toMatch(/^a new migration, 0001_second: .* npm run migrate /);
  expect(said[1]).toMatch(/^a new migration, 0002_third: /);
  unwatch();
  await rm(folder, { recursive: true });
});

describe("the options of npm start and npm run dev", () => {
  test.for([
    ["ingest", { service: "ingest", port: 9229 }],
    ["stats-api:9300", { service: "stats-api", port: 9300 }],
  ] as const)("--inspect %s", ([value, inspect]) => {
    expect(startOptions(["--watch", "--inspect", value])).toEqual({ watch: true, inspect });
  });

  test.for(["ingress", "worker:", "worker:70000", "worker:1:2"])("--inspect %s is refused", (value) => {
    expect(() => startOptions(["--inspect", value])).toThrow(UsageError);
  });
});

/** `npm run dev` on servers and ports of the test alone, and all that it printed. */
const onDev = onServers.extend<{ dev: { child: ChildProcess; printed: () => string } }>({
  dev: async ({ databaseUrl, redisUrl, redis: _flushed }, use) => {
    const dataDir = await mkdtemp(join(tmpdir(), "dev-data-"));
    const ports = ["INGEST_PORT", "STATS_PORT", "WORKER_PORT", "INGEST_ADMIN_PORT", "STATS_ADMIN_PORT"];
    const child = spawn(process.execPath, [here("../start/main.ts"), "--watch", "--inspect", "worker:0"], {
      cwd: dataDir,
      env: {
        PATH: process.env["PATH"],
        DATABASE_URL: databaseUrl,
        REDIS_URL: redisUrl,
        DATA_DIR: dataDir,
        ...Object.fromEntries(ports.map((name) => [name, "0"])),
      },
    });
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
      });
    }
    await use({ child, printed: () => printed });
    child.kill("SIGKILL");
    await rm(dataDir, { recursive: true });
  },
});

onDev(
  "npm run dev runs everything, restarts what was touched, debugs one service, and ends with nothing left",
  async ({ dev: { child, printed } }) => {
    const times = (pattern: RegExp) => printed().match(pattern)?.length ?? 0;
    await expect.poll(printed, { timeout: 40_000 }).toContain("model-views is running");
    expect(printed().match(/Debugger listening on/g)).toHaveLength(1);
    const now = new Date();
    await utimes(here("../../apps/worker/src/main.ts"), now, now);
    await expect.poll(() => times(/worker: listening/g), { timeout: 40_000 }).toBe(2);
    expect(times(/Debugger listening on ws:\/\/127\.0\.0\.1:/g)).toBe(2);
    expect([times(/ingest: listening/g), times(/stats-api: listening/g)]).toEqual([1, 1]);
    const addresses = printed().match(/http:\/\/127\.0\.0\.1:\d+/g) ?? [];
    expect(addresses.length).toBeGreaterThan(3);
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([0, null]);
    for (const address of new Set(addresses)) await expect(fetch(address)).rejects.toThrow("fetch failed");
  },
);
