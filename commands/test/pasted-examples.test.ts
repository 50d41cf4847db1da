import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { putModel } from "@model-views/db/models/put-model.ts";
import { test as base } from "@model-views/testing/fixtures.ts";
import type { RunningService } from "@model-views/testing/services.ts";
import { describe, expect } from "vitest";
import { EXAMPLE_MODEL } from "../start/example-model.ts";
import { welcome } from "../start/welcome.ts";

const run = promisify(execFile);

type System = { ingest: RunningService; statsApi: RunningService; worker: RunningService };

/** The system as `npm start` runs it: in development, without keys, with the example model. */
const test = base.extend<{ system: System }>({
  system: async ({ db, start }, use) => {
    await putModel(db, EXAMPLE_MODEL);
    const [ingest, statsApi, worker] = await Promise.all([
      start("ingest"),
      start("stats-api"),
      start("worker"),
    ]);
    await use({ ingest, statsApi, worker });
  },
});

/** What a shell prints for the command. Where `curl` is missing, the error says so. */
async function paste(command: string): Promise<string> {
  const { stdout } = await run("sh", ["-c", command], { env: { PATH: process.env["PATH"] } });
  return stdout;
}

const portOf = ({ url }: RunningService) => Number(new URL(url).port);

describe("a command that is printed to be pasted", () => {
  test("by npm start posts a view that counts, and reads it back", async ({ system }) => {
    const text = welcome({
      ingest: portOf(system.ingest),
      stats: portOf(system.statsApi),
      admin: { ingest: 0, worker: portOf(system.worker), stats: 0 },
      modelId: EXAMPLE_MODEL.id,
      hasStatsKeys: false,
      hasAdminKeys: false,
    });
    const [post = "", read = ""] = text.split("\n").filter((line) => line.startsWith("  curl"));
    const answer = await paste(post);
    expect(answer).toMatch(/^HTTP\/1\.1 202 /);
    expect(answer).toMatch(/^Set-Cookie: viewer_id=/m);
    expect(answer).not.toContain('"bot"');
    await expect
      .poll(async () => JSON.parse(await paste(read)))
      .toMatchObject({ totalViews: 1, uniqueViews: 1 });
  });

  test("by the README posts views that count: as a browser, and as a server", async ({ db, system }) => {
    const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
    const [, block = ""] = /## Post views\n+```sh\n(.*?)```/s.exec(readme) ?? [];
    const commands = block
      .replaceAll("127.0.0.1:4001", new URL(system.ingest.url).host)
      .split(/\n\n/)
      .map((lines) => lines.replace(/^#.*\n/gm, ""));
    expect(commands).toHaveLength(2);
    for (const command of commands) expect(await paste(command)).toMatch(/^HTTP\/1\.1 202 /);
    const views = () => db.$client.query("select browser, is_bot from model_views order by browser");
    await expect
      .poll(async () => (await views()).rows)
      .toEqual([
        { browser: "Firefox", is_bot: false },
        { browser: null, is_bot: false },
      ]);
    const stats = `${system.statsApi.url}/v1/models/${EXAMPLE_MODEL.id}/stats`;
    expect(await (await fetch(stats)).json()).toMatchObject({ totalViews: 2, uniqueViews: 2 });
  });
});
