CREATE TABLE "finalized_hours" (
	"hour" timestamp with time zone PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "model_hours" (
	"model_id" uuid NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"views" bigint NOT NULL,
	CONSTRAINT "model_hours_model_id_hour_pk" PRIMARY KEY("model_id","hour")
);
--> statement-breakpoint
ALTER TABLE "model_totals" ADD COLUMN "hot_1h" double precision DEFAULT '-infinity' NOT NULL;--> statement-breakpoint
ALTER TABLE "model_totals" ADD COLUMN "hot_1d" double precision DEFAULT '-infinity' NOT NULL;--> statement-breakpoint
ALTER TABLE "model_totals" ADD COLUMN "hot_7d" double precision DEFAULT '-infinity' NOT NULL;--> statement-breakpoint
ALTER TABLE "model_hours" ADD CONSTRAINT "model_hours_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "models"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "model_hours_hour_idx" ON "model_hours" USING btree ("hour");
--> statement-breakpoint
-- By hand: the scores of the views that are there. Where retention has removed views, those of a day count as at its noon (in
-- UTC). Weights are summed relative to the model's last view, so that no sum is too large for a number. One pass over the
-- views: a minute at 10 million. Hours need no filling: maintenance finalizes them, and until then questions read the views.
UPDATE "model_totals" t SET "hot_1h" = s.hot_1h, "hot_1d" = s.hot_1d, "hot_7d" = s.hot_7d
FROM (
	SELECT model_id,
		r.since / 3600 + ln(sum(v.views * power(2::float8, greatest(-1000, (v.since - r.since) / 3600)))) / ln(2::float8) AS hot_1h,
		r.since / 86400 + ln(sum(v.views * power(2::float8, greatest(-1000, (v.since - r.since) / 86400)))) / ln(2::float8) AS hot_1d,
		r.since / 604800 + ln(sum(v.views * power(2::float8, greatest(-1000, (v.since - r.since) / 604800)))) / ln(2::float8) AS hot_7d
	FROM (
		SELECT model_id, date_part('epoch', least(last_viewed_at, now())) - 1767225600 AS since FROM "model_totals"
	) r JOIN (
		SELECT model_id, date_part('epoch', least(viewed_at, now())) - 1767225600 AS since, 1 AS views FROM "model_views"
		WHERE NOT is_bot AND date_trunc('month', viewed_at AT TIME ZONE 'utc')::date <> ALL (ARRAY(SELECT month FROM "retired_months"))
		UNION ALL
		SELECT model_id, date_part('epoch', (day + time '12:00') AT TIME ZONE 'utc') - 1767225600, views FROM "model_days"
		WHERE date_trunc('month', day::timestamp)::date IN (SELECT month FROM "retired_months")
	) v USING (model_id)
	GROUP BY model_id, r.since
) s WHERE s.model_id = t.model_id;
