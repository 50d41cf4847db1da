import type { Db } from "@model-views/db/postgres/connect.ts";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import { z } from "zod";
import { WORLD_VERSION, type World } from "./world/world.ts";

const keptSchema = z.object({
  version: z.int(),
  seed: z.int(),
  start: z.coerce.date(),
  end: z.coerce.date(),
  days: z.int(),
  views: z.int(),
  filledUntil: z.coerce.date(),
});

/** A world in a database, and until when its views are there. */
export type KeptWorld = { world: World; filledUntil: Date };

/**
 * The world that an earlier run has begun; undefined in a new database. It is in the database's comment, so that it is gone when
 * the database is.
 *
 * @throws {UsageError} when it is of another version.
 */
export async function keptWorld(db: Db): Promise<KeptWorld | undefined> {
  const { rows } = await db.$client.query<{ comment: string | null }>(
    "select shobj_description(oid, 'pg_database') as comment from pg_database where datname = current_database()",
  );
  const comment = rows[0]?.comment ?? null;
  if (comment === null) return undefined;
  const { version, filledUntil, ...world } = keptSchema.parse(JSON.parse(comment));
  if (version === WORLD_VERSION) return { world, filledUntil };
  throw new UsageError("The demo's data is of another version: npm run demo -- --fresh makes it anew");
}

/** Notes until when the world's views are there. */
export async function keepWorld(db: Db, { world, filledUntil }: KeptWorld): Promise<void> {
  const comment = JSON.stringify({ version: WORLD_VERSION, ...world, filledUntil });
  // Neither the name nor the text can be a parameter of this statement.
  const { rows } = await db.$client.query<{ statement: string }>(
    "select format('comment on database %I is %L', current_database(), $1::text) as statement",
    [comment],
  );
  await db.$client.query(rows[0]?.statement ?? "");
}
