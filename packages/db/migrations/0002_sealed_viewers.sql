CREATE TABLE "model_periods" (
	"model_id" uuid NOT NULL,
	"unit" text NOT NULL,
	"start" date NOT NULL,
	"views" bigint NOT NULL,
	"viewers" bigint NOT NULL,
	CONSTRAINT "model_periods_model_id_unit_start_pk" PRIMARY KEY("model_id","unit","start")
);
--> statement-breakpoint
CREATE TABLE "site_periods" (
	"unit" text NOT NULL,
	"start" date NOT NULL,
	"views" bigint NOT NULL,
	"viewers" bigint NOT NULL,
	"model_days" bigint NOT NULL,
	CONSTRAINT "site_periods_unit_start_pk" PRIMARY KEY("unit","start")
);
--> statement-breakpoint
ALTER TABLE "model_days" ADD COLUMN "viewers" bigint;--> statement-breakpoint
ALTER TABLE "model_periods" ADD CONSTRAINT "model_periods_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "models"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "model_days_unsealed_idx" ON "model_days" USING btree ("day") WHERE viewers is null;