import { finalizeHours } from "@model-views/db/maintenance/finalize-hours.ts";
import { finalizeViewers } from "@model-views/db/maintenance/finalize-viewers.ts";
import { ensureMonthPartitions } from "@model-views/db/migrate/partitions.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { aModel } from "@model-views/testing/views.ts";

/** Models of the tests, by their names. */
export const MODELS = {
  Anna: { id: "00000000-0000-4000-8000-000000000001", category: "women" },
  Bella: { id: "00000000-0000-4000-8000-000000000002", category: "women" },
  Carlo: { id: "00000000-0000-4000-8000-000000000003", category: "men" },
  "Dana, never viewed": { id: "00000000-0000-4000-8000-000000000004", category: null },
} as const;

const HOUR_MS = 3_600_000;
/** Hours between two views of the history, and how far back it goes. */
const EVERY_HOURS = 7;
const DAYS = 70;

const COUNTRIES = ["DE", "FR", "US", undefined] as const;
const REFERRERS = ["www.google.com", "blog.example.org", undefined] as const;
const DEVICES = [
  { device: "mobile", browser: "Safari", os: "iOS" },
  { device: "desktop", browser: "Chrome", os: "Windows" },
] as const;

/** Records views of some weeks until `now`, by viewers who come back, and each hour of two days on which clocks change. */
export async function recordWorld(db: Db, now: Date): Promise<void> {
  for (const [name, { id, category }] of Object.entries(MODELS)) await aModel(db, { id, name, category });
  await ensureMonthPartitions(db.$client, { now, monthsBack: 14 });
  const views = [...history(now), ...clockChanges()].map((view, index) => ({
    ...view,
    id: `00000000-0000-4000-9000-${String(index).padStart(12, "0")}`,
  }));
  for (let from = 0; from < views.length; from += 500) {
    await recordViews(db.$client, views.slice(from, from + 500));
  }
  await finalizeViewers(db.$client, { now });
  await finalizeHours(db.$client, { now });
}

function history(now: Date): Omit<ViewEvent, "id">[] {
  const viewed = [MODELS.Anna, MODELS.Anna, MODELS.Anna, MODELS.Bella, MODELS.Carlo];
  const count = Math.floor((DAYS * 24) / EVERY_HOURS);
  return Array.from({ length: count }, (_, index) => ({
    modelId: viewed[index % viewed.length]?.id ?? "",
    viewerIdentifier: `viewer ${index % 23}`,
    viewedAt: new Date(now.getTime() - HOUR_MS - index * EVERY_HOURS * HOUR_MS).toISOString(),
    country: COUNTRIES[index % COUNTRIES.length],
    referrerHost: REFERRERS[index % REFERRERS.length],
    ...DEVICES[index % DEVICES.length],
    ...(index % 29 === 0 ? { isBot: true } : {}),
  }));
}

/** A view in each hour of the days of 23 and 25 hours in Berlin. */
function clockChanges(): Omit<ViewEvent, "id">[] {
  const hoursFrom = (start: string, hours: number) =>
    Array.from({ length: hours }, (_, hour) => ({
      modelId: MODELS.Bella.id,
      viewerIdentifier: `night owl ${hour}`,
      viewedAt: new Date(Date.parse(start) + hour * HOUR_MS + 60_000).toISOString(),
    }));
  return [...hoursFrom("2026-03-28T23:00:00Z", 23), ...hoursFrom("2026-10-24T22:00:00Z", 25)];
}
