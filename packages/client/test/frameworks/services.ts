import type { ProductionSystem } from "./production-system.ts";
import { startReverseProxy } from "./reverse-proxy.ts";

/** Ingest and the stats API behind proxies, which can fail and recover. */
export type Services = {
  /** Ingest as browsers reach it. */
  publicIngestUrl: string;
  /** Ingest and the stats API as websites reach them. */
  ingestUrl: string;
  statsUrl: string;
  up: () => Promise<void>;
  /** Connections are taken, and no request is answered. */
  hang: () => Promise<void>;
  /** Connections are refused. */
  down: () => Promise<void>;
  close: () => Promise<void>;
};

/** @param visitorHeaders headers that the proxy in front of ingest sets for every browser */
export async function openServices(
  { ingestUrl, statsUrl }: ProductionSystem,
  visitorHeaders: Record<string, string>,
): Promise<Services> {
  const publicIngest = await startReverseProxy(visitorHeaders);
  const ingest = await startReverseProxy();
  const stats = await startReverseProxy();
  const all = [publicIngest, ingest, stats];
  const services: Services = {
    publicIngestUrl: `http://views.agency.localhost:${publicIngest.port}`,
    ingestUrl: ingest.url,
    statsUrl: stats.url,
    async up() {
      await Promise.all([publicIngest.to(ingestUrl), ingest.to(ingestUrl), stats.to(statsUrl)]);
    },
    async hang() {
      await Promise.all(all.map((proxy) => proxy.hang()));
    },
    async down() {
      await Promise.all(all.map((proxy) => proxy.down()));
    },
    async close() {
      await Promise.all(all.map((proxy) => proxy.close()));
    },
  };
  await services.up();
  return services;
}
