import { setTimeout as pause } from "node:timers/promises";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { Client } from "pg";
import { OWNER, SCHEMA, STATS } from "../lab/roles.ts";
import { endWorkersConnections } from "./end-connections.ts";
import { holdRecording } from "./hold-recording.ts";
import type { RunFault } from "./kit.ts";
import { count } from "./totals.ts";
import { undoPostgresSettings, undoRedisSettings } from "./undo-settings.ts";
import { untilDone } from "./until-done.ts";

/** Of the memory that Redis uses: over ingest's line of 60 %, and less than it has. */
const MEMORY_SHARES: Record<string, number> = { line: 1.3, full: 0.9 };
/** Milliseconds between two rounds of ending or taking connections. */
const AGAIN_MS = 50;
/** Milliseconds to wait for a worker's statement to be in the middle. */
const BLOCKED_MS_MAX = 500;

const endingStore =
  (name: "redis" | "postgres", signal: "SIGKILL" | "SIGQUIT"): RunFault =>
  async ({ lab, totals }, { durationMs }) => {
    await lab[name].end(signal);
    if (signal === "SIGKILL") count(totals.kills, name);
    await pause(durationMs);
    await lab[name].start();
  };

const stoppingStore =
  (name: "redis" | "postgres"): RunFault =>
  async ({ lab }, { durationMs }) => {
    await lab[name].freeze();
    try {
      await pause(durationMs);
    } finally {
      await lab[name].thaw();
    }
  };

export const killRedis = endingStore("redis", "SIGKILL");
export const killPostgres = endingStore("postgres", "SIGKILL");
export const postgresImmediateStop = endingStore("postgres", "SIGQUIT");
export const stopRedis = stoppingStore("redis");
export const stopPostgres = stoppingStore("postgres");

export const fillRedis: RunFault = async ({ lab }, { target, durationMs }) => {
  await untilDone(async () => {
    const used = Number(/^used_memory:(\d+)/m.exec(await lab.observer.info("memory"))?.[1]);
    await lab.observer.config("SET", "maxmemory", String(Math.round(used * (MEMORY_SHARES[target] ?? 1))));
  });
  await pause(durationMs);
  await undoRedisSettings(lab);
};

/** A replica of nobody: it keeps its data, and refuses writes. */
export const redisReadOnly: RunFault = async ({ lab }, { durationMs }) => {
  await untilDone(() => lab.observer.replicaof("127.0.0.1", "1"));
  await pause(durationMs);
  await undoRedisSettings(lab);
};

/** Commands that the user of ingest and workers may not give any more. */
const RIGHTS: Record<string, readonly string[]> = {
  scripts: ["-eval", "-evalsha"],
  lists: ["-lpush", "-rpush", "-lrem"],
};

export const redisMissingRight: RunFault = async ({ lab }, { target, durationMs }) => {
  await untilDone(() => lab.observer.acl("SETUSER", "default", ...(RIGHTS[target] ?? [])));
  await pause(durationMs);
  await undoRedisSettings(lab);
};

/** What the roles of docs/databases.md may not do any more. */
const REVOKED = [
  `revoke update on ${SCHEMA}.models from ${OWNER}`,
  // Then the names of tables lead nowhere, which is another error.
  `revoke usage on schema ${SCHEMA} from ${OWNER}, ${STATS}`,
] as const;

export const postgresMissingRight: RunFault = async ({ lab }, { atMs, durationMs }) => {
  const [first, second] = REVOKED;
  await untilDone(() => lab.db.$client.query(atMs % 2 === 0 ? first : second));
  await pause(durationMs);
  await undoPostgresSettings(lab);
};

export const postgresReadOnly: RunFault = async ({ lab }, { durationMs }) => {
  await untilDone(async () => {
    await lab.db.$client.query("alter system set default_transaction_read_only = on");
    await lab.db.$client.query("select pg_reload_conf()");
  });
  await pause(durationMs);
  await undoPostgresSettings(lab);
};

/** Ends the workers' connections again and again, each time while a statement of theirs waits for a lock. */
export const terminateBackends: RunFault = async ({ lab }, { durationMs }) => {
  const endAtMs = performance.now() + durationMs;
  while (performance.now() < endAtMs) {
    await holdRecording(lab.db, async () => {
      await untilDone(() => untilBlocked(lab.db.$client));
      await untilDone(() => endWorkersConnections(lab.db.$client));
    });
    await pause(AGAIN_MS);
  }
};

async function untilBlocked(client: Db["$client"]): Promise<void> {
  const deadline = performance.now() + BLOCKED_MS_MAX;
  while (performance.now() < deadline) {
    const { rowCount } = await client.query(
      "select 1 from pg_stat_activity where application_name = 'model-views worker' and wait_event_type = 'Lock'",
    );
    if (rowCount !== 0) return;
    await pause(AGAIN_MS);
  }
}

/** Takes every connection that PostgreSQL has left, also those of the workers. */
export const exhaustConnections: RunFault = async ({ lab }, { durationMs }) => {
  const endAtMs = performance.now() + durationMs;
  const clients: Client[] = [];
  const { href } = lab.postgres.url();
  const ending = await untilDone(() => lab.db.$client.connect());
  ending.on("error", () => {});
  try {
    while (performance.now() < endAtMs) {
      await endWorkersConnections(ending);
      while (await takeConnection(href, clients));
      await pause(AGAIN_MS);
    }
  } finally {
    ending.release(true);
    await Promise.allSettled(clients.map((client) => client.end()));
  }
};

/** False when there is none left. */
async function takeConnection(href: string, clients: Client[]): Promise<boolean> {
  const client = new Client({ connectionString: href, application_name: "model-views chaos" });
  client.on("error", () => {});
  try {
    await client.connect();
    clients.push(client);
    return true;
  } catch {
    return false;
  }
}
