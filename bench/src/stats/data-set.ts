import { finalizeHours } from "@model-views/db/maintenance/finalize-hours.ts";
import { finalizeViewers } from "@model-views/db/maintenance/finalize-viewers.ts";
import { migrate } from "@model-views/db/migrate/migrate.ts";
import { ensureMonthPartitions } from "@model-views/db/migrate/partitions.ts";
import { connect, type Db } from "@model-views/db/postgres/connect.ts";
import type { Progress } from "@model-views/lab/progress.ts";
import type { Lab } from "../lab.ts";
import { copyViews, createOriginalTable } from "../worker/original-table.ts";
import { MONTHS, makeModels, makeViews } from "./make-views.ts";

/** Increased when the data changes, so that old data sets are made again. */
const VERSION = 1;
/** Days after which a data set is too old for questions about now. */
const AGE_DAYS_MAX = 14;
const DAY_MS = 86_400_000;

/** A separate database with so many views of the year before `end`. */
export type DataSet = { views: number; end: Date; databaseUrl: string; db: Db };

export type DataSetOptions = { views: number; now: Date; progress: Progress };

/** Opens the data set of an earlier run, or makes it: some minutes for ten million views. The caller closes its `db`. */
export async function openDataSet(lab: Lab, { views, now, progress }: DataSetOptions): Promise<DataSet> {
  const url = new URL(lab.databaseUrl);
  url.pathname = `/views_${views}`;
  const end = await madeUntil(lab, url, now);
  if (end === undefined) await lab.db.$client.query(`create database views_${views}`);
  const db = connect({
    databaseUrl: url.href,
    applicationName: "model-views bench",
    connectionsMax: 2,
    statementTimeoutMs: 0,
    onError: () => {},
  });
  try {
    await migrate(db, { now });
    if (end === undefined) await make(db, { views, now, progress });
    // As of the end of the views, so that later runs find the same open day and hours.
    const until = end ?? now;
    progress.start("days and months finalized", undefined);
    const { modelDays, siteDays, months } = await finalizeViewers(db.$client, {
      now: until,
      onProgress: progress.step,
    });
    progress.stop();
    const { hours } = await finalizeHours(db.$client, { now: until });
    if (modelDays + siteDays + months + hours > 0) await db.$client.query("vacuum analyze");
    return { views, end: until, databaseUrl: url.href, db };
  } catch (error) {
    progress.stop();
    await db.$client.end();
    throw error;
  }
}

/** The end of the views of a data set that is complete and recent enough; drops any other. */
async function madeUntil(lab: Lab, url: URL, now: Date): Promise<Date | undefined> {
  const name = url.pathname.slice(1);
  const { rows } = await lab.db.$client.query<{ comment: string | null }>(
    "select shobj_description(oid, 'pg_database') as comment from pg_database where datname = $1",
    [name],
  );
  if (rows[0] === undefined) return undefined;
  const [version, end] = rows[0].comment?.split(" ") ?? [];
  const until = new Date(end ?? 0);
  if (Number(version) === VERSION && now.getTime() - until.getTime() < AGE_DAYS_MAX * DAY_MS) return until;
  await lab.db.$client.query(`drop database ${name}`);
  return undefined;
}

async function make(db: Db, { views, now, progress }: DataSetOptions): Promise<void> {
  await ensureMonthPartitions(db.$client, { now, monthsBack: MONTHS });
  await makeModels(db);
  progress.start("views made", views);
  await makeViews(db, { views, end: now, onProgress: progress.at });
  progress.stop();
  progress.start("views copied into the table of the original design", views);
  await createOriginalTable(db);
  await copyViews(db, { onProgress: progress.at });
  progress.stop();
  await db.$client.query("vacuum analyze");
  // Marks it as complete.
  const name = new URL(db.$client.options.connectionString ?? "").pathname.slice(1);
  await db.$client.query(`comment on database ${name} is '${VERSION} ${now.toISOString()}'`);
}
