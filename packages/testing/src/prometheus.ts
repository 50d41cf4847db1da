import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unpackPackages, WORKSPACE_CACHE } from "@model-views/local-services/debian-packages.ts";
import { freePort } from "@model-views/local-services/free-port.ts";

export type PrometheusPrograms = { prometheus: string; promtool: string };

/** Prometheus and promtool from Debian's packages, unpacked and not installed; or the reason why they are not available. */
export function findPrometheus(): Promise<PrometheusPrograms | { refused: string }> {
  return unpackPackages<PrometheusPrograms>(
    {
      name: "Prometheus",
      packages: ["prometheus"],
      libraries: [],
      take: async (unpacked) => {
        const [prometheus, promtool] = ["prometheus", "promtool"].map((name) =>
          join(unpacked, "usr/bin", name),
        );
        if (prometheus === undefined || promtool === undefined) return { refused: "it is not unpacked" };
        return existsSync(promtool) ? { prometheus, promtool } : { refused: "it is not unpacked" };
      },
    },
    { cacheDirs: [WORKSPACE_CACHE], log: () => {}, env: process.env },
  );
}

export type Prometheus = {
  url: string;
  stop: () => Promise<void>;
};

/** Prometheus with this configuration, asked by its HTTP API at `url`. */
export async function startPrometheus(program: string, config: string): Promise<Prometheus> {
  const port = await freePort(null);
  const folder = await mkdtemp(join(tmpdir(), "model-views-prometheus-"));
  await writeFile(join(folder, "prometheus.yml"), config);
  const child = spawn(
    program,
    [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let printed = "";
  child.stderr?.on("data", (data) => {
    printed += data;
  });
  const exited = once(child, "exit");
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`Prometheus ended with ${child.exitCode}:\n${printed}`);
    const isReady = await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) break;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return {
    url,
    async stop() {
      child.kill("SIGTERM");
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
