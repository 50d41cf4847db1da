import { fileURLToPath } from "node:url";
import { ourService } from "@model-views/lab/service-process.ts";
import type { Account } from "@model-views/local-services/programs.ts";
import pretty from "pino-pretty";
import type { StartSettings } from "../shared/settings.ts";
import { SERVICES, type StartOptions } from "./options.ts";
import { say } from "./say.ts";
import { type SupervisedService, supervise } from "./supervise.ts";
import { sourceFolders } from "./watch-sources.ts";

/** Starts the services on their ports, in the order of {@link SERVICES}, and prints what they log. */
export async function startServices(
  { INGEST_PORT, WORKER_PORT, STATS_PORT, INGEST_ADMIN_PORT, STATS_ADMIN_PORT }: StartSettings,
  { watch, inspect }: StartOptions,
  account: Account,
  env: NodeJS.ProcessEnv,
): Promise<SupervisedService[]> {
  const log = pretty({
    ignore: "pid,hostname,service",
    messageFormat: "{service}: {msg}",
    translateTime: "SYS:HH:MM:ss",
    singleLine: true,
  });
  const ports = {
    INGEST_PORT: String(INGEST_PORT),
    WORKER_PORT: String(WORKER_PORT),
    STATS_PORT: String(STATS_PORT),
    INGEST_ADMIN_PORT: String(INGEST_ADMIN_PORT),
    STATS_ADMIN_PORT: String(STATS_ADMIN_PORT),
  };
  const found = await Promise.all(
    SERVICES.map(async (name) => ({
      name,
      ...(await ourService(name)),
      watched: watch ? await sourceFolders(packageOf(name)) : [],
    })),
  );
  return found.map(({ name, main, flags, watched }) =>
    supervise({
      name,
      main,
      flags: inspect?.service === name ? [...flags, `--inspect=127.0.0.1:${inspect.port}`] : flags,
      env: { ...env, ...ports },
      account,
      watched,
      onLine: (line) => log.write(`${line}\n`),
      onExit: say,
    }),
  );
}

function packageOf(service: string): string {
  return fileURLToPath(new URL(`../../apps/${service}`, import.meta.url));
}
