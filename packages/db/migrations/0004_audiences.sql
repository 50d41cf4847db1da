CREATE TABLE "changed_days" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "changed_days_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"day" date NOT NULL
);
--> statement-breakpoint
CREATE TABLE "model_months" (
	"model_id" uuid NOT NULL,
	"month" date NOT NULL,
	"views" bigint NOT NULL,
	"viewers" bigint NOT NULL,
	"audience" "bytea",
	CONSTRAINT "model_months_model_id_month_pk" PRIMARY KEY("model_id","month")
);
--> statement-breakpoint
CREATE TABLE "model_values" (
	"model_id" uuid NOT NULL,
	"dimension" text NOT NULL,
	"unit" text NOT NULL,
	"start" date NOT NULL,
	"value" text,
	"views" bigint NOT NULL,
	"viewers" bigint NOT NULL,
	"audience" "bytea",
	CONSTRAINT "model_values_key" UNIQUE NULLS NOT DISTINCT("model_id","dimension","unit","start","value")
);
--> statement-breakpoint
CREATE TABLE "site_days" (
	"day" date PRIMARY KEY NOT NULL,
	"views" bigint NOT NULL,
	"viewers" bigint NOT NULL,
	"audience" "bytea"
);
--> statement-breakpoint
CREATE TABLE "site_months" (
	"month" date PRIMARY KEY NOT NULL,
	"views" bigint NOT NULL,
	"viewers" bigint NOT NULL,
	"audience" "bytea"
);
--> statement-breakpoint
CREATE TABLE "site_values" (
	"dimension" text NOT NULL,
	"unit" text NOT NULL,
	"start" date NOT NULL,
	"value" text,
	"views" bigint NOT NULL,
	"viewers" bigint NOT NULL,
	"audience" "bytea",
	CONSTRAINT "site_values_key" UNIQUE NULLS NOT DISTINCT("dimension","unit","start","value")
);
--> statement-breakpoint
CREATE TABLE "viewer_numbers" (
	"viewer_number" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "viewer_numbers_viewer_number_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"viewer_identifier" varchar(255) NOT NULL
);
--> statement-breakpoint
ALTER TABLE "model_days" ADD COLUMN "audience" "bytea";--> statement-breakpoint
ALTER TABLE "model_months" ADD CONSTRAINT "model_months_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "models"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_values" ADD CONSTRAINT "model_values_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "models"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "changed_days_day_idx" ON "changed_days" USING btree ("day");--> statement-breakpoint
CREATE INDEX "site_values_start_idx" ON "site_values" USING btree ("start");--> statement-breakpoint
CREATE UNIQUE INDEX "viewer_numbers_viewer_idx" ON "viewer_numbers" USING btree ("viewer_identifier");--> statement-breakpoint
-- What was counted of months whose views are gone stays, where it holds; weeks are counted from their days.
INSERT INTO "model_months" ("model_id", "month", "views", "viewers")
SELECT p."model_id", p."start", p."views", p."viewers" FROM "model_periods" p JOIN (
	SELECT "model_id", date_trunc('month', "day"::timestamp)::date AS "month", sum("views") AS "views" FROM "model_days"
	GROUP BY 1, 2 HAVING count("viewers") = count(*)
) d ON d."model_id" = p."model_id" AND d."month" = p."start" AND d."views" = p."views"
WHERE p."unit" = 'month' AND p."start" IN (SELECT "month" FROM "retired_months");--> statement-breakpoint
INSERT INTO "site_months" ("month", "views", "viewers")
SELECT p."start", p."views", p."viewers" FROM "site_periods" p JOIN (
	SELECT date_trunc('month', "day"::timestamp)::date AS "month", count(*) AS "model_days" FROM "model_days"
	GROUP BY 1 HAVING count("viewers") = count(*)
) d ON d."month" = p."start" AND d."model_days" = p."model_days"
WHERE p."unit" = 'month' AND p."start" IN (SELECT "month" FROM "retired_months");--> statement-breakpoint
INSERT INTO "site_days" ("day", "views", "viewers")
SELECT p."start", p."views", p."viewers" FROM "site_periods" p JOIN (
	SELECT "day", count(*) AS "model_days" FROM "model_days" GROUP BY 1 HAVING count("viewers") = count(*)
) d ON d."day" = p."start" AND d."model_days" = p."model_days"
WHERE p."unit" = 'day' AND date_trunc('month', p."start"::timestamp)::date IN (SELECT "month" FROM "retired_months");--> statement-breakpoint
DROP TABLE "model_periods";--> statement-breakpoint
DROP TABLE "site_periods";--> statement-breakpoint
-- Every other day is finalized again, now with its audience.
UPDATE "model_days" SET "viewers" = NULL WHERE "viewers" IS NOT NULL AND date_trunc('month', "day"::timestamp)::date NOT IN (SELECT "month" FROM "retired_months");--> statement-breakpoint
-- The site's days as well.
INSERT INTO "changed_days" ("day") SELECT DISTINCT "day" FROM "model_days" WHERE "day" NOT IN (SELECT "day" FROM "site_days");--> statement-breakpoint
-- A day of a model is deleted with its model, also by plain SQL of any role, and by the erasure of its only viewer. Then what was
-- stored of the model's month no longer holds, and the site's audience of the day is made anew.
CREATE FUNCTION "model_days_deleted"() RETURNS trigger LANGUAGE plpgsql
-- The role that deletes a model may have no right on our tables, and any search_path.
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    EXECUTE format('INSERT INTO %1$I.changed_days (day) SELECT day FROM %1$I.site_days', TG_TABLE_SCHEMA);
    RETURN NULL;
  END IF;
  EXECUTE format('INSERT INTO %I.changed_days (day) SELECT DISTINCT day FROM gone', TG_TABLE_SCHEMA);
  EXECUTE format('DELETE FROM %I.model_months m USING gone
    WHERE m.model_id = gone.model_id AND m.month = date_trunc(''month'', gone.day::timestamp)::date', TG_TABLE_SCHEMA);
  EXECUTE format('DELETE FROM %I.model_values v USING gone
    WHERE v.model_id = gone.model_id AND (v.unit = ''day'' AND v.start = gone.day
      OR v.unit = ''month'' AND v.start = date_trunc(''month'', gone.day::timestamp)::date)', TG_TABLE_SCHEMA);
  RETURN NULL;
END $$;--> statement-breakpoint
-- Else others could have it run their code as its owner, by a table and trigger of theirs.
REVOKE ALL ON FUNCTION "model_days_deleted"() FROM PUBLIC;--> statement-breakpoint
CREATE TRIGGER "model_days_deleted" AFTER DELETE ON "model_days"
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION "model_days_deleted"();--> statement-breakpoint
CREATE TRIGGER "model_days_truncated" AFTER TRUNCATE ON "model_days"
FOR EACH STATEMENT EXECUTE FUNCTION "model_days_deleted"();
