import { DAY_MS, HOUR_MS, iso, localAt, utcDay } from "./clock.ts";
import { type Ask, modelsOf, type Parameters, pathOf, type Question, resolvedPeriod } from "./question.ts";
import type { OracleModel } from "./store.ts";
import { removedDays, touches, viewsLeft, within } from "./views.ts";

const WEEK_HOURS = 7 * 24;

/** The hours of the week of the site, and of each model. */
export function hoursQuestions(ask: Ask, period: Parameters): Question[] {
  return [undefined, ...modelsOf(ask)].map((model) => hoursQuestion(ask, period, model));
}

function hoursQuestion(
  { store, asked: { tz, bots }, period: span, now }: Ask,
  period: Parameters,
  model: OracleModel | undefined,
): Question {
  const models = model === undefined ? [...store.models.values()] : [model];
  const hours = within(viewsLeft(models, bots), span).map(({ at }) => hourOfWeek(localAt(at, tz)));
  const items = Array.from({ length: WEEK_HOURS }, (_, index) => ({
    weekday: Math.floor(index / 24) + 1,
    hour: index % 24,
    views: hours.filter((hour) => hour === index).length,
  }));
  const modelId = model?.id;
  return {
    path: pathOf("/v1/hours-of-week", { ...period, tz, bots, modelId }),
    expected: {
      ...(model && { modelId }),
      tz,
      ...resolvedPeriod(span),
      items,
      isIncomplete: removedDays(store, models, bots).some((day) => touches(day, span)),
      asOf: iso(now),
    },
    csv: { columns: ["weekday", "hour", "views"] },
  };
}

/** Hours since Monday at midnight. 1 January 1970 was a Thursday. */
function hourOfWeek(local: number): number {
  const weekday = (((utcDay(local) / DAY_MS + 3) % 7) + 7) % 7;
  return weekday * 24 + Math.floor((local - utcDay(local)) / HOUR_MS);
}
