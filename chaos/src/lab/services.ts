import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { ourService } from "@model-views/lab/our-service.ts";
import { z } from "zod";
import { MUTANT_VARIABLE, type ServiceKind } from "../mutation/mutant.ts";
import type { LabOptions } from "./lab.ts";
import type { Links } from "./proxies.ts";
import { type Roles, SCHEMA } from "./roles.ts";
import { createService, type Service } from "./service.ts";
import { spoolPutMessageSchema } from "./spool-put.ts";

export const INGESTS = 2;
export const WORKERS = 2;

/** The key that the load posts with, the one that questions are asked with, and the one that admins have. */
export const SERVER_KEY = randomBytes(16).toString("hex");
export const STATS_KEY = randomBytes(16).toString("hex");
export const ADMIN_KEY = randomBytes(16).toString("hex");

const mutatedMessageSchema = z.object({ mutated: z.string() });

/** What is loaded before each kind, so that the harness sees or does what it needs. */
const PRELOADED: Record<ServiceKind, readonly string[]> = {
  ingest: ["watch-spool.ts"],
  worker: ["shift-clock.ts"],
  "stats-api": [],
};

const preload = (path: string) => ["--import", new URL(path, import.meta.url).href];

export type CreateServicesOptions = LabOptions & {
  folder: string;
  /** Of the ingests, all of which keep their spools there. */
  dataDir: string;
  links: Links;
  roles: Roles;
  onPid: (pid: number) => void;
};

/** The ingests, the workers and a stats API, not started yet. */
export async function createServices(
  options: CreateServicesOptions,
): Promise<{ ingests: Service[]; workers: Service[]; statsApis: Service[] }> {
  const { dataDir, links, roles } = options;
  await mkdir(dataDir, { recursive: true });
  const ingestEnv = {
    REDIS_URL: links.url("ingest-redis"),
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
    REDIS_URL: links.url("worker-redis"),
    DATABASE_URL: roles.ownerUrl(links.url("worker-postgres")),
    DATABASE_SCHEMA: SCHEMA,
    WORKER_PORT: "0",
  };
  const statsEnv = {
    REDIS_URL: links.url("stats-redis"),
    DATABASE_URL: roles.ownerUrl(links.url("stats-postgres")),
    STATS_DATABASE_URL: roles.statsUrl(links.url("stats-postgres")),
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
    onSabotaged,
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
        ...PRELOADED[kind].flatMap(preload),
        ...(mutated ? preload("../mutation/preload.ts") : []),
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
        const changed = mutatedMessageSchema.safeParse(message);
        if (changed.success) onSabotaged(changed.data.mutated);
      },
    }),
  );
}
