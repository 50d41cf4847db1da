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
-- What was counted of months whose views are gone stays; weeks are counted from their days.
INSERT INTO "model_months" ("model_id", "month", "views", "viewers")
SELECT "model_id", "start", "views", "viewers" FROM "model_periods" WHERE "unit" = 'month' AND "start" IN (SELECT "month" FROM "retired_months");--> statement-breakpoint
INSERT INTO "site_months" ("month", "views", "viewers")
SELECT "start", "views", "viewers" FROM "site_periods" WHERE "unit" = 'month' AND "start" IN (SELECT "month" FROM "retired_months");--> statement-breakpoint
INSERT INTO "site_days" ("day", "views", "viewers")
SELECT "start", "views", "viewers" FROM "site_periods" WHERE "unit" = 'day' AND date_trunc('month', "start"::timestamp)::date IN (SELECT "month" FROM "retired_months");--> statement-breakpoint
DROP TABLE "model_periods";--> statement-breakpoint
DROP TABLE "site_periods";--> statement-breakpoint
-- Every other day is finalized again, now with its audience.
UPDATE "model_days" SET "viewers" = NULL WHERE "viewers" IS NOT NULL AND date_trunc('month', "day"::timestamp)::date NOT IN (SELECT "month" FROM "retired_months");--> statement-breakpoint
-- The site's days as well.
INSERT INTO "changed_days" ("day") SELECT DISTINCT "day" FROM "model_days" WHERE "day" NOT IN (SELECT "day" FROM "site_days");--> statement-breakpoint
-- A model may be deleted with plain SQL, which deletes its days; then the site's audience of these days is made anew.
CREATE FUNCTION "model_days_deleted"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- The session may have any search_path.
  EXECUTE format('INSERT INTO %I.changed_days (day) SELECT DISTINCT day FROM gone', TG_TABLE_SCHEMA);
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER "model_days_deleted" AFTER DELETE ON "model_days"
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION "model_days_deleted"();
