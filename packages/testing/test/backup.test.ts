import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { finalizeViewers } from "@model-views/db/maintenance/finalize-viewers.ts";
import { migrate } from "@model-views/db/migrate/migrate.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { removeLocalData } from "@model-views/local-services/open.ts";
import { openLocalPostgres } from "@model-views/local-services/postgres.ts";
import { findPostgresOnPath } from "@model-views/local-services/postgres-programs.ts";
import { accountFor } from "@model-views/local-services/root.ts";
import { connectTest } from "@model-views/testing/database.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { expect, onTestFinished, test } from "vitest";

const run = promisify(execFile);
const HOUR_MS = 3_600_000;

/** A PostgreSQL of the machine with its pg_dump and pg_restore: a dump is made by the programs of the server's version. */
async function machinesPostgres(skip: (why: string) => never) {
  const found = await findPostgresOnPath(accountFor(null), process.env);
  if ("refused" in found) return skip(`this machine has no PostgreSQL: ${found.refused}`);
  // Debian keeps programs of each version in a folder; a name on PATH may lead there.
  const folders = [
    dirname(found.postgres),
    dirname(await realpath(found.postgres)),
    `/usr/lib/postgresql/${found.major}/bin`,
  ];
  const folder = folders.find(
    (each) => existsSync(join(each, "pg_dump")) && existsSync(join(each, "pg_restore")),
  );
  if (folder === undefined) return skip(`there is no pg_dump of PostgreSQL ${found.major}`);
  const dataDir = await mkdtemp(join(tmpdir(), "model-views-backup-"));
  // So that the account that runs PostgreSQL for root gets to its own folder in it.
  await chmod(dataDir, 0o711);
  const server = await openLocalPostgres({
    dataDir,
    durable: false,
    log: () => {},
    ways: { embedded: async () => ({ refused: "another is wanted" }) },
  });
  onTestFinished(async () => {
    await server.stop();
    await removeLocalData({ dataDir });
    await rm(dataDir, { recursive: true, force: true });
  });
  const url = (database: string) => {
    const own = new URL(server.url);
    own.pathname = `/${database}`;
    return own.href;
  };
  return { dataDir, url, program: (name: string) => join(folder, name) };
}

/** What the tables hold that figures are made of, and what keeps views from counting twice. */
async function figures(db: Db) {
  const tables = [
    "model_views",
    "model_viewers",
    "model_totals",
    "model_days",
    "site_days",
    "rejected_views",
    "outcome_counts",
  ];
  const entries = await Promise.all(
    tables.map(async (table) => {
      const { rows } = await db.$client.query<{ digest: string }>(
        `select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as digest from ${table} t`,
      );
      return [table, rows[0]?.digest] as const;
    }),
  );
  return Object.fromEntries(entries);
}

test("a database that is lost comes back from its dump, and views that come again count once", async ({
  skip,
}) => {
  const { dataDir, url, program } = await machinesPostgres(skip);
  const now = new Date();
  const dump = join(dataDir, "views.dump");
  const first = connectTest(url("model_views"));
  await migrate(first, { now });
  const modelId = await aModel(first);
  const at = (hours: number) => new Date(now.getTime() - hours * HOUR_MS).toISOString();
  const early = Array.from({ length: 300 }, (_, index) => aView({ modelId, viewedAt: at(index % 60) }));
  await recordViews(first.$client, early);
  await recordViews(first.$client, [aView()]);
  await finalizeViewers(first.$client, { now });
  const dumped = await figures(first);
  await run(program("pg_dump"), ["--format=custom", `--file=${dump}`, url("model_views")]);
  // Recorded after the dump: lost with the database, and still known to the servers that sent them.
  const later = Array.from({ length: 40 }, (_, index) => aView({ modelId, viewedAt: at(index % 3) }));
  await recordViews(first.$client, later);
  await first.$client.end();

  const maintenance = connectTest(url("postgres"));
  await maintenance.$client.query("drop database model_views with (force)");
  await maintenance.$client.query("create database model_views");
  await maintenance.$client.end();
  await run(program("pg_restore"), ["--exit-on-error", `--dbname=${url("model_views")}`, dump]);

  const restored = connectTest(url("model_views"));
  onTestFinished(() => restored.$client.end());
  await migrate(restored, { now });
  expect(await figures(restored)).toEqual(dumped);
  expect(await verifyRollups(restored)).toEqual([]);
  // All of them once more, in another order, as spools, queues and servers that repeat send them.
  const again = await recordViews(restored.$client, [...later, ...early].reverse());
  expect(again).toMatchObject({ inserted: later.length, duplicates: early.length });
  await finalizeViewers(restored.$client, { now });
  expect(await verifyRollups(restored)).toEqual([]);
});
