import { requireReading, requireRights } from "@model-views/db/migrate/rights.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { aliveSchema, type ReadinessCheck, readySchema } from "@model-views/shared/http/health.ts";
import { defineRoute } from "../http/route.ts";
import type { RouteDeps } from "./deps.ts";

export const livenessRoute = defineRoute({
  id: "getLivez",
  method: "get",
  path: "/livez",
  summary: "Whether the process answers",
  access: "none",
  answers: { 200: { description: "It does", json: { Alive: aliveSchema } } },
  examples: { alive: { summary: "It does", status: 200, answer: { status: "ok" } } },
  handle: ({ response }) => void response.json({ status: "ok" }),
});

/** The reasons are on the admin port: this one is open to everyone. */
export const readinessRoute = defineRoute({
  id: "getReadyz",
  method: "get",
  path: "/readyz",
  summary: "Whether everything works that the service needs",
  access: "none",
  answers: {
    200: { description: "It does", json: { Ready: readySchema } },
    503: { description: "It does not; the admin port shows what and why", json: { Ready: readySchema } },
  },
  examples: { ready: { summary: "It does", status: 200, answer: { status: "ok" } } },
  async handle({ response }, { readiness }: Pick<RouteDeps, "readiness">) {
    const { status } = await readiness();
    response
      .status(status === "ok" ? 200 : 503)
      .set("Cache-Control", "no-store")
      .json({ status });
  },
});

/** The checks of readiness, each of which rejects with what is wrong. */
export function statsReadiness({ db, adminDb }: { db: Db; adminDb: Db }): Record<string, ReadinessCheck> {
  return {
    /** PostgreSQL answers, and our roles have the rights that they need. */
    async postgres() {
      const { $client: admins } = adminDb;
      // Exports may use all of the admins' connections for minutes: that is no fault.
      const areBusy = admins.idleCount === 0 && admins.totalCount >= (admins.options.max ?? 0);
      await Promise.all([requireReading(db.$client), areBusy ? undefined : requireRights(admins)]);
      return "ok";
    },
  };
}
