import { chmod, copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type Db } from "@model-views/db/postgres/connect.ts";
import type { Redis } from "ioredis";
import { type Disks, type OpenDisksOptions, openDisks } from "./disks.ts";
import { openGuard } from "./guard.ts";
import { putHeavyViewer } from "./heavy-viewer.ts";
import { openProxies, type Proxies } from "./proxies.ts";
import { makeRoles, type Roles, SCHEMA } from "./roles.ts";
import type { Service } from "./service.ts";
import { createServices, type ObservedServices } from "./services.ts";
import type { Store } from "./store.ts";
import { diskFolders, observeRedis, openStores } from "./stores.ts";

/** The whole system with the means to disturb it, and undisturbed connections to observe it. */
export type Lab = {
  redis: Store;
  postgres: Store;
  ingests: readonly Service[];
  workers: readonly Service[];
  statsApis: readonly Service[];
  /** The folder of the spools. */
  spoolFolder: string;
  proxies: Proxies;
  disks: Disks;
  roles: Roles;
  /** A superuser's connections. */
  db: Db;
  observer: Redis;
};

export type LabOptions = ObservedServices & {
  /** Which disks faults will fill up. */
  disks: OpenDisksOptions["wanted"];
  stopped: Promise<void>;
};

const DATABASE_CONNECTIONS_MAX = 6;
/** Enough for comparing all views. */
const STATEMENT_TIMEOUT_MS = 60_000;

/**
 * Opens everything in a temporary folder, as safe against power cuts as in production, and runs `work`. Only the logs stay.
 * When `stopped` resolves first, it closes everything and resolves with undefined; the failure of `work` is ignored then.
 */
export async function withLab<Result>(
  work: (lab: Lab) => Promise<Result>,
  options: LabOptions,
): Promise<Result | undefined> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "model-views-chaos-"));
  const guard = openGuard(folder);
  // The last step: it removes the folder, and ends processes that are left.
  opened.defer(guard.finish);
  opened.defer(() => keepLogs(folder, options.logs));
  // Started by root, PostgreSQL runs as another user, who needs to pass.
  await chmod(folder, 0o711);
  await mkdir(options.logs, { recursive: true });

  const disks = await openDisks({
    folders: diskFolders(folder),
    wanted: options.disks,
    onMount: guard.watchMount,
  });
  opened.defer(disks.close);
  const { redis, postgres } = await openStores(folder, { disks, onPid: guard.watch });
  opened.defer(async () => void (await Promise.allSettled([redis.close(), postgres.close()])));
  const proxies = await openProxies({ redis, postgres });
  opened.defer(proxies.close);
  const observer = observeRedis(proxies.url("observer-redis"));
  opened.defer(() => observer.disconnect());
  const db = connect({
    databaseUrl: proxies.url("observer-postgres"),
    schema: SCHEMA,
    applicationName: "model-views chaos",
    connectionsMax: DATABASE_CONNECTIONS_MAX,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    onError: () => {},
  });
  opened.defer(() => db.$client.end());
  const roles = await makeRoles(db, { databaseUrl: proxies.url("observer-postgres") });
  await putHeavyViewer(db);

  const dataDir = diskFolders(folder).ingest;
  const services = await createServices({ ...options, folder, dataDir, proxies, roles, onPid: guard.watch });
  const all = Object.values(services).flat();
  opened.defer(async () => void (await Promise.all(all.map((service) => service.end("SIGKILL")))));
  await Promise.all(all.map((service) => service.start()));

  const stores = { redis, postgres, proxies, disks, roles, db, observer };
  const lab: Lab = { ...stores, ...services, spoolFolder: join(dataDir, "spool") };
  const working = work(lab);
  working.catch(() => {});
  return await Promise.race([working, options.stopped.then(() => undefined)]);
}

/** The servers write their logs next to their data. */
async function keepLogs(folder: string, logs: string): Promise<void> {
  for (const name of ["postgres.log", "redis.log"]) {
    await copyFile(join(folder, name), join(logs, name)).catch(() => {});
  }
}

/** Removes the logs of a run that passed. */
export async function removeLogs(logs: string): Promise<void> {
  await rm(logs, { recursive: true, force: true });
}
