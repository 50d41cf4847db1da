import type { Lab } from "../lab/lab.ts";
import { untilDone } from "./until-done.ts";

/** Redis takes writes, without a limit of memory, of commands that everybody may give. Does no harm a second time. */
export async function undoRedisSettings({ observer }: Pick<Lab, "observer">): Promise<void> {
  await untilDone(async () => {
    await observer.acl("SETUSER", "default", "+@all");
    await observer.replicaof("NO", "ONE");
    await observer.config("SET", "maxmemory", "0");
  });
}

/** PostgreSQL takes writes, of roles that have all their rights. Does no harm a second time. */
export async function undoPostgresSettings({ db, roles }: Pick<Lab, "db" | "roles">): Promise<void> {
  await untilDone(async () => {
    await db.$client.query("alter system reset default_transaction_read_only");
    await db.$client.query("select pg_reload_conf()");
    await roles.grant();
  });
}
