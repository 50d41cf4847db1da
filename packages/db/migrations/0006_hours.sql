CREATE TABLE "changed_hours" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "changed_hours_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"hour" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "site_hour_values" (
	"dimension" text NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"value" text,
	"views" bigint NOT NULL,
	"viewers" bigint NOT NULL,
	"audience" "bytea" NOT NULL,
	CONSTRAINT "site_hour_values_key" UNIQUE NULLS NOT DISTINCT("dimension","hour","value")
);
--> statement-breakpoint
CREATE TABLE "site_hours" (
	"hour" timestamp with time zone PRIMARY KEY NOT NULL,
	"views" bigint NOT NULL,
	"viewers" bigint NOT NULL,
	"audience" "bytea" NOT NULL
);
--> statement-breakpoint
-- Hours are counted anew, now with who viewed.
TRUNCATE "finalized_hours", "model_hours";--> statement-breakpoint
ALTER TABLE "finalized_hours" ADD COLUMN "is_complete" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "model_hours" ADD COLUMN "viewers" bigint NOT NULL;--> statement-breakpoint
ALTER TABLE "model_hours" ADD COLUMN "audience" "bytea" NOT NULL;--> statement-breakpoint
CREATE INDEX "changed_hours_hour_idx" ON "changed_hours" USING btree ("hour");--> statement-breakpoint
CREATE INDEX "site_hour_values_hour_idx" ON "site_hour_values" USING btree ("hour");--> statement-breakpoint
-- An hour of a model is deleted with its model, also by plain SQL of any role. Then the site's audience of the hour is made anew.
CREATE FUNCTION "model_hours_deleted"() RETURNS trigger LANGUAGE plpgsql
-- As for days: the role that deletes a model may have no right on our tables, and any search_path.
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    -- Not by notes: the transaction may have an old snapshot, without hours that were stored meanwhile.
    BEGIN
      EXECUTE format('TRUNCATE %1$I.site_hours, %1$I.site_hour_values', TG_TABLE_SCHEMA);
    EXCEPTION WHEN object_in_use THEN
      -- The same statement truncates them too, or a cursor of this session reads them.
      EXECUTE format('INSERT INTO %1$I.changed_hours (hour) SELECT hour FROM %1$I.site_hours', TG_TABLE_SCHEMA);
    END;
  ELSE
    EXECUTE format('INSERT INTO %I.changed_hours (hour) SELECT DISTINCT hour FROM gone', TG_TABLE_SCHEMA);
  END IF;
  RETURN NULL;
END $$;--> statement-breakpoint
REVOKE ALL ON FUNCTION "model_hours_deleted"() FROM PUBLIC;--> statement-breakpoint
CREATE TRIGGER "model_hours_deleted" AFTER DELETE ON "model_hours"
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION "model_hours_deleted"();--> statement-breakpoint
CREATE TRIGGER "model_hours_truncated" AFTER TRUNCATE ON "model_hours"
FOR EACH STATEMENT EXECUTE FUNCTION "model_hours_deleted"();--> statement-breakpoint
-- For days as well: then there is no model, and nothing of the site.
CREATE OR REPLACE FUNCTION "model_days_deleted"() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    BEGIN
      EXECUTE format('TRUNCATE %1$I.site_days, %1$I.site_months, %1$I.site_values', TG_TABLE_SCHEMA);
    EXCEPTION WHEN object_in_use THEN
      EXECUTE format('INSERT INTO %1$I.changed_days (day) SELECT day FROM %1$I.site_days', TG_TABLE_SCHEMA);
    END;
    RETURN NULL;
  END IF;
  EXECUTE format('INSERT INTO %I.changed_days (day) SELECT DISTINCT day FROM gone', TG_TABLE_SCHEMA);
  EXECUTE format('DELETE FROM %I.model_months m USING gone
    WHERE m.model_id = gone.model_id AND m.month = date_trunc(''month'', gone.day::timestamp)::date', TG_TABLE_SCHEMA);
  EXECUTE format('DELETE FROM %I.model_values v USING gone
    WHERE v.model_id = gone.model_id AND (v.unit = ''day'' AND v.start = gone.day
      OR v.unit = ''month'' AND v.start = date_trunc(''month'', gone.day::timestamp)::date)', TG_TABLE_SCHEMA);
  RETURN NULL;
END $$;
