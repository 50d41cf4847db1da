import type { LinkName } from "../plan/faults.ts";
import { type Link, openLink } from "../proxy/proxy.ts";
import type { Store } from "./store.ts";

/** Those that are left alone: of the harness itself, and of the stats API, which has nothing that could be lost. */
type CalmLink = "observer-redis" | "observer-postgres" | "stats-redis" | "stats-postgres";

/** Every connection to a store goes through one of these, so that a store may come back on another port. */
export type Links = {
  faulty: Record<LinkName, Link>;
  /** The store's URL as seen through the link. */
  url(name: LinkName | CalmLink): string;
  heal(): void;
  close(): Promise<void>;
};

/** Opens a link for each kind of service and store, and one to each store for the harness itself. */
export async function openLinks({ redis, postgres }: { redis: Store; postgres: Store }): Promise<Links> {
  const to = (store: Store) => openLink(() => Number(store.url().port));
  const faulty = {
    "ingest-redis": await to(redis),
    "worker-redis": await to(redis),
    "worker-postgres": await to(postgres),
  };
  const calm: Record<CalmLink, Link> = {
    "observer-redis": await to(redis),
    "observer-postgres": await to(postgres),
    "stats-redis": await to(redis),
    "stats-postgres": await to(postgres),
  };
  const all = { ...faulty, ...calm };
  return {
    faulty,
    url(name) {
      const url = (name.endsWith("redis") ? redis : postgres).url();
      url.port = String(all[name].port);
      return url.href;
    },
    heal() {
      for (const link of Object.values(faulty)) link.heal();
    },
    async close() {
      await Promise.all(Object.values(all).map((link) => link.close()));
    },
  };
}
