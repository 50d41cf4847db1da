import { putModel } from "@model-views/db/models/put-model.ts";
import type { Lab } from "../lab/lab.ts";
import { type FaultKit, untilDone } from "./kit.ts";

/** Undoes what is left of any fault. Afterwards everything runs, takes writes and is connected, and every model exists. */
export async function heal({ lab, maker, pauseQueue }: FaultKit): Promise<void> {
  lab.proxies.heal();
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

/** Creates the models that do not exist. */
export async function putModels({ db }: Pick<Lab, "db">, modelIds: readonly string[]): Promise<void> {
  for (const id of modelIds) {
    await untilDone(() => putModel(db, { id, name: `model ${id}`, category: null }));
  }
}

/** Afterwards Redis takes writes, without a memory limit, and every command is allowed. May be called again. */
export async function undoRedisSettings({ observer }: Pick<Lab, "observer">): Promise<void> {
  await untilDone(async () => {
    await observer.acl("SETUSER", "default", "+@all");
    await observer.replicaof("NO", "ONE");
    await observer.config("SET", "maxmemory", "0");
  });
}

/** Afterwards PostgreSQL takes writes, and the roles have all their rights. May be called again. */
export async function undoPostgresSettings({ db, roles }: Pick<Lab, "db" | "roles">): Promise<void> {
  await untilDone(async () => {
    await db.$client.query("alter system reset default_transaction_read_only");
    await db.$client.query("select pg_reload_conf()");
    await roles.grant();
  });
}
