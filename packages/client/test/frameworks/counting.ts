import type { TwoModels } from "./agency.ts";
import type { Added, Cell } from "./expected.ts";
import type { ProductionSystem } from "./production-system.ts";
import { until } from "./until.ts";

/**
 * Counts what each step of a walk adds to the statistics. It waits for what is expected of the step, and then for a view
 * that ingest took after that: every view that ingest took before has been counted by then, also an unexpected one.
 */
export async function startCounting(
  { modelViews: { orThrow }, addModel }: ProductionSystem,
  { anna, bella }: TwoModels,
): Promise<(expected: Exclude<Cell, string>) => Promise<Added>> {
  const witness = await addModel("Witness");
  let witnessed = 0;
  let before = await read();

  return async (expected) => {
    const isCounted = async () => isSame(added(before, await read()), expected);
    // If it does not come, the difference says more than a time-out.
    await until(isCounted, "the statistics").catch(() => {});
    await orThrow.trackModelView(witness, "a witness");
    witnessed += 1;
    await until(async () => (await viewsOf(witness))[0] === witnessed, "the witness");
    const now = await read();
    const counted = added(before, now);
    before = now;
    return counted;
  };

  async function read(): Promise<Counts> {
    return { anna: await viewsOf(anna), bella: await viewsOf(bella) };
  }

  async function viewsOf(modelId: string): Promise<[views: number, viewers: number]> {
    const { totalViews, uniqueViews } = await orThrow.getModelViewStats(modelId);
    return [totalViews, uniqueViews];
  }
}

type Counts = Record<"anna" | "bella", [views: number, viewers: number]>;

function added(before: Counts, now: Counts): Added {
  const since: Added = {};
  for (const name of ["anna", "bella"] as const) {
    const views = now[name][0] - before[name][0];
    const viewers = now[name][1] - before[name][1];
    if (views !== 0 || viewers !== 0) since[name] = [views, viewers];
  }
  return since;
}

function isSame(left: Added, right: Added): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
