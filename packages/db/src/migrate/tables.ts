/** Our tables, without the website's `models`. A test compares them with schema.ts, which loads all of Drizzle. */
export const TABLES = [
  "model_views",
  "model_viewers",
  "model_totals",
  "model_days",
  "model_months",
  "model_values",
  "site_days",
  "site_months",
  "site_values",
  "changed_days",
  "viewer_numbers",
  "model_hours",
  "site_hours",
  "site_hour_values",
  "finalized_hours",
  "changed_hours",
  "rejected_views",
  "retired_months",
  "reporting_zones",
  "erased_viewers",
  "audit_log",
  "unkept_views",
  "recorded_jobs",
  "outcome_counts",
] as const;

/** Lists which migrations ran. It is in the same schema, so a dump of the schema contains it. */
export const MIGRATIONS_TABLE = "model_views_migrations";
