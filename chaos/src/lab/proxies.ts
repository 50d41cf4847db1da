import type { ProxyName } from "../plan/faults.ts";
import { openProxy, type TcpProxy } from "../proxy/proxy.ts";
import type { Store } from "./store.ts";

/** Proxies without faults: those of the harness, and of the stats API, which could not lose anything. */
type CalmProxyName = "observer-redis" | "observer-postgres" | "stats-redis" | "stats-postgres";

/** Every connection to a store goes through a proxy, because a store may come back on another port. */
export type Proxies = {
  faulty: Record<ProxyName, TcpProxy>;
  /** The store's URL, with the port of the proxy. */
  url(name: ProxyName | CalmProxyName): string;
  heal(): void;
  close(): Promise<void>;
};

/** Opens a proxy for each kind of service and store, and one to each store for the harness. */
export async function openProxies({ redis, postgres }: { redis: Store; postgres: Store }): Promise<Proxies> {
  const to = (store: Store) => openProxy(() => Number(store.url().port));
  const faulty = {
    "ingest-redis": await to(redis),
    "worker-redis": await to(redis),
    "worker-postgres": await to(postgres),
  };
  const calm: Record<CalmProxyName, TcpProxy> = {
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
      for (const proxy of Object.values(faulty)) proxy.heal();
    },
    async close() {
      await Promise.all(Object.values(all).map((proxy) => proxy.close()));
    },
  };
}
