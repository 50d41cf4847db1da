import { randomUUID } from "node:crypto";
import type { RunningService } from "../../testing/src/services.ts";

type Start = (
  name: "ingest" | "worker" | "stats-api",
  env?: Record<string, string>,
) => Promise<RunningService>;

/** The whole system as processes, with a model in it. */
export type System = {
  ingest: RunningService;
  statsApi: RunningService;
  modelId: string;
  /** The stats API's answer about the model. */
  stats: () => Promise<unknown>;
};

export async function startSystem(
  start: Start,
  ingestEnv: Record<string, string> = {},
  modelId: string = randomUUID(),
): Promise<System> {
  const [ingest, statsApi] = await Promise.all([
    start("ingest", ingestEnv),
    start("stats-api"),
    start("worker"),
  ]);
  return addModel({ ingest, statsApi }, modelId);
}

/** A further model in a system that the tests of a file share. */
export async function addModel(
  { ingest, statsApi }: Pick<System, "ingest" | "statsApi">,
  modelId: string = randomUUID(),
): Promise<System> {
  const model = `${statsApi.url}/v1/models/${modelId}`;
  await fetch(model, {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name: "Anna" }),
  });
  return { ingest, statsApi, modelId, stats: async () => (await fetch(`${model}/stats`)).json() };
}
