import { createRequire } from "node:module";
import type * as Core from "drizzle-orm";
import type * as Migrator from "drizzle-orm/migrator";
import type * as NodePostgres from "drizzle-orm/node-postgres";
import type * as PgCore from "drizzle-orm/pg-core";

/**
 * All that we use of Drizzle, from its CommonJS build. Of its ES modules, Node reads the large `exports` of the package once
 * for each of hundreds of files: 2.4 s of processor time instead of 0.4 s, and 298 MB instead of 70 MB, in every process
 * that starts (docs/adr/0014-drizzle-as-commonjs.md).
 */
const require = createRequire(import.meta.url);

export const { and, asc, count, countDistinct, eq, gt, inArray, max, notExists, sql } =
  require("drizzle-orm") as typeof Core;
export const { drizzle } = require("drizzle-orm/node-postgres") as typeof NodePostgres;
export const { readMigrationFiles } = require("drizzle-orm/migrator") as typeof Migrator;
export const {
  bigint,
  boolean,
  customType,
  date,
  index,
  json,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
  varchar,
} = require("drizzle-orm/pg-core") as typeof PgCore;
