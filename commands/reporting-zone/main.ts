import { explainFailure } from "@model-views/db/postgres/failure.ts";
import { type Ask, asking } from "@model-views/db/postgres/sql.ts";
import {
  changeReportingZone,
  isPostponed,
  ZoneChangedError,
  type ZoneStep,
} from "@model-views/db/reporting-zone/change-reporting-zone.ts";
import {
  isUnfinished,
  nameInPostgres,
  oldestKeptDay,
  zoneRows,
} from "@model-views/db/reporting-zone/reporting-zone.ts";
import { timeZoneSchema } from "@model-views/shared/contracts/period.ts";
import { parseConfig } from "@model-views/shared/runtime/config.ts";
import { runCommand, UsageError } from "@model-views/shared/runtime/run-command.ts";
import { auditedCommand } from "../shared/audited-command.ts";
import { databaseSettings } from "../shared/settings.ts";
import { withDatabase } from "../shared/with-database.ts";

const help = `
npm run reporting-zone [-- TIME_ZONE]

Prints the time zone of the days for which statistics are stored; with a time zone, such as Europe/Berlin, changes it. Questions
about days of this zone are answered from what is stored, those about days of other zones from the views: both exactly.

The change counts the views of each day anew, from the newest day to the oldest, and may run while everything else does.
Recording waits for each step: about a second, or as long as counting the busiest day takes. Stopped half-way, all answers are exact, and the same command goes on.
Days whose views retention has removed cannot be counted anew, and keep their zone. All workers and stats APIs must be of this version.

Uses DATABASE_URL, else the local PostgreSQL in DATA_DIR.`;

const NEXT =
  "Until the worker's next finalize-viewers (or npm run maintenance -- finalize-viewers) has stored who viewed on these days, questions about them read the views, and those about new viewers of the site all views.";

await runCommand({
  help,
  explain: (error) =>
    isPostponed(error)
      ? "A table or a model was locked for minutes. What is done stays done; run the command again."
      : explainFailure(error),
  async main(args) {
    const [given, ...others] = args;
    if (others.length > 0) throw new UsageError("give one time zone, or none");
    const wanted = given === undefined ? undefined : timeZoneSchema.safeParse(given);
    if (wanted?.success === false) throw new UsageError(`the time zone ${given} ${messageOf(wanted.error)}`);
    const settings = parseConfig(databaseSettings, process.env);
    await withDatabase(settings, "model-views reporting-zone", async (db) => {
      const { $client: pool } = db;
      if (wanted === undefined) return print(await linesOf(asking(pool)));
      const timeZone = await nameInPostgres(pool, wanted.data);
      if (timeZone === undefined) throw new UsageError(`PostgreSQL knows no time zone ${given}`);
      let steps = 0;
      const onStep = ({ firstDay }: ZoneStep) => {
        steps += 1;
        const which = firstDay === null ? "all days are" : `days from ${firstDay} on are`;
        process.stderr.write(`${which} counted\n`);
      };
      const lines = await auditedCommand(
        db,
        `reporting-zone ${timeZone}`,
        async () => {
          await changeReportingZone(pool, { timeZone, onStep });
          return linesOf(asking(pool));
        },
        (done) => done.join(" "),
      ).catch((error: unknown) => {
        throw error instanceof ZoneChangedError ? new UsageError(error.message) : error;
      });
      print([...lines, ...(steps > 0 ? [NEXT] : [])]);
    });
  },
});

async function linesOf(ask: Ask): Promise<string[]> {
  const rows = await zoneRows(ask);
  const oldest = await oldestKeptDay(ask);
  return rows.map(({ timeZone, firstDay }, index) => {
    const next = rows[index - 1];
    if (next === undefined)
      return firstDay === null
        ? `Days are those of ${timeZone}.`
        : `Days from ${firstDay} on are those of ${timeZone}.`;
    const days = `Days ${firstDay === null ? "" : `from ${firstDay} on and `}before ${next.firstDay}`;
    return isUnfinished(next, oldest)
      ? `${days} are still those of ${timeZone}: the change was stopped, and the same command goes on.`
      : `${days} stay those of ${timeZone}: retention has removed their views.`;
  });
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}

function messageOf({ issues }: { issues: readonly { message: string }[] }): string {
  return issues.map(({ message }) => message).join(", ");
}
