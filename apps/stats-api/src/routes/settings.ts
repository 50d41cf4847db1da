import { serviceStatusSchema } from "@model-views/shared/contracts/pipeline.ts";
import { settingsAnswerSchema } from "@model-views/shared/contracts/settings.ts";
import { readStatuses } from "@model-views/shared/queue/service-status.ts";
import manifest from "../../package.json" with { type: "json" };
import { ofRedis } from "../http/of-redis.ts";
import { noQuery } from "../http/parameters.ts";
import { askParts } from "../http/parts.ts";
import { defineRoute } from "../http/route.ts";
import { withoutReasons } from "../http/without-reasons.ts";
import type { RouteDeps } from "./deps.ts";
import { AS_OF } from "./example-data.ts";

type Deps = Pick<RouteDeps, "reader" | "queueRedis" | "keyUses" | "siteInfo" | "onPartFailed" | "now">;

export const settingsRoute = defineRoute({
  id: "getSettings",
  method: "get",
  path: "/v1/settings",
  summary: "How the system is set up",
  description: "Without keys, salts and other secrets. Each running process says what its settings are.",
  access: "read",
  query: noQuery,
  answers: {
    200: {
      description: "Settings, keys by name, and the processes that run",
      json: { Settings: settingsAnswerSchema },
      nested: { ServiceStatus: serviceStatusSchema },
      headers: ["ETag"],
    },
  },
  examples: {
    alone: {
      summary: "Without keys, and without other services",
      status: 200,
      answer: {
        reportingTimeZone: "UTC",
        keys: [],
        services: { data: [] },
        version: manifest.version,
        asOf: AS_OF,
      },
    },
  },
  async handle({ request, response }, { reader, queueRedis, keyUses, siteInfo, onPartFailed, now }: Deps) {
    const { info, services } = await askParts(
      { info: siteInfo, services: () => ofRedis(queueRedis, readStatuses) },
      onPartFailed,
    );
    response.set("Cache-Control", "no-store").json({
      reportingTimeZone: "data" in info ? info.data.reportingTimeZone : null,
      keys: keyUses
        .all()
        .map(({ lastUsedAt, ...key }) => ({ ...key, lastUsedAt: lastUsedAt?.toISOString() ?? null })),
      services: reader(request).mayChange ? services : withoutReasons(services),
      version: manifest.version,
      asOf: now().toISOString(),
    });
  },
});
