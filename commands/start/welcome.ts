import { EXAMPLE_MODEL } from "./example-model.ts";

/** curl's own user agent is a bot's, whose views are not counted. */
const BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0";

/** What runs where: ports on this machine. */
export type Running = {
  /** The address of the dashboard. */
  dashboard: string;
  /** Whether it is being built still. */
  isBuilding: boolean;
  ingest: number;
  stats: number;
  /** The ports for operators. */
  admin: { ingest: number; worker: number; stats: number };
  /** A model that views can be posted of; undefined when there is none yet. */
  modelId: string | undefined;
  hasStatsKeys: boolean;
  hasAdminKeys: boolean;
};

/** What to do with a system that has just been started: addresses, and commands that work as they are. */
export function welcome({
  dashboard,
  isBuilding,
  ingest,
  stats,
  admin,
  modelId,
  hasStatsKeys,
  hasAdminKeys,
}: Running): string {
  const at = (port: number) => `http://127.0.0.1:${port}`;
  const id = modelId ?? EXAMPLE_MODEL.id;
  const key = (needed: boolean, name: string) =>
    needed ? ` -H "Authorization: Bearer <one of ${name}>"` : "";
  const putModel = `
Store a model:
  curl -X PUT ${at(stats)}/v1/models/${id} -H 'Content-Type: application/json' -d '{"name":"Example model"}'${key(hasAdminKeys, "ADMIN_KEYS")}
`;
  return `
model-views is running. Ctrl-C stops it.
  dashboard  ${dashboard}${isBuilding ? " (being built; the page appears by itself)" : ""}
  ingest     ${at(ingest)}
  stats API  ${at(stats)} (what it answers: ${at(stats)}/docs)
  how each is, and what it counted: /readyz and /metrics of ${at(admin.ingest)} (ingest), ${at(admin.stats)} (stats API), ${at(admin.worker)} (worker)
${modelId === undefined ? putModel : ""}
Post a view, and read it back:
  curl -i ${at(ingest)}/v1/views -A '${BROWSER}' -H 'Content-Type: application/json' -d '{"modelId":"${id}"}'
  curl ${at(stats)}/v1/models/${id}/stats${key(hasStatsKeys, "STATS_KEYS")}

`;
}
