import type { ClientBase } from "pg";

/** Months before this one that get a partition: as far back as late views and the usual retention reach. */
const MONTHS_BACK = 3;
/** Months after this one that get a partition. */
const MONTHS_AHEAD = 3;

/**
 * Makes the partitions of `model_views` for the months around `now` that are not there yet, and says which.
 * Views of such a month that the default partition has taken meanwhile are moved into it.
 */
export async function ensureMonthPartitions(client: ClientBase, { now }: { now: Date }): Promise<string[]> {
  const made: string[] = [];
  for (let offset = -MONTHS_BACK; offset <= MONTHS_AHEAD; offset += 1) {
    const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1));
    const name = `model_views_${month.toISOString().slice(0, 7).replace("-", "_")}`;
    const { rowCount } = await client.query("select 1 where to_regclass($1) is not null", [name]);
    if (rowCount === 0) {
      await makePartition(client, name, month);
      made.push(name);
    }
  }
  return made;
}

/** In one transaction, so that no view is ever missing or there twice. */
async function makePartition(client: ClientBase, name: string, month: Date): Promise<void> {
  const from = month.toISOString();
  const to = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1)).toISOString();
  await client.query("begin");
  try {
    // In the order in which deleting a model locks them, so that the two wait for each other.
    await client.query("lock table models in share row exclusive mode");
    await client.query("lock table model_views_default in access exclusive mode");
    await client.query(`create table ${name} (like model_views including defaults including constraints)`);
    await client.query(
      `with moved as (delete from model_views_default where viewed_at >= $1 and viewed_at < $2 returning *)
       insert into ${name} select * from moved`,
      [from, to],
    );
    await client.query(
      `alter table model_views attach partition ${name} for values from ('${from}') to ('${to}')`,
    );
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}
