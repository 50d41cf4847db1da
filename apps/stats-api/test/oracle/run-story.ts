import { MAINTENANCE_TASKS } from "@model-views/db/maintenance/tasks.ts";
import { databaseTime } from "@model-views/db/postgres/clocks.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { eraseViewer } from "@model-views/db/viewers/erase-viewer.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { expect } from "vitest";
import type { Api } from "../api.ts";
import { afterChange, MANY_VIEWS } from "./after-change.ts";
import { check } from "./check.ts";
import { DAY_MS, HOUR_MS, iso, utcMonth } from "./clock.ts";
import { finalize } from "./finalize.ts";
import { questions } from "./questions.ts";
import { type Action, instantOfMoment, MODELS, parametersOf, START, type ViewStep } from "./steps.ts";
import { OracleStore } from "./store.ts";
import type { Story } from "./story.ts";
import { changeZone } from "./zone.ts";

/** More than these tests record. */
const unknownModels = { viewsMax: 100_000, days: 30 };

export const IDS = Array.from({ length: MODELS }, (_, n) => `00000000-0000-4000-8000-00000000000${n}`);

export type Run = {
  db: Db;
  api: Api;
  clock: { now: Date };
  oracle: OracleStore;
  story: Story;
  batches: ViewEvent[][];
};

/** Begins with only the models, and partitions of some of the months. */
export async function begin(
  { db, api, clock }: Pick<Run, "db" | "api" | "clock">,
  story: Story,
): Promise<Run> {
  clock.now = new Date(START);
  const { rows } = await db.$client.query<{ tables: string }>(
    `select string_agg(oid::regclass::text, ', ') as tables from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition`,
  );
  await db.$client.query(`truncate ${rows[0]?.tables} cascade`);
  const lastMonth = new Date(utcMonth(START, -1));
  await MAINTENANCE_TASKS.partitions.run(db.$client, { now: lastMonth, retentionDays: 0, unknownModels });
  const run = { db, api, clock, oracle: new OracleStore(), story, batches: [] };
  for (const model of IDS.keys()) await put(run, model, model === 0 ? null : "women");
  return run;
}

/** Does the action to the system and to the oracle, and compares their results. */
export async function act(run: Run, action: Action): Promise<void> {
  const { db, api, clock, oracle, batches } = run;
  const now = clock.now;
  if ("record" in action) {
    const batch = action.record.map((view) => eventOf(run, view));
    batches.push(batch);
    await record(run, batch);
  } else if ("repeat" in action) {
    const batch = batches[action.repeat % Math.max(1, batches.length)];
    if (batch) await record(run, batch);
  } else if ("erase" in action) {
    const viewer = `viewer ${action.erase}`;
    const from = await databaseMs(db);
    const { views } = await eraseViewer(db.$client, viewer, { now });
    expect(views).toBe(oracle.erase(viewer, now.getTime(), { from, to: await databaseMs(db) }));
  } else if ("keepDays" in action) {
    const retentionDays = action.keepDays;
    await MAINTENANCE_TASKS.retention.run(db.$client, { now, retentionDays, unknownModels });
    oracle.retain(utcMonth(now.getTime() - retentionDays * DAY_MS), now.getTime());
  } else if ("deleteByApi" in action) {
    const id = IDS[action.deleteByApi] ?? "";
    const { status } = await api.ask(`/v1/models/${id}`, { method: "DELETE" });
    expect(status).toBe(oracle.deleteModel(id) ? 204 : 404);
  } else if ("deleteBySql" in action) {
    const id = IDS[action.deleteBySql] ?? "";
    await db.$client.query("delete from models where id = $1", [id]);
    oracle.deleteModel(id);
  } else if ("put" in action) await put(run, action.put, action.category);
  else if ("redrive" in action) {
    const from = await databaseMs(db);
    await MAINTENANCE_TASKS.redrive.run(db.$client);
    oracle.redrive({ from, to: await databaseMs(db) });
  } else if ("timeZone" in action) await changeZone(run, action);
  else if ("waitHours" in action) clock.now = new Date(now.getTime() + action.waitHours * HOUR_MS);
  else {
    const all = questions(oracle, IDS, parametersOf(action.ask, run.story.events), now.getTime());
    const question = all[action.which % all.length];
    if (question) await check(api, question);
  }
}

export async function follow({ db, clock, oracle }: Run): Promise<void> {
  await afterChange(db, { now: clock.now });
  finalize(oracle, { now: clock.now.getTime(), manyViews: MANY_VIEWS });
}

async function record({ db, oracle }: Run, batch: readonly ViewEvent[]): Promise<void> {
  const from = await databaseMs(db);
  const result = await recordViews(db.$client, batch);
  expect(result).toEqual(oracle.record(batch, { from, to: await databaseMs(db) }));
}

async function databaseMs(db: Db): Promise<number> {
  return (await databaseTime(db.$client)).getTime();
}

async function put({ api, oracle }: Run, model: number, category: string | null): Promise<void> {
  const id = IDS[model] ?? "";
  const name = `model ${model}`;
  const body = JSON.stringify({ name, category });
  const { ok } = await api.ask(`/v1/models/${id}`, {
    method: "PUT",
    body,
    headers: { "content-type": "application/json" },
  });
  expect(ok).toBe(true);
  oracle.putModel(id, { name, category });
}

function eventOf({ story: { traits, events }, clock }: Run, { number, model, when }: ViewStep): ViewEvent {
  const { viewer, isBot, ...more } = traits[number] ?? { viewer: 0, isBot: false };
  const known = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined));
  return {
    id: `00000000-0000-4000-9000-00000000000${number}`,
    modelId: IDS[model] ?? "",
    viewerIdentifier: `viewer ${viewer}`,
    viewedAt: iso(
      "moment" in when ? instantOfMoment(when.moment, events) : clock.now.getTime() - when.before,
    ),
    ...(isBot ? { isBot } : {}),
    ...known,
  };
}
