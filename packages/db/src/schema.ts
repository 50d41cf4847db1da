import {
  bigint,
  boolean,
  customType,
  date,
  doublePrecision,
  index,
  integer,
  json,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
  varchar,
} from "./postgres/drizzle.ts";
import { sql } from "./postgres/sql.ts";

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });
const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });
const count = (name: string) => bigint(name, { mode: "number" });
/** The logarithm of a sum of weights, as hot-score.ts has it; minus infinity without views. */
const score = (name: string) => doublePrecision(name).notNull().default(sql`'-infinity'`);

/** The website's models (people represented by an agency). Created only where the website has no such table. */
export const models = pgTable(
  "models",
  {
    id: uuid("id").primaryKey(),
    name: text("name").notNull(),
    category: text("category"),
    createdAt: instant("created_at").notNull().defaultNow(),
  },
  (table) => [index("models_category_idx").on(table.category, table.id)],
);

/**
 * Every view, once. Partitioned by month of `viewed_at`, with a default partition for views of all other months.
 * The primary key is a view's identity (a retry must carry the same time) and the index for questions about one
 * model; partitions, and a table distributed by model, both need such a key.
 */
export const modelViews = pgTable(
  "model_views",
  {
    id: uuid("id").notNull(),
    modelId: uuid("model_id")
      .notNull()
      .references(() => models.id, { onDelete: "cascade" }),
    viewerIdentifier: varchar("viewer_identifier", { length: 255 }).notNull(),
    viewedAt: instant("viewed_at").notNull(),
    /** The sender's time was implausible: `viewed_at` is the clock of the server that took the view. */
    viewedAtReplaced: boolean("viewed_at_replaced").notNull().default(false),
    ipAddress: varchar("ip_address", { length: 45 }),
    userAgent: text("user_agent"),
    country: varchar("country", { length: 2 }),
    device: text("device"),
    browser: text("browser"),
    os: text("os"),
    referrerHost: text("referrer_host"),
    utmSource: text("utm_source"),
    utmMedium: text("utm_medium"),
    utmCampaign: text("utm_campaign"),
    /** Stored, but in no rollup and in no statistic unless asked for. */
    isBot: boolean("is_bot").notNull().default(false),
  },
  (table) => [
    primaryKey({ columns: [table.modelId, table.viewedAt, table.id] }),
    index("model_views_viewed_at_idx").using("brin", table.viewedAt),
    index("model_views_viewer_idx").on(table.viewerIdentifier),
  ],
);

/** Who viewed which model, how often, and when: decides exactly whether a view is a new viewer's. */
export const modelViewers = pgTable(
  "model_viewers",
  {
    modelId: uuid("model_id")
      .notNull()
      .references(() => models.id, { onDelete: "cascade" }),
    viewerIdentifier: varchar("viewer_identifier", { length: 255 }).notNull(),
    views: count("views").notNull(),
    firstViewedAt: instant("first_viewed_at").notNull(),
    lastViewedAt: instant("last_viewed_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.modelId, table.viewerIdentifier] }),
    index("model_viewers_last_viewed_idx").on(table.modelId, table.lastViewedAt),
  ],
);

/**
 * A model's stats of all time. No row means no view. Indexed by its key alone: a top list reads the whole table,
 * one small row a model, and an index on counts that every batch changes would cost a fifth of the recording speed.
 */
export const modelTotals = pgTable("model_totals", {
  modelId: uuid("model_id")
    .primaryKey()
    .references(() => models.id, { onDelete: "cascade" }),
  totalViews: count("total_views").notNull(),
  uniqueViewers: count("unique_viewers").notNull(),
  lastViewedAt: instant("last_viewed_at").notNull(),
  /** Viewers whose row in `model_viewers` retention has removed: they stay part of `unique_viewers`. */
  forgottenViewers: count("forgotten_viewers").notNull().default(0),
  /** Views of those viewers: they stay part of `total_views`. */
  forgottenViews: count("forgotten_views").notNull().default(0),
  hot1h: score("hot_1h"),
  hot1d: score("hot_1d"),
  hot7d: score("hot_7d"),
});

/**
 * The number of each viewer in the audiences below, given when the first hour or day in which the viewer was seen is
 * finalized, about in the order of first views. The only link between an audience and a viewer: erasing or pruning a viewer deletes the row.
 */
export const viewerNumbers = pgTable(
  "viewer_numbers",
  {
    viewerNumber: integer("viewer_number").primaryKey().generatedAlwaysAsIdentity(),
    viewerIdentifier: varchar("viewer_identifier", { length: 255 }).notNull(),
  },
  (table) => [uniqueIndex("viewer_numbers_viewer_idx").on(table.viewerIdentifier)],
);

const knownAudience = {
  views: count("views").notNull(),
  viewers: count("viewers").notNull(),
  /** Who viewed: the numbers of the viewers, as a Roaring bitmap in its portable format. */
  audience: bytea("audience").notNull(),
};

const audience = {
  ...knownAudience,
  /** As above. Null where an earlier version has counted the viewers, and retention has removed their views since. */
  audience: bytea("audience"),
};

/**
 * The reporting time zone, and those before it for days whose views retention had removed when it changed: reporting-days.ts
 * explains the rows. UTC without any.
 */
export const reportingZones = pgTable("reporting_zones", {
  /** From when on the zone is that of the days; minus infinity for all time. */
  since: instant("since").primaryKey(),
  /** The day that begins then. */
  firstDay: date("first_day", { mode: "string" }).notNull(),
  /** By a name that PostgreSQL knows. */
  timeZone: text("time_zone").notNull(),
});

/** A model's views per day of the reporting time zone. */
export const modelDays = pgTable(
  "model_days",
  {
    modelId: uuid("model_id")
      .notNull()
      .references(() => models.id, { onDelete: "cascade" }),
    day: date("day", { mode: "string" }).notNull(),
    views: count("views").notNull(),
    /** Different viewers of the day; null until the day is finalized, and again when a view is added or removed. */
    viewers: count("viewers"),
    /** Who they are, as in `site_days`; of no meaning while `viewers` is null. */
    audience: bytea("audience"),
  },
  (table) => [
    primaryKey({ columns: [table.modelId, table.day] }),
    index("model_days_day_idx").on(table.day),
    index("model_days_unsealed_idx").on(table.day).where(sql`viewers is null`),
  ],
);

/** Who viewed a model in a month (its first day) of the reporting time zone that is over. Outdated where a day of the month is open. */
export const modelMonths = pgTable(
  "model_months",
  {
    modelId: uuid("model_id")
      .notNull()
      .references(() => models.id, { onDelete: "cascade" }),
    month: date("month", { mode: "string" }).notNull(),
    ...audience,
  },
  (table) => [primaryKey({ columns: [table.modelId, table.month] })],
);

/**
 * Days on which the site's audience has to be made anew: a day of a model was finalized, or was deleted with its model. More
 * than one row for a day means the same as one. A day with an open row in `model_days` is open as well.
 */
export const changedDays = pgTable(
  "changed_days",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    day: date("day", { mode: "string" }).notNull(),
  },
  (table) => [index("changed_days_day_idx").on(table.day)],
);

/** Who viewed any model on a day that is over. A day without views has no row. Outdated where the day is open. */
export const siteDays = pgTable("site_days", {
  day: date("day", { mode: "string" }).primaryKey(),
  ...audience,
});

/** Who viewed any model in a month (its first day) that is over. Outdated where a day of the month is open. */
export const siteMonths = pgTable("site_months", {
  month: date("month", { mode: "string" }).primaryKey(),
  ...audience,
});

const ofValue = {
  dimension: text("dimension").notNull(),
  /** `day` or `month`. */
  unit: text("unit").notNull(),
  /** The day, or the first day of the month. */
  start: date("start", { mode: "string" }).notNull(),
  /** Null: the value is unknown. */
  value: text("value"),
  ...audience,
};

/** The views of each value of a dimension, of the whole site, and who viewed; outdated like `site_days` and `site_months`. */
export const siteValues = pgTable("site_values", ofValue, (table) => [
  unique("site_values_key").on(table.dimension, table.unit, table.start, table.value).nullsNotDistinct(),
  index("site_values_start_idx").on(table.start),
]);

/**
 * The same of a model, on days when it had many views; fewer are read from the views themselves. Outdated like `model_days`
 * and `model_months`.
 */
export const modelValues = pgTable(
  "model_values",
  {
    modelId: uuid("model_id")
      .notNull()
      .references(() => models.id, { onDelete: "cascade" }),
    ...ofValue,
  },
  (table) => [
    unique("model_values_key")
      .on(table.modelId, table.dimension, table.unit, table.start, table.value)
      .nullsNotDistinct(),
  ],
);

/**
 * A model's views in each hour of the last days, and who viewed. The rows of an hour count only while it is complete in
 * `finalized_hours`; those of other hours may be outdated or missing.
 */
export const modelHours = pgTable(
  "model_hours",
  {
    modelId: uuid("model_id")
      .notNull()
      .references(() => models.id, { onDelete: "cascade" }),
    hour: instant("hour").notNull(),
    ...knownAudience,
  },
  (table) => [
    primaryKey({ columns: [table.modelId, table.hour] }),
    index("model_hours_hour_idx").on(table.hour),
  ],
);

/** The same of the whole site. Outdated while the hour is in `changed_hours` as well. An hour without views has no row. */
export const siteHours = pgTable("site_hours", { hour: instant("hour").primaryKey(), ...knownAudience });

/** The same of each value of a dimension, of the whole site. */
export const siteHourValues = pgTable(
  "site_hour_values",
  {
    dimension: text("dimension").notNull(),
    hour: instant("hour").notNull(),
    /** Null: the value is unknown. */
    value: text("value"),
    ...knownAudience,
  },
  (table) => [
    unique("site_hour_values_key").on(table.dimension, table.hour, table.value).nullsNotDistinct(),
    index("site_hour_values_hour_idx").on(table.hour),
  ],
);

/**
 * Hours that are finalized, or are being finalized. Adding or removing a view of an hour takes it out, in the same transaction,
 * so what was counted meanwhile does not become complete.
 */
export const finalizedHours = pgTable("finalized_hours", {
  hour: instant("hour").primaryKey(),
  /** The rows of the hour are those of its views. */
  isComplete: boolean("is_complete").notNull().default(false),
});

/** Hours of which a model's row was deleted, with the model. More than one row for an hour means the same as one. */
export const changedHours = pgTable(
  "changed_hours",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    hour: instant("hour").notNull(),
  },
  (table) => [index("changed_hours_hour_idx").on(table.hour)],
);

/**
 * Views that could not be stored, with the reason, so that they can be redriven. The payload is the queue's view
 * without its address, as text: `jsonb` would refuse what PostgreSQL refused. The key is a view's identity, so that a
 * view rejected twice is one row.
 */
export const rejectedViews = pgTable(
  "rejected_views",
  {
    modelId: uuid("model_id").notNull(),
    viewedAt: instant("viewed_at").notNull(),
    id: uuid("id").notNull(),
    viewerIdentifier: varchar("viewer_identifier", { length: 255 }).notNull(),
    /** `unknown_model`, `past_retention` or `refused`. */
    reason: text("reason").notNull(),
    /** PostgreSQL's code and message, when it refused the view. */
    sqlstate: varchar("sqlstate", { length: 5 }),
    message: text("message"),
    payload: json("payload").notNull(),
    rejectedAt: instant("rejected_at").notNull().default(sql`now()`),
  },
  (table) => [
    primaryKey({ columns: [table.modelId, table.viewedAt, table.id] }),
    index("rejected_views_rejected_at_idx").on(table.rejectedAt),
    index("rejected_views_viewer_idx").on(table.viewerIdentifier),
    // Counted often, because strangers can make such rows.
    index("rejected_views_unknown_idx")
      .on(table.modelId, table.rejectedAt)
      .where(sql`reason = 'unknown_model'`),
  ],
);

/**
 * How many acknowledged views are in no other table: views of models that do not exist, more than are kept. By the day
 * (in UTC) on which they were left out.
 */
export const unkeptViews = pgTable(
  "unkept_views",
  {
    reason: text("reason").notNull(),
    day: date("day", { mode: "string" }).notNull(),
    views: count("views").notNull(),
  },
  (table) => [primaryKey({ columns: [table.reason, table.day] })],
);

/**
 * Jobs of the queue whose views were recorded, for a day: one that is delivered again is not counted again in
 * `outcome_counts`. The id is that of the account that ingest opened when it queued the job.
 */
export const recordedJobs = pgTable(
  "recorded_jobs",
  {
    id: uuid("id").primaryKey(),
    views: integer("views").notNull(),
    recordedAt: instant("recorded_at").notNull().default(sql`now()`),
  },
  // Rows come in the order of time, so a block's first and last time find what is to be deleted.
  (table) => [index("recorded_jobs_recorded_at_idx").using("brin", table.recordedAt)],
);

/**
 * What became of the views of all jobs that were ever recorded: one row would be waited for, so there are some, and their
 * sum counts. Written by the statement that records the views. The rest of `views` are duplicates.
 */
export const outcomeCounts = pgTable("outcome_counts", {
  slot: integer("slot").primaryKey(),
  views: count("views").notNull(),
  inserted: count("inserted").notNull(),
  rejected: count("rejected").notNull(),
  unkept: count("unkept").notNull(),
  erased: count("erased").notNull(),
});

/** What admins did. Each action is noted before it begins, so that nothing is done without a trace. */
export const auditLog = pgTable(
  "audit_log",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    at: instant("at").notNull().default(sql`clock_timestamp()`),
    /** The name of a key, or the user and machine that ran a command. */
    actor: text("actor").notNull(),
    action: text("action").notNull(),
    /** A model's id; a viewer's only as the SHA-256 of the identifier, in hex. */
    subject: text("subject"),
    /** Null while it runs, and when the process that ran it died. */
    outcome: text("outcome"),
    endedAt: instant("ended_at"),
  },
  (table) => [index("audit_log_at_idx").on(table.at)],
);

/**
 * Months (their first day, in UTC) of which retention has removed views. A view of such a month could be a repeat of a
 * removed one, so it is rejected as `past_retention`.
 */
export const retiredMonths = pgTable("retired_months", {
  month: date("month", { mode: "string" }).primaryKey(),
  retiredAt: instant("retired_at").notNull().default(sql`now()`),
});

/**
 * Viewers who were erased, by the SHA-256 of their identifier. One of their views from before the erasure may still be on
 * the queue or in a spool, or be sent again: it is not stored.
 */
export const erasedViewers = pgTable(
  "erased_viewers",
  {
    viewerHash: bytea("viewer_hash").primaryKey(),
    /** Views until this time are not stored. */
    until: instant("until").notNull(),
  },
  // Finds at once that a view is later than every erasure, so its viewer need not be hashed.
  (table) => [index("erased_viewers_until_idx").on(table.until)],
);

export type Model = typeof models.$inferSelect;
