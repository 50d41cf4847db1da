CREATE TABLE "erased_viewers" (
	"viewer_hash" "bytea" PRIMARY KEY NOT NULL,
	"until" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "retired_months" (
	"month" date PRIMARY KEY NOT NULL,
	"retired_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "rejected_views" ALTER COLUMN "payload" SET DATA TYPE json;--> statement-breakpoint
ALTER TABLE "model_totals" ADD COLUMN "forgotten_viewers" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "model_totals" ADD COLUMN "forgotten_views" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "rejected_views" ADD COLUMN "sqlstate" varchar(5);--> statement-breakpoint
ALTER TABLE "rejected_views" ADD COLUMN "message" text;--> statement-breakpoint
CREATE INDEX "erased_viewers_until_idx" ON "erased_viewers" USING btree ("until");