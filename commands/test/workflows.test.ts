import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { SERVICES } from "../start/options.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

const workflowSchema = z.object({
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(
    z.string(),
    z.object({ "timeout-minutes": z.number(), steps: z.array(z.object({ uses: z.string().optional() })) }),
  ),
});

describe.for(readdirSync(new URL("../../.github/workflows", import.meta.url)))("the workflow %s", (name) => {
  const text = read(`.github/workflows/${name}`);

  test("has limits, and no rights that a job does not name", () => {
    const { permissions } = workflowSchema.parse(parse(text));
    expect([{}, { contents: "read" }]).toContainEqual(permissions);
  });

  test("runs actions by commit, with the version for people beside it", () => {
    const actions = text.match(/uses: .*/g) ?? [];
    expect(actions.length).toBeGreaterThan(0);
    for (const action of actions) expect(action).toMatch(/^uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });
});

const launchSchema = z.object({
  configurations: z.array(z.object({ name: z.string(), preLaunchTask: z.string().optional() })),
});
const tasksSchema = z.object({ tasks: z.array(z.object({ label: z.string(), command: z.string() })) });

test("the editor's launch settings debug each service by a task that is there", () => {
  const { configurations } = launchSchema.parse(JSON.parse(read(".vscode/launch.json")));
  const { tasks } = tasksSchema.parse(JSON.parse(read(".vscode/tasks.json")));
  const commands = configurations.flatMap(({ preLaunchTask }) =>
    tasks.filter(({ label }) => label === preLaunchTask).map(({ command }) => command),
  );
  expect(commands).toEqual(SERVICES.map((name) => `npm run dev -- --inspect ${name}`));
});
