import type { Db } from "@model-views/db/postgres/connect.ts";
import { changeReportingZone, type ZoneStep } from "@model-views/db/reporting-zone/change-reporting-zone.ts";
import type { ZoneRow } from "@model-views/db/reporting-zone/reporting-zone.ts";
import { expect } from "vitest";
import { OracleCalendar } from "./calendar.ts";
import { utcMonth } from "./clock.ts";
import { viewsByDay } from "./finalize.ts";
import type { OracleStore } from "./store.ts";

export type ZoneAction = { timeZone: string; viewsMax: number; steps: number };

/** Changes the reporting zone, or takes only some of the steps, as if the command had been killed after them. */
export async function changeZone(
  { db, oracle }: { db: Db; oracle: OracleStore },
  { timeZone, viewsMax, steps }: ZoneAction,
): Promise<void> {
  for (let taken = 0; taken < steps; taken += 1) {
    let step: ZoneStep | undefined;
    const rows = await changeReportingZone(db.$client, {
      timeZone,
      viewsMax,
      stepsMax: 1,
      onStep: (did) => {
        step = did;
      },
    });
    expect(rows[0]?.timeZone).toBe(timeZone);
    if (step !== undefined) follow(oracle, rows, step);
    if (step === undefined || step.isLast) {
      if (oracle.retired.size === 0) expect(rows).toEqual([{ timeZone, firstDay: null, since: null }]);
      return;
    }
  }
}

/** The oracle's calendar becomes the same, and what was stored of the days that may have changed is not stored any more. */
function follow(oracle: OracleStore, rows: readonly ZoneRow[], { firstDay, lastDay }: ZoneStep): void {
  const before = oracle.calendar;
  oracle.calendar = new OracleCalendar(
    rows.map((row) => ({
      tz: row.timeZone,
      firstDay: row.firstDay === null ? -Infinity : Date.parse(row.firstDay),
      since: row.since?.getTime() ?? -Infinity,
    })),
  );
  const [first, last] = [
    firstDay === null ? -Infinity : Date.parse(firstDay),
    lastDay === null ? Infinity : Date.parse(lastDay),
  ];
  const isAffected = (day: number) => day >= first && day <= last;
  const isAffectedMonth = (month: number) => utcMonth(month, 1) > first && month <= last;
  const { finalized } = oracle;
  for (const model of oracle.models.values()) {
    const days = [...viewsByDay(oracle.calendar, model).keys()].filter(isAffected);
    for (const day of viewsByDay(before, model).keys()) {
      if (!isAffected(day) || days.includes(day)) continue;
      model.monthsWithValues.delete(utcMonth(day));
      finalized.changedDays.add(day);
    }
    forget(model.days, isAffected);
    if (days.length > 0) forget(model.monthsWithValues, isAffectedMonth);
  }
  forget(finalized.siteDays, isAffected);
  forget(finalized.siteMonths, isAffectedMonth);
}

function forget(
  stored: { keys: () => Iterable<number>; delete: (key: number) => boolean },
  isForgotten: (key: number) => boolean,
): void {
  for (const key of [...stored.keys()]) if (isForgotten(key)) stored.delete(key);
}
