import { createRequire } from "node:module";
import type * as PgCore from "drizzle-orm/pg-core";

/**
 * What describes the schema, from Drizzle's CommonJS build; statements need sql.ts alone. With Drizzle's
 * ES modules, Node would read the large `exports` of the package once for each of hundreds of files
 * (docs/adr/0014-drizzle-as-commonjs.md).
 */
const require = createRequire(import.meta.url);

export const {
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
} = require("drizzle-orm/pg-core") as typeof PgCore;
