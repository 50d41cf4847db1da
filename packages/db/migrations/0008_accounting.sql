CREATE TABLE "outcome_counts" (
	"slot" integer PRIMARY KEY NOT NULL,
	"views" bigint NOT NULL,
	"inserted" bigint NOT NULL,
	"rejected" bigint NOT NULL,
	"unkept" bigint NOT NULL,
	"erased" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "recorded_jobs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"views" integer NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "recorded_jobs_recorded_at_idx" ON "recorded_jobs" USING brin ("recorded_at");