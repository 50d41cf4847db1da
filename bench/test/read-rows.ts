import type { ClientBase, Pool, QueryConfig } from "pg";
import { z } from "zod";

/** A node of a plan, as in the output of `explain (analyze, format json)` (https://www.postgresql.org/docs/current/sql-explain.html). */
type Plan = {
  "Node Type": string;
  "Relation Name"?: string | undefined;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number | undefined;
  Plans?: Plan[] | undefined;
};

const planSchema: z.ZodType<Plan> = z.lazy(() =>
  z.object({
    "Node Type": z.string(),
    "Relation Name": z.string().optional(),
    "Actual Rows": z.number(),
    "Actual Loops": z.number(),
    "Rows Removed by Filter": z.number().optional(),
    Plans: z.array(planSchema).optional(),
  }),
);
const explainedSchema = z.tuple([z.object({ "QUERY PLAN": z.tuple([z.object({ Plan: planSchema })]) })]);

/** What queries have read. */
export type Reading = {
  /** Rows that were read, by table; a partition counts for its table. */
  rows: Map<string, number>;
  /** Tables that were read from beginning to end. */
  scanned: Set<string>;
};

/** Asks on this connection, and notes what PostgreSQL had to read for each statement. */
export function watched(client: ClientBase, reading: Reading): Pick<Pool, "query"> {
  const query = async (query: QueryConfig) => {
    const text = `explain (analyze, timing off, format json) ${query.text}`;
    const { rows } = await client.query({ ...query, text });
    const [{ "QUERY PLAN": plans }] = explainedSchema.parse(rows);
    note(plans[0].Plan, reading);
    return client.query(query);
  };
  return { query } as Pick<Pool, "query">;
}

function note(plan: Plan, reading: Reading): void {
  const relation = plan["Relation Name"];
  // The index scan of a bitmap finds the same rows again.
  if (relation !== undefined && plan["Node Type"] !== "Bitmap Index Scan") {
    const table = relation.replace(/_(\d{4}_\d{2}|default)$/, "");
    const rows = (plan["Actual Rows"] + (plan["Rows Removed by Filter"] ?? 0)) * plan["Actual Loops"];
    reading.rows.set(table, (reading.rows.get(table) ?? 0) + rows);
    if (plan["Node Type"] === "Seq Scan" && plan["Actual Loops"] > 0) reading.scanned.add(table);
  }
  for (const child of plan.Plans ?? []) note(child, reading);
}
