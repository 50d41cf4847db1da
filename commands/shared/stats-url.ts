/**
 * The connection string that the stats API asks with: `STATS_DATABASE_URL`, else the one of everything else. On a local
 * PostgreSQL it is a role that may only read statistics, as in production.
 *
 * @param databaseUrl of the database in use: `DATABASE_URL`, or the local one.
 */
export function statsUrlFor(
  {
    DATABASE_URL,
    STATS_DATABASE_URL,
  }: { DATABASE_URL?: string | undefined; STATS_DATABASE_URL?: string | undefined },
  databaseUrl: string,
): string {
  if (STATS_DATABASE_URL !== undefined) return STATS_DATABASE_URL;
  if (DATABASE_URL !== undefined) return databaseUrl;
  const url = new URL(databaseUrl);
  url.username = "model_views_stats";
  return url.href;
}
