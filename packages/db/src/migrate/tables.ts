/** Our tables, without the website's `models`. A test compares them with schema.ts, which loads all of Drizzle. */
export const TABLES = [
  "model_views",
  "model_viewers",
  "model_totals",
  "model_days",
  "model_periods",
  "site_periods",
  "rejected_views",
  "retired_months",
  "erased_viewers",
  "audit_log",
  "unkept_views",
] as const;

/** Notes which migrations ran. In the same schema, so that a dump of the schema has it. */
export const MIGRATIONS_TABLE = "model_views_migrations";
