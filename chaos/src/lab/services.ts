import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { ourService } from "@model-views/lab/our-service.ts";
import { z } from "zod";
import { DEFECT_VARIABLE, type ServiceKind } from "../sabotage/defects.ts";
import type { LabOptions } from "./lab.ts";
import type { Links } from "./links.ts";
import { createService, type Service } from "./service.ts";
import { spoolPutMessageSchema } from "./spool-put.ts";

export const INGESTS = 2;
export const WORKERS = 2;

/** The key that the load posts with. */
export const SERVER_KEY = randomBytes(16).toString("hex");

const sabotagedMessageSchema = z.object({ sabotaged: z.string() });

const preload = (path: string) => ["--import", new URL(path, import.meta.url).href];

export type CreateServicesOptions = LabOptions & {
  folder: string;
  /** Of the ingests, all of which keep their spools there. */
  dataDir: string;
  links: Links;
  onPid: (pid: number) => void;
};

/** The ingests and workers, not started yet. */
export async function createServices(
  options: CreateServicesOptions,
): Promise<{ ingests: Service[]; workers: Service[] }> {
  const { dataDir, links } = options;
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
    DATABASE_URL: links.url("worker-postgres"),
    WORKER_PORT: "0",
  };
  return {
    ingests: await several("ingest", INGESTS, { ...options, env: ingestEnv }),
    workers: await several("worker", WORKERS, { ...options, env: workerEnv }),
  };
}

async function several(
  kind: ServiceKind,
  count: number,
  {
    env,
    defect,
    logs,
    folder,
    onPid,
    onSpoolPut,
    onSabotaged,
  }: CreateServicesOptions & { env: Record<string, string> },
): Promise<Service[]> {
  const { main, flags } = await ourService(kind);
  const sabotaged = defect?.services.includes(kind) ? defect : undefined;
  return Array.from({ length: count }, (_, index) =>
    createService({
      name: `${kind}-${index}`,
      main,
      flags: [
        ...flags,
        ...preload(kind === "ingest" ? "watch-spool.ts" : "shift-clock.ts"),
        ...(sabotaged ? preload("../sabotage/preload.ts") : []),
      ],
      env: {
        NODE_ENV: "production",
        HOST: "127.0.0.1",
        ...env,
        ...(sabotaged ? { [DEFECT_VARIABLE]: sabotaged.name } : {}),
      },
      folder,
      logFile: join(logs, `${kind}-${index}.log`),
      onPid,
      onMessage(message) {
        const put = spoolPutMessageSchema.safeParse(message);
        if (put.success) onSpoolPut(put.data.put);
        const changed = sabotagedMessageSchema.safeParse(message);
        if (changed.success) onSabotaged(changed.data.sabotaged);
      },
    }),
  );
}
