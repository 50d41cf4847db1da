/** Milliseconds that a statement may take. */
const STATEMENT_TIMEOUT_MS = 1_800_000;

/** Every transaction of finalizing has these options. */
export const FINALIZE_OPTIONS = { statementTimeoutMs: STATEMENT_TIMEOUT_MS } as const;

/** Views of a model's day and month from which on its values are stored, with their viewers. */
export type ManyViews = { day: number; month: number };

/** Fewer views are read in some milliseconds; a row for each value of each model would be larger than the views. */
export const MANY_VIEWS: ManyViews = { day: 1_000, month: 5_000 };
