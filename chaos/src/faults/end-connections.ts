/** Ends every connection of a worker to PostgreSQL, with the statement that runs on it. */
export async function endWorkersConnections(client: {
  query: (text: string) => Promise<unknown>;
}): Promise<void> {
  await client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'model-views worker'",
  );
}
