import { putModel } from "@model-views/db/models/put-model.ts";
import type { Lab } from "../lab/lab.ts";
import type { FaultKit } from "./kit.ts";
import { undoPostgresSettings, undoRedisSettings } from "./undo-settings.ts";
import { untilDone } from "./until-done.ts";

/** Undoes whatever is left of any fault: everything runs, takes writes and is connected, and every model is there. */
export async function heal({ lab, maker, pauseQueue }: FaultKit): Promise<void> {
  lab.links.heal();
  await lab.disks.free();
  for (const store of [lab.redis, lab.postgres]) {
    await store.thaw();
    await store.start();
  }
  await undoRedisSettings(lab);
  await undoPostgresSettings(lab);
  await untilDone(() => pauseQueue(false));
  await Promise.all(
    [...lab.ingests, ...lab.workers, ...lab.statsApis].map((service) =>
      service.alone(async () => {
        service.thaw();
        await service.start();
      }),
    ),
  );
  await putModels(lab, maker.modelIds);
}

/** Creates the models that are not there. */
export async function putModels({ db }: Pick<Lab, "db">, modelIds: readonly string[]): Promise<void> {
  for (const id of modelIds) {
    await untilDone(() => putModel(db, { id, name: `model ${id}`, category: null }));
  }
}
