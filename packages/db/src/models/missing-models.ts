import { type Ask, sql } from "../postgres/sql.ts";

/** Which of these models do not exist? In their order. Reads the primary key of models. */
export async function missingModels(ask: Ask, ids: readonly string[]): Promise<string[]> {
  const { rows } = await ask<{ id: string }>(sql`
    select id from unnest(${sql.param(ids)}::uuid[]) with ordinality asked(id, nth)
    where not exists (select from models m where m.id = asked.id) order by nth`);
  return rows.map(({ id }) => id);
}
