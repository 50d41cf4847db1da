import { DETAIL_MINUTES, LIVE_MINUTES, type LiveDetails } from "@model-views/shared/contracts/live.ts";
import { type Ask, sql } from "../postgres/sql.ts";

const MINUTE_MS = 60_000;
const MODELS_MAX = 20;
const VALUES_MAX = 10;

type Row = { views: number; viewers: number };
type Value = { dimension: string; value: string | null; views: number };

/**
 * What is viewed now, and from where? By minute of the last half hour; the rest of the last five minutes. Reads those views, found
 * by model_views_viewed_at_idx. Ask it in a transaction of one snapshot.
 */
export async function liveDetails(ask: Ask, now: Date): Promise<LiveDetails> {
  const since = new Date(now.getTime() - LIVE_MINUTES * MINUTE_MS);
  const firstMinute = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS - (DETAIL_MINUTES - 1) * MINUTE_MS;
  const { rows: minutes } = await ask<Row & { start: Date }>(sql`
    select date_trunc('minute', viewed_at) as start, count(*)::float8 as views,
      count(distinct viewer_identifier)::float8 as viewers
    from model_views
    where viewed_at >= ${new Date(firstMinute)} and viewed_at <= ${now} and not is_bot group by 1`);
  const { rows: models } = await ask<
    Row & { modelId: string; name: string; category: string | null; lastViewedAt: Date }
  >(sql`
    select model_id as "modelId", name, category, views, viewers, "lastViewedAt"
    from (
      select model_id, count(*)::float8 as views, count(distinct viewer_identifier)::float8 as viewers,
        max(viewed_at) as "lastViewedAt"
      from model_views where viewed_at > ${since} and not is_bot group by model_id
    ) viewed join models on id = model_id order by views desc, model_id limit ${MODELS_MAX}`);
  const { rows: values } = await ask<Value>(sql`
    select dimension, value, count(*)::float8 as views
    from model_views, lateral (values ('country', country), ('device', device), ('referrer', referrer_host)) listed (dimension, value)
    where viewed_at > ${since} and not is_bot group by dimension, value order by views desc, value`);
  const counted = new Map(minutes.map((minute) => [minute.start.getTime(), minute]));
  return {
    minutes: Array.from({ length: DETAIL_MINUTES }, (_, index) => {
      const start = firstMinute + index * MINUTE_MS;
      const { views = 0, viewers = 0 } = counted.get(start) ?? {};
      return { start: new Date(start).toISOString(), views, viewers };
    }),
    models: models.map((model) => ({ ...model, lastViewedAt: model.lastViewedAt.toISOString() })),
    countries: valuesOf(values, "country"),
    devices: valuesOf(values, "device"),
    referrers: valuesOf(values, "referrer"),
    asOf: now.toISOString(),
  };
}

function valuesOf(values: readonly Value[], dimension: string): LiveDetails["countries"] {
  return values
    .filter((each) => each.dimension === dimension)
    .slice(0, VALUES_MAX)
    .map(({ value, views }) => ({ value, views }));
}
