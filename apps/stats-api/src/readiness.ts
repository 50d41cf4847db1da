import { requireReading, requireRights } from "@model-views/db/migrate/rights.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import type { ReadinessCheck } from "@model-views/shared/http/health.ts";

/** What has to work for questions to be answered and for admins: each says what is wrong. */
export function statsReadiness({ db, adminDb }: { db: Db; adminDb: Db }): Record<string, ReadinessCheck> {
  return {
    /** PostgreSQL answers, and lets us do what we do. */
    async postgres() {
      const { $client: admins } = adminDb;
      // Exports may keep all of the admins' connections for minutes: that is no fault.
      const areBusy = admins.idleCount === 0 && admins.totalCount >= (admins.options.max ?? 0);
      await Promise.all([requireReading(db.$client), areBusy ? undefined : requireRights(admins)]);
      return "ok";
    },
  };
}
