import { chmod, copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type Db } from "@model-views/db/postgres/connect.ts";
import type { Redis } from "ioredis";
import type { Mutant } from "../mutation/mutant.ts";
import { type Disks, type OpenDisksOptions, openDisks } from "./disks.ts";
import { openGuard } from "./guard.ts";
import { putHeavyViewer } from "./heavy-viewer.ts";
import { observeRedis } from "./observe-redis.ts";
import { type Links, openLinks } from "./proxies.ts";
import { makeRoles, type Roles, SCHEMA } from "./roles.ts";
import type { Service } from "./service.ts";
import { createServices } from "./services.ts";
import type { SpoolPut } from "./spool-put.ts";
import type { Store } from "./store.ts";
import { diskFolders, openStores } from "./stores.ts";

/** The whole system with ways to hurt it, and ways of our own to look at it, which nothing disturbs. */
export type Lab = {
  redis: Store;
  postgres: Store;
  ingests: readonly Service[];
  workers: readonly Service[];
  statsApis: readonly Service[];
  /** Where the spools are. */
  spoolFolder: string;
  links: Links;
  disks: Disks;
  roles: Roles;
  /** A superuser's. */
  db: Db;
  observer: Redis;
};

export type LabOptions = {
  /** Built into the services that it concerns. */
  mutant: Mutant | undefined;
  /** Told how each row was put into a spool. */
  onSpoolPut: (put: SpoolPut) => void;
  /** Told when a source was changed as the mutant says. */
  onSabotaged: (file: string) => void;
  /** Which disks faults will fill up. */
  disks: OpenDisksOptions["wanted"];
  /** Folder for the logs. */
  logs: string;
  stopped: Promise<void>;
};

const DATABASE_CONNECTIONS_MAX = 6;
/** Comparing every view included. */
const STATEMENT_TIMEOUT_MS = 60_000;

/**
 * Opens everything in a temporary folder, as safe against power cuts as in production, runs `work`, and leaves nothing
 * behind but the logs. Closes as well when `stopped` resolves first, and answers undefined then; `work` fails by
 * itself, with nobody listening.
 */
export async function withLab<Result>(
  work: (lab: Lab) => Promise<Result>,
  options: LabOptions,
): Promise<Result | undefined> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "model-views-chaos-"));
  const guard = openGuard(folder);
  // Last of all: it removes the folder, and ends what would not.
  opened.defer(guard.release);
  opened.defer(() => keepLogs(folder, options.logs));
  // For root, PostgreSQL runs as another user, who has to pass.
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
  const links = await openLinks({ redis, postgres });
  opened.defer(links.close);
  const observer = observeRedis(links.url("observer-redis"));
  opened.defer(() => observer.disconnect());
  const db = connect({
    databaseUrl: links.url("observer-postgres"),
    schema: SCHEMA,
    applicationName: "model-views chaos",
    connectionsMax: DATABASE_CONNECTIONS_MAX,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    onError: () => {},
  });
  opened.defer(() => db.$client.end());
  const roles = await makeRoles(db, { databaseUrl: links.url("observer-postgres") });
  await putHeavyViewer(db);

  const dataDir = diskFolders(folder).ingest;
  const services = await createServices({ ...options, folder, dataDir, links, roles, onPid: guard.watch });
  const all = Object.values(services).flat();
  opened.defer(async () => void (await Promise.all(all.map((service) => service.end("SIGKILL")))));
  await Promise.all(all.map((service) => service.start()));

  const stores = { redis, postgres, links, disks, roles, db, observer };
  const lab: Lab = { ...stores, ...services, spoolFolder: join(dataDir, "spool") };
  const working = work(lab);
  working.catch(() => {});
  return await Promise.race([working, options.stopped.then(() => undefined)]);
}

/** The servers' logs lie among their data. */
async function keepLogs(folder: string, logs: string): Promise<void> {
  for (const name of ["postgres.log", "redis.log"]) {
    await copyFile(join(folder, name), join(logs, name)).catch(() => {});
  }
}

/** Removes the logs of a run that went well. */
export async function removeLogs(logs: string): Promise<void> {
  await rm(logs, { recursive: true, force: true });
}
