CREATE TABLE "reporting_zones" (
	"since" timestamp with time zone PRIMARY KEY NOT NULL,
	"first_day" date NOT NULL,
	"time_zone" text NOT NULL
);
