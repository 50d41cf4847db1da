import type { Ask } from "@model-views/db/postgres/transaction.ts";
import { z } from "zod";

/** A node of a plan, as `explain (analyze, format json)` tells it (https://www.postgresql.org/docs/current/sql-explain.html). */
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

/** What questions have read. */
export type Reading = {
  /** Rows that were looked at, by table; a partition counts for its table. */
  rows: Map<string, number>;
  /** Tables that were read from beginning to end. */
  scanned: Set<string>;
};

/** Asks as `ask` does, and notes what PostgreSQL had to read for it. */
export function watched(ask: Ask, reading: Reading): Ask {
  return async (text, values) => {
    const { rows } = await ask(`explain (analyze, timing off, format json) ${text}`, values);
    const [{ "QUERY PLAN": plans }] = explainedSchema.parse(rows);
    note(plans[0].Plan, reading);
    return ask(text, values);
  };
}

function note(plan: Plan, reading: Reading): void {
  const relation = plan["Relation Name"];
  // The bitmap's own index scan finds the same rows again.
  if (relation !== undefined && plan["Node Type"] !== "Bitmap Index Scan") {
    const table = relation.replace(/_(\d{4}_\d{2}|default)$/, "");
    const rows = (plan["Actual Rows"] + (plan["Rows Removed by Filter"] ?? 0)) * plan["Actual Loops"];
    reading.rows.set(table, (reading.rows.get(table) ?? 0) + rows);
    if (plan["Node Type"] === "Seq Scan" && plan["Actual Loops"] > 0) reading.scanned.add(table);
  }
  for (const child of plan.Plans ?? []) note(child, reading);
}
