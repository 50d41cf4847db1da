import type { Db } from "@model-views/db/connect.ts";
import type { ReadinessCheck } from "@model-views/shared/health.ts";

/** What has to work for questions to be answered: each says what is wrong. */
export function statsReadiness(db: Db): Record<string, ReadinessCheck> {
  return {
    async postgres() {
      await db.$client.query("select 1");
      return "ok";
    },
  };
}
