import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { SECRETS } from "@model-views/shared/runtime/config.ts";
import { beforeAll, describe, expect, test } from "vitest";
import { demoEnvironment, TAKEN } from "../../demo/environment.ts";
import { demoOptions } from "../../demo/options.ts";
import {
  ADVERTISED,
  CATEGORIES,
  type DemoModel,
  FADING,
  MODELS,
  NEWCOMER,
  VIRAL,
} from "../../demo/world/models.ts";
import { hourlyBusyness } from "../../demo/world/rhythm.ts";
import { viewEvent } from "../../demo/world/view-event.ts";
import { type IdentifiedView, viewsBetween } from "../../demo/world/views.ts";
import { DAY_MS, WORLD_DEFAULTS, worldUntil } from "../../demo/world/world.ts";

const END = new Date("2026-11-28T15:00:00Z");
const SMALL = { ...WORLD_DEFAULTS, views: 60_000 };
const SALT = "a salt for tests, of 32 characters";
const world = worldUntil(END, SMALL);

/** The first of the views, as they would be recorded. */
function digestOf(days: Iterable<IdentifiedView[]>): string {
  const hash = createHash("sha256");
  let left = 5_000;
  for (const views of days) {
    for (const view of views.slice(0, left)) hash.update(JSON.stringify(viewEvent(view, SALT)));
    left -= Math.min(left, views.length);
    if (left === 0) break;
  }
  return hash.digest("hex");
}

describe("the demo's world", () => {
  let days: IdentifiedView[][] = [];
  beforeAll(() => {
    days = [...viewsBetween(world, world.start, END)];
  });

  const all = () => days.flat();
  const people = (views: readonly IdentifiedView[]) =>
    views.filter(({ client, isSuspect }) => client.isBot !== true && !isSuspect);
  /** Views of people in the days from so many days before the last to so many, of a model or of all. */
  const between = (from: number, to: number, model?: DemoModel) =>
    people(days.slice(days.length - 1 - from, days.length - to).flat()).filter(
      (view) => model === undefined || view.model === model,
    ).length;

  test("is the same for the same seed, in each view of the first thousands, and another for another seed", () => {
    const first = digestOf(days);
    expect(first).toBe("a78347a7349203fc216f0d15724f37f1f35c89011d1eb34f8f72afcae845ecd1");
    expect(digestOf(viewsBetween(worldUntil(END, SMALL), world.start, END))).toBe(first);
    expect(digestOf(viewsBetween(worldUntil(END, { ...SMALL, seed: 15 }), world.start, END))).not.toBe(first);
  });

  test("has the same views when it is made in parts, each with its id", () => {
    const midnights = days.slice(0, -1).map((_, nth) => new Date(world.start.getTime() + (nth + 1) * DAY_MS));
    const parts = [...midnights, END].flatMap((to, nth) => [
      ...viewsBetween(world, midnights[nth - 1] ?? world.start, to),
    ]);
    const idsOf = (views: readonly IdentifiedView[]) => views.map(({ id }) => id).toSorted();
    expect(idsOf(parts.flat())).toEqual(idsOf(all()));
    expect(new Set(all().map(({ id }) => id)).size).toBe(all().length);
  });

  test("has about as many views as were asked for, all of them within its time", () => {
    expect(all().length / SMALL.views).toBeCloseTo(1, 1);
    const times = all().map(({ at }) => at);
    expect(Math.min(...times.slice(0, 100))).toBeGreaterThanOrEqual(world.start.getTime());
    expect(times.every((at) => at < END.getTime())).toBe(true);
  });

  test("has 60 models with different names, in six categories, which all were viewed", () => {
    expect(MODELS).toHaveLength(60);
    expect(new Set(MODELS.map(({ name }) => name)).size).toBe(60);
    expect(CATEGORIES).toHaveLength(6);
    expect(new Set(all().map(({ model }) => model))).toEqual(new Set(MODELS));
  });

  test("is quieter at weekends and at night", () => {
    const week = days.slice(7, 35);
    const perDay = (isWeekend: boolean) => {
      const chosen = week.filter(([view]) => (new Date(view?.at ?? 0).getUTCDay() % 6 === 0) === isWeekend);
      return chosen.flat().length / chosen.length;
    };
    expect(perDay(true) / perDay(false)).toBeLessThan(0.85);
    const ofGermany = all().filter(({ viewer }) => viewer.country.code === "DE");
    const atHour = (hour: number) => ofGermany.filter(({ at }) => new Date(at).getUTCHours() === hour).length;
    expect(atHour(2) / atHour(19)).toBeLessThan(0.2);
    // Japan's evening is Europe's noon.
    const ofJapan = all().filter(({ viewer }) => viewer.country.code === "JP");
    const japanAt = (hour: number) => ofJapan.filter(({ at }) => new Date(at).getUTCHours() === hour).length;
    expect(japanAt(11)).toBeGreaterThan(japanAt(19));
    const [night, evening] = ["02:30", "19:30"].map((time) =>
      hourlyBusyness(new Date(`2026-11-26T${time}:00Z`)),
    );
    expect(night ?? 1).toBeLessThan((evening ?? 0) / 3);
  });

  test("has a peak while the campaign ran, of its models and with its names", () => {
    expect(between(46, 43) / between(53, 50)).toBeGreaterThan(1.4);
    const ofCampaign = all().filter(({ source }) => source?.utmCampaign === "every-body-autumn");
    expect(new Set(ofCampaign.map(({ model }) => model))).toEqual(new Set(ADVERTISED));
    const [first, last] = [ofCampaign.at(0)?.at ?? 0, ofCampaign.at(-1)?.at ?? 0];
    expect((last - first) / DAY_MS).toBeLessThan(7);
  });

  test("has a model that goes viral in the last two days, one that fades, and one that is new", () => {
    expect(between(1, 0, VIRAL) / 2).toBeGreaterThan((between(9, 3, VIRAL) / 7) * 5);
    expect(between(6, 0, FADING)).toBeLessThan(between(69, 63, FADING) / 5);
    const ofNewcomer = all().filter(({ model }) => model === NEWCOMER);
    expect(ofNewcomer.length).toBeGreaterThan(0);
    expect((END.getTime() - (ofNewcomer[0]?.at ?? 0)) / DAY_MS).toBeLessThan(6);
  });

  test("has viewers who come back, and viewers who see several models", () => {
    const daysOf = new Map<string, Set<number>>();
    const modelsOf = new Map<string, Set<string>>();
    for (const { viewer, at, model } of people(all())) {
      const seen = daysOf.get(viewer.id) ?? new Set();
      daysOf.set(viewer.id, seen.add(Math.floor(at / DAY_MS)));
      const viewed = modelsOf.get(viewer.id) ?? new Set();
      modelsOf.set(viewer.id, viewed.add(model.id));
    }
    const share = (sets: Map<string, Set<unknown>>) =>
      [...sets.values()].filter(({ size }) => size > 1).length / sets.size;
    expect(share(daysOf)).toBeGreaterThan(0.05);
    expect(share(daysOf)).toBeLessThan(0.6);
    expect(share(modelsOf)).toBeGreaterThan(0.3);
  });

  test("has more than 15 countries, several sources and devices, bots and suspects", () => {
    const different = (of: (view: IdentifiedView) => unknown) => new Set(all().map(of)).size;
    expect(different(({ viewer }) => viewer.country.code)).toBeGreaterThan(15);
    expect(different(({ source }) => source?.referrerHost)).toBeGreaterThan(10);
    expect(different(({ client }) => client.device)).toBe(4);
    const bots = all().filter(({ client }) => client.isBot === true).length / all().length;
    expect(bots).toBeGreaterThan(0.02);
    expect(bots).toBeLessThan(0.08);
    expect(all().filter(({ isSuspect }) => isSuspect).length).toBeGreaterThan(10);
  });
});

describe("the settings of the demo", () => {
  const names = [
    ...readFileSync(new URL("../../../.env.example", import.meta.url), "utf8").matchAll(
      /^(?:# )?([A-Z_]+)=/gm,
    ),
  ]
    .map(([, name = ""]) => name)
    // Of docker compose alone.
    .filter(
      (name) =>
        !/^(POSTGRES_|REDIS_PASSWORD|STATS_DATABASE_PASSWORD|PUBLISH_|SERVICE_|PROMETHEUS_|GRAFANA_)/.test(
          name,
        ),
    );

  test.each(names)("%s is a real one only where the demo takes it from the environment", (name) => {
    const isTaken = TAKEN.some((taken) => taken === name);
    expect(demoEnvironment({ [name]: "real" })[name] === "real").toBe(isTaken);
  });

  test.each(SECRETS)("%s is not taken from a file either", (name) => {
    expect(demoEnvironment({ [`${name}_FILE`]: "/run/secrets/real" })[`${name}_FILE`]).toBe("");
  });

  test("has views kept for ever, without keys", () => {
    expect(demoEnvironment({})).toMatchObject({
      RETENTION_DAYS: "0",
      NODE_ENV: "development",
      SERVER_KEYS: "",
    });
  });

  test.for([
    [[], { fresh: false, perSecond: 2, days: 120 }],
    [["--fresh", "--no-traffic"], { fresh: true, perSecond: 0 }],
    [["--rate", "0.5"], { perSecond: 0.5 }],
  ] as const)("%j are options", ([args, options]) => {
    expect(demoOptions([...args])).toMatchObject(options);
  });

  test.for([
    ["--rate", "many"],
    ["--rate", ""],
    ["--days", "0"],
  ])("%j is refused", (args) => {
    expect(() => demoOptions([...args])).toThrow(/takes a number from/);
  });
});
