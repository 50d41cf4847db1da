import type { Comparison } from "../comparison.ts";
import type { Lab } from "../lab.ts";
import { watchPeakMemory } from "../resources.ts";
import { runRounds } from "../rounds.ts";
import { madeModelIds } from "./made-views.ts";
import { createOriginalTable } from "./original-table.ts";
import { startJobPerView, startOurs } from "./sides.ts";

const ROUNDS = 3;
const OURS = "our worker";
const JOB_PER_VIEW = "a job and an INSERT per view";
const TARGETS = [{ against: JOB_PER_VIEW, ratioMin: 6 }];
const MEMORY_BYTES_MAX = 200 * 1024 * 1024;
const OUR_VIEWS = 100_000;
/** Enough to measure its speed. */
const THEIR_VIEWS = 20_000;

/** Compares how many views a second go from the queue to the database: ours with every rollup, the usual way without any. */
export async function compareWorker(
  lab: Lab,
  { rounds = ROUNDS, log }: { rounds: number | undefined; log: (line: string) => void },
): Promise<Comparison> {
  const modelIds = madeModelIds();
  await lab.db.$client.query(
    "insert into models (id, name) select id, 'model ' || rank from unnest($1::uuid[]) with ordinality as m(id, rank)",
    [modelIds],
  );
  await createOriginalTable(lab.db);
  await lab.db.$client.query("analyze models");
  const ours = await startOurs({ lab, name: OURS, modelIds, viewsATurn: OUR_VIEWS });
  const theirs = await startJobPerView({ lab, name: JOB_PER_VIEW, modelIds, viewsATurn: THEIR_VIEWS });
  const memory = watchPeakMemory(ours.program.pid);
  try {
    const measured = await runRounds([ours, theirs], { rounds, targets: TARGETS, log });
    return {
      title: `worker: ${OUR_VIEWS.toLocaleString("en")} queued views of ${modelIds.length.toLocaleString("en")} models, ${rounds} rounds`,
      ...measured,
      peakMemory: { name: OURS, bytes: memory.bytes(), bytesMax: MEMORY_BYTES_MAX },
      notes: [
        "Every queued view became a row, and every rollup of ours matches the rows. The other side writes no rollups,",
        `and its speed is measured with ${THEIR_VIEWS.toLocaleString("en")} views a turn.`,
      ],
    };
  } finally {
    memory.stop();
    await ours.program.stop();
    await theirs.program.stop();
  }
}
