import { recordViews } from "@model-views/db/recording/record-views.ts";
import { erasedViewerSchema } from "@model-views/shared/contracts/viewers.ts";
import { wrongClock } from "@model-views/testing/faketime.ts";
import { test } from "@model-views/testing/own-redis.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { expect } from "vitest";

test.for([
  ["an hour behind", "-3600"],
  ["an hour ahead", "+3600"],
] as const)(
  "what waits while its viewer is erased by a stats API whose clock is %s is not stored",
  async ([, offset], { db, start, folder, skip }) => {
    const clock = await wrongClock({ folder, offset }, skip);
    const modelId = await aModel(db);
    const waiting = Array.from({ length: 200 }, () => aView({ modelId, viewerIdentifier: "erased" }));
    const { url } = await start("stats-api", clock.env);
    const answer = await fetch(`${url}/v1/viewers/erased`, { method: "DELETE" });
    const { until } = erasedViewerSchema.parse(await answer.json());
    expect(new Date(until).getTime()).toBeGreaterThan(Date.now() + 4 * 60_000);
    expect(await recordViews(db.$client, waiting)).toMatchObject({ inserted: 0, erased: 200 });
  },
);
