import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { ourService } from "@model-views/lab/service-process.ts";
import {
  type FinalizingMessage,
  finalizingMessageSchema,
  mutatedMessageSchema,
  type SpoolPut,
  spoolPutMessageSchema,
} from "./messages.ts";
import { MUTANT_VARIABLE, type Mutant, type ServiceKind } from "./mutant.ts";
import type { Proxies } from "./proxies.ts";
import { type Roles, SCHEMA } from "./roles.ts";
import { createService, type Service } from "./service.ts";

export const INGESTS = 2;
export const WORKERS = 2;

/** The keys of the load, of questions, and of admins. */
export const SERVER_KEY = randomBytes(16).toString("hex");
export const STATS_KEY = randomBytes(16).toString("hex");
export const ADMIN_KEY = randomBytes(16).toString("hex");

/** Modules that are loaded before each kind of service, for the harness to observe or change it. */
const PRELOADED: Record<ServiceKind, readonly string[]> = {
  ingest: ["watch-spool.ts"],
  worker: ["shift-clock.ts", "finalize-often.ts"],
  "stats-api": [],
};

const preload = (path: string) => ["--import", new URL(path, import.meta.url).href];

/** What a run builds into the services, and what it learns from them. */
export type ObservedServices = {
  /** Built into the services that it is for. */
  mutant: Mutant | undefined;
  /** Called for each row that is put into a spool. */
  onSpoolPut: (put: SpoolPut) => void;
  /** Called with what a worker finalizes beside its own work. */
  onFinalizing: (message: FinalizingMessage) => void;
  /** Called when a service has loaded a source with the mutant in it. */
  onMutated: (file: string) => void;
  /** Folder for the logs. */
  logs: string;
};

export type CreateServicesOptions = ObservedServices & {
  folder: string;
  /** DATA_DIR of all ingests: their spools are there. */
  dataDir: string;
  proxies: Proxies;
  roles: Roles;
  onPid: (pid: number) => void;
};

/** The ingests, the workers and a stats API, not started yet. */
export async function createServices(
  options: CreateServicesOptions,
): Promise<{ ingests: Service[]; workers: Service[]; statsApis: Service[] }> {
  const { dataDir, proxies, roles } = options;
  await mkdir(dataDir, { recursive: true });
  const ingestEnv = {
    REDIS_URL: proxies.url("ingest-redis"),
    INGEST_PORT: "0",
    INGEST_ADMIN_PORT: "0",
    DATA_DIR: dataDir,
    VIEWER_ID_SALT: randomBytes(32).toString("hex"),
    SERVER_KEYS: SERVER_KEY,
    STORE_IP: "full",
    STORE_USER_AGENT: "true",
    RATE_LIMIT_PER_MINUTE: "0",
  };
  const workerEnv = {
    REDIS_URL: proxies.url("worker-redis"),
    DATABASE_URL: roles.ownerUrl(proxies.url("worker-postgres")),
    DATABASE_SCHEMA: SCHEMA,
    WORKER_PORT: "0",
  };
  const statsEnv = {
    REDIS_URL: proxies.url("stats-redis"),
    DATABASE_URL: roles.ownerUrl(proxies.url("stats-postgres")),
    STATS_DATABASE_URL: roles.statsUrl(proxies.url("stats-postgres")),
    DATABASE_SCHEMA: SCHEMA,
    STATS_PORT: "0",
    STATS_ADMIN_PORT: "0",
    STATS_KEYS: STATS_KEY,
    ADMIN_KEYS: ADMIN_KEY,
  };
  return {
    ingests: await several("ingest", INGESTS, { ...options, env: ingestEnv }),
    workers: await several("worker", WORKERS, { ...options, env: workerEnv }),
    statsApis: await several("stats-api", 1, { ...options, env: statsEnv }),
  };
}

async function several(
  kind: ServiceKind,
  count: number,
  {
    env,
    mutant,
    logs,
    folder,
    onPid,
    onSpoolPut,
    onFinalizing,
    onMutated,
  }: CreateServicesOptions & { env: Record<string, string> },
): Promise<Service[]> {
  const { main, flags } = await ourService(kind);
  const mutated = mutant?.services.includes(kind) ? mutant : undefined;
  return Array.from({ length: count }, (_, index) =>
    createService({
      name: `${kind}-${index}`,
      main,
      flags: [
        ...flags,
        // First, so that the others get their sources with the mutant in them.
        ...(mutated ? preload("../mutation/preload.ts") : []),
        ...PRELOADED[kind].flatMap(preload),
      ],
      env: {
        NODE_ENV: "production",
        HOST: "127.0.0.1",
        ...env,
        ...(mutated ? { [MUTANT_VARIABLE]: mutated.name } : {}),
      },
      folder,
      logFile: join(logs, `${kind}-${index}.log`),
      onPid,
      onMessage(message) {
        const put = spoolPutMessageSchema.safeParse(message);
        if (put.success) onSpoolPut(put.data.put);
        const finalizing = finalizingMessageSchema.safeParse(message);
        if (finalizing.success) onFinalizing(finalizing.data);
        const changed = mutatedMessageSchema.safeParse(message);
        if (changed.success) onMutated(changed.data.mutated);
      },
    }),
  );
}
