import type { Bots } from "@model-views/shared/contracts/stats.ts";
import type { SQL } from "drizzle-orm";
import { sql } from "../postgres/sql.ts";

/** SQL: the condition on `model_views` by which views of bots count. */
export const WITH_BOTS: Record<Bots, SQL> = {
  exclude: sql`not is_bot`,
  include: sql`true`,
  only: sql`is_bot`,
};
