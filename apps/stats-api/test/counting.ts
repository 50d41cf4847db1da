import type { Db } from "@model-views/db/postgres/connect.ts";

/** The statements that this pool runs from now on, by itself or on one of its connections. */
export function statementsOf(db: Db): string[] {
  const statements: string[] = [];
  const watched = new WeakSet<object>();
  const textOf = (statement: unknown) =>
    typeof statement === "string" ? statement : String((statement as { text?: unknown }).text);
  db.$client.on("acquire", (client) => {
    if (watched.has(client)) return;
    watched.add(client);
    const { query } = client;
    client.query = (...args: unknown[]) => {
      statements.push(textOf(args[0]));
      return Reflect.apply(query, client, args);
    };
  });
  return statements;
}
