import { modelSchema } from "@model-views/shared/contracts/models.ts";
import { manyModelStatsSchema } from "@model-views/shared/contracts/stats.ts";
import type { Ask } from "./ask.ts";
import { createPool } from "./pool.ts";
import { createRecentMap } from "./recent-map.ts";
import type { Tally } from "./tally.ts";

/** Models that the stats API answers for at once. */
const IDS_MAX = 200;
/** Models that are being made at once. */
const PUTS_AT_ONCE_MAX = 8;
/** Models known to exist that are kept in mind; about one that was forgotten the stats API is asked again. */
const MODELS_REMEMBERED_MIN = 100_000;

/** A model to be there: its id, and its name should it have to be made; without a name it is not made. */
export type WantedModel = { modelId: string; name: string | undefined };

/** Makes those of the models that do not exist and have a name, and counts the others. Those that exist stay as they are. */
export type MakeModels = (wanted: Iterable<WantedModel>) => Promise<void>;

export function createMakeModels(askStats: Ask, tally: Pick<Tally, "models" | "unknownModels">): MakeModels {
  const known = createRecentMap<true>(MODELS_REMEMBERED_MIN);

  async function make(modelId: string, name: string): Promise<void> {
    const request = { method: "PUT", path: `v1/models/${modelId}`, body: JSON.stringify({ name }) } as const;
    const { status } = await askStats(request, modelSchema);
    // 200: somebody else was faster.
    if (status === 201) tally.models++;
  }

  return async (wanted) => {
    const names = new Map<string, string | undefined>();
    for (const { modelId, name } of wanted) if (known.get(modelId) === undefined) names.set(modelId, name);
    const pool = createPool({ atOnceMax: PUTS_AT_ONCE_MAX });
    const ids = [...names.keys()];
    for (let from = 0; from < ids.length; from += IDS_MAX) {
      const path = `v1/models/stats?ids=${ids.slice(from, from + IDS_MAX).join(",")}`;
      const { value } = await askStats({ method: "GET", path }, manyModelStatsSchema);
      for (const id of value.unknown) {
        const name = names.get(id);
        if (name !== undefined) await pool.start(() => make(id, name));
        else tally.unknownModels++;
      }
    }
    await pool.finish();
    for (const id of ids) known.set(id, true);
  };
}
