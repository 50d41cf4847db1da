import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { test as base } from "@model-views/testing/fixtures.ts";
import { findPrometheus, startPrometheus } from "@model-views/testing/prometheus.ts";
import { aModel } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

const test = base.extend({});
const root = new URL("../../../", import.meta.url);
const pathOf = (file: string) => fileURLToPath(new URL(file, root));
const read = (file: string) => readFile(new URL(file, root), "utf8");
const run = promisify(execFile);

const rulesSchema = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string(), expr: z.string() })) })),
});
const dashboardSchema = z.object({
  panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) })),
});

async function rules() {
  const { groups } = rulesSchema.parse(parse(await read("docker/prometheus/alerts.yml")));
  return groups.flatMap((group) => group.rules);
}

/** The names of our metrics in queries. */
const metricsIn = (queries: readonly string[]) =>
  new Set(queries.flatMap((query) => query.match(/\bmodel_views_\w+/g) ?? []));

describe("alerts", () => {
  test("are right by promtool: each fires after its time, and not before", async ({ skip }) => {
    const found = await findPrometheus();
    if ("refused" in found) return skip(`promtool is not available: ${found.refused}`);
    await run(found.promtool, ["check", "rules", pathOf("docker/prometheus/alerts.yml")]);
    await run(found.promtool, ["test", "rules", pathOf("docker/prometheus/alerts.test.yml")]);
  });

  test("have a section of the runbook and a case each", async () => {
    const names = (await rules()).map(({ alert }) => alert);
    const sections = [...(await read("docs/runbook.md")).matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
    expect(sections).toEqual(names);
    const cases = parse(await read("docker/prometheus/alerts.test.yml")) as { tests: { name: string }[] };
    const tested = cases.tests.map(({ name }) => name);
    expect(names.filter((name) => !tested.includes(name))).toEqual([]);
  });
});

describe("three services", () => {
  test("have every metric of the alerts and of the Grafana dashboard", async ({ system }) => {
    const texts = await Promise.all(
      [system.ingest, system.worker, system.statsApi].map(async ({ adminUrl }) =>
        (await fetch(`${adminUrl}/metrics`)).text(),
      ),
    );
    const { panels } = dashboardSchema.parse(JSON.parse(await read("docker/grafana/model-views.json")));
    const queries = [...(await rules()), ...panels.flatMap(({ targets }) => targets)].map(({ expr }) => expr);
    const exposed = new Set(
      [...texts.join("\n").matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name = "", type]) =>
        type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
      ),
    );
    expect([...metricsIn(queries)].filter((name) => !exposed.has(name))).toEqual([]);
  });

  test("are scraped by Prometheus, which takes the rules, and nothing is wrong", async ({ system, skip }) => {
    const found = await findPrometheus();
    if ("refused" in found) return skip(`Prometheus is not available: ${found.refused}`);
    const targets = Object.entries({
      "model-views-ingest": system.ingest,
      "model-views-worker": system.worker,
      "model-views-stats-api": system.statsApi,
    }).map(([job, { adminUrl }]) => ({
      job_name: job,
      static_configs: [{ targets: [new URL(adminUrl).host] }],
    }));
    const config = {
      global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
      rule_files: [pathOf("docker/prometheus/alerts.yml")],
      scrape_configs: targets,
    };
    const prometheus = await startPrometheus(found.prometheus, JSON.stringify(config));
    try {
      const value = async (query: string) => {
        const url = `${prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`;
        const { data } = (await (await fetch(url)).json()) as {
          data: { result: { value: [number, string] }[] };
        };
        return data.result.map(({ value: [, text] }) => text);
      };
      await expect.poll(() => value("sum(up)")).toEqual(["3"]);
      const modelId = await aModel(system.db);
      const headers = {
        "content-type": "application/json",
        "user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0",
      };
      await fetch(`${system.ingest.url}/v1/views`, {
        method: "POST",
        headers,
        body: JSON.stringify({ modelId }),
      });
      const stored = 'model_views_accounting_views{part="inserted"} > 0';
      await expect.poll(() => value(stored), { timeout: 30_000 }).toHaveLength(1);
      expect(await value("sum(model_views_accounting_difference_views)")).toEqual(["0"]);
      const { data } = (await (await fetch(`${prometheus.url}/api/v1/rules`)).json()) as {
        data: { groups: { rules: { name: string; health: string; state: string }[] }[] };
      };
      const loaded = data.groups.flatMap((group) => group.rules);
      expect(loaded).toHaveLength((await rules()).length);
      expect(loaded.filter(({ health, state }) => health !== "ok" || state === "firing")).toEqual([]);
    } finally {
      await prometheus.stop();
    }
  });
});
