import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { COMPILE_CACHE } from "@model-views/testing/services.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { retryDelayMs } from "../../import-log/service.ts";
import { importSettings } from "../../import-log/settings.ts";
import { openFakeServices } from "./fake-services.ts";

const main = fileURLToPath(new URL("../../import-log/main.ts", import.meta.url));
const LINES = [
  '192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET /a HTTP/1.1" 200 5 "-" "UA"',
  '192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET /a HTTP/1.1" 404 5 "-" "UA"',
  "\u001b[2Jnot a line",
].join("\n");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "import-log-"));
  await writeFile(join(folder, "access.log"), LINES);
});
afterAll(() => rm(folder, { recursive: true }));

function command(args: string[], { input = "" as string | Buffer, env = {} } = {}) {
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      [main, ...args],
      { env: { ...COMPILE_CACHE, INIT_CWD: folder, ...env } },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
    child.stdin?.on("error", () => {}).end(input);
  });
}

describe("the command", () => {
  test.each([
    ["a file, found from where npm was called", ["access.log"], ""],
    ["stdin", ["-"], LINES],
    ["gzip from stdin", ["-"], gzipSync(LINES)],
  ])("imports %s", async (_name, args, input) => {
    const fake = await openFakeServices();
    try {
      const { code, stdout, stderr } = await command([...args, "--ingest", fake.url, "--stats", fake.url], {
        input,
      });
      expect(stderr).toBe("");
      expect(code).toBe(0);
      expect(fake.views.length).toBe(1);
      expect(stdout.slice(stdout.indexOf("Bad lines"))).toBe(
        [
          "Bad lines:",
          "  line 3: not Combined or Common Log Format, nor JSON, or cut off: \uFFFD[2Jnot a line",
          "lines read     3",
          "views posted   1  (those of an earlier run are recognised, and not counted again)",
          "models made    1",
          "lines skipped  1  (not a GET with status 200)",
          "bad lines      1",
          "views rejected 0",
          "Views of bots are stored, and left out of statistics unless a request has ?bots=include.",
          `See them: ${fake.url}models?from=2015-05-17&to=2015-05-17&bots=include`,
          "",
        ].join("\n"),
      );
    } finally {
      await fake.close();
    }
  });

  test("explains how to start the services when none answers", async () => {
    const { url, close } = await openFakeServices();
    await close();
    const { code, stderr } = await command(["access.log"], { env: { INGEST_PORT: new URL(url).port } });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^No ingest answers at .* \(ECONNREFUSED\): start the services with `npm start`, .*\.\n$/,
    );
  });

  test.each([
    ["a file that is not there", ["other.log"], {}, "there is no such file"],
    ["a folder", ["."], {}, "it is a folder"],
    ["no file", [], {}, "Name one log file"],
    ["an unknown option", ["access.log", "--fast"], {}, "--fast"],
    ["a wrong address", ["access.log", "--stats", "localhost:4002"], {}, "--stats must be a URL"],
    ["a wrong variable", ["access.log"], { STATS_PORT: "http" }, "STATS_PORT"],
  ])("refuses %s with a message", async (_name, args, env, message) => {
    const { code, stderr } = await command(args, { env });
    expect(code).toBe(78);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("    at ");
  });

  test("ends with 1 where most lines cannot be read, and names the first of them", async () => {
    const fake = await openFakeServices();
    const input = `${LINES}\n<xml>\n<more/>\n</xml>\n`;
    const { code, stdout, stderr } = await command(["-", "--ingest", fake.url, "--stats", fake.url], {
      input,
    });
    await fake.close();
    expect(stdout).toContain("line 4: not Combined");
    expect(stderr).toMatch(/^Most lines of - could not be read: it is not a log of a supported format/);
    expect(code).toBe(1);
  });

  test("prints how it is used", async () => {
    expect((await command(["--help"])).stdout).toContain("npm run import-log -- FILE");
  });
});

describe("importSettings", () => {
  test("takes ports and the first of each kind of keys from the environment", () => {
    const [one, two] = ["1".repeat(16), "2".repeat(16)];
    const environment = { INGEST_PORT: "5001", SERVER_KEYS: `${one},${two}`, ADMIN_KEYS: two };
    const { file, ingest, stats } = importSettings(["a.log"], environment, "/here");
    expect(file).toBe("/here/a.log");
    expect(ingest).toMatchObject({ url: "http://127.0.0.1:5001/", key: one });
    expect(stats).toMatchObject({ url: "http://127.0.0.1:4002/", key: two });
  });

  test.each([
    [["--include", "models"], "--include must be a path"],
    [["--map", "missing.txt"], "Cannot read"],
    [["--ingest", "ftp://a.example"], "--ingest must be a URL that begins with http:// or https://"],
    [["--ingest", "https://u:p@a.example"], "--ingest must be an address alone, without a user, ? and #"],
    [["--stats", "https://a.example/?b"], "--stats must be an address alone"],
    [["--stats", "https://a.example/#b"], "--stats must be an address alone"],
  ])("refuses %j with a message", (args, message) => {
    expect(() => importSettings(["a.log", ...args], {}, "/")).toThrow(message);
  });

  test("an option goes before a port, and may have a path", () => {
    const { ingest } = importSettings(["-", "--ingest", "https://a.example/b"], { INGEST_PORT: "5001" }, "/");
    expect(new URL("v1/views", ingest.url).href).toBe("https://a.example/b/v1/views");
  });
});

describe("retryDelayMs", () => {
  const now = new Date("2026-01-01T00:00:00Z");

  test.each([
    ["the first", 1, undefined, 500],
    ["doubles", 4, undefined, 4_000],
    ["up to half a minute", 9, undefined, 30_000],
    ["asked for more", 1, "5", 5_000],
    ["asked for less than the backoff", 6, "5", 16_000],
    ["asked for too much", 1, "86400", 60_000],
    ["asked for a date that is past", 1, "Wed, 31 Dec 2025 00:00:00 GMT", 500],
    ["asked for nonsense", 1, "soon", 500],
  ])("%s", (_name, tries, retryAfter, ms) => {
    expect(retryDelayMs(tries, retryAfter, now)).toBe(ms);
  });
});
