import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { SpoolPut } from "./messages.ts";

// Loaded before ingest: a kill cannot show whether the spool's rows are on the disk, because the kernel keeps written data. So
// SQLite is asked for its settings at each row that is put there.
const { prepare } = DatabaseSync.prototype;

DatabaseSync.prototype.prepare = function watched(this: DatabaseSync, sql: string): StatementSync {
  const statement = prepare.call(this, sql);
  if (!/^\s*insert into batches\b/i.test(sql)) return statement;
  statement.run = new Proxy(statement.run, {
    apply: (run, self, values) => {
      const result = Reflect.apply(run, self, values);
      const put: SpoolPut = {
        synchronous: Number(prepare.call(this, "pragma synchronous").get()?.["synchronous"]),
        journalMode: String(prepare.call(this, "pragma journal_mode").get()?.["journal_mode"]),
      };
      process.send?.({ put });
      return result;
    },
  });
  return statement;
};
