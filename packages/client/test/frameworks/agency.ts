import { buildSites } from "./build-sites.ts";
import type { Section } from "./expected.ts";
import { KEYS, type ProductionSystem, startProductionSystem } from "./production-system.ts";
import { type Proxy, startProxy } from "./proxy.ts";
import { type Site, startSite } from "./site.ts";
import { FRAMEWORKS, type Framework, SITES } from "./sites.ts";

const SECTIONS: readonly Section[] = ["script", "component", "passed-on", "server"];

/** A website of each framework behind a proxy of its own, and the services behind one that the tests can switch off. */
export type Agency = {
  system: ProductionSystem;
  websites: Record<Framework, Website>;
  services: {
    /** Ingest as browsers reach it. */
    publicIngest: Proxy;
    /** Ingest as websites reach it. */
    ingest: Proxy;
    stats: Proxy;
  };
  close: () => Promise<void>;
};

export type Website = {
  /** `http://www.agency.localhost:<port>`: a host of the same site as ingest's, with cookies of its own. */
  origin: string;
  proxy: Proxy;
  site: Site;
  models: Record<Section, TwoModels>;
  /** Whether a page is fetched when its link is hovered; else its code at most. */
  fetchesAhead: boolean;
};

export type TwoModels = { anna: string; bella: string };

/** Header by which a test says which address a visitor has. The proxy takes it as that of the connection. */
export const TEST_ADDRESS = "test-address";
const USUAL_ADDRESS = "203.0.113.7";

export async function openAgency(): Promise<Agency> {
  const folders = await buildSites();
  const proxies = await Promise.all(
    FRAMEWORKS.map(async (framework) => [framework, await startProxy(asWebsite)] as const),
  );
  const origins = proxies.map(([, { port }]) => `http://www.agency.localhost:${port}`);
  const [system, publicIngest, ingest, stats] = await Promise.all([
    startProductionSystem(origins),
    startProxy(asIngest),
    startProxy(),
    startProxy(),
  ]);
  await Promise.all([
    publicIngest.to(system.ingestUrl),
    ingest.to(system.ingestUrl),
    stats.to(system.statsUrl),
  ]);
  const websites = await Promise.all(
    proxies.map(async ([framework, proxy]) => {
      const models = await addModels(system);
      const site = await startSite(framework, folders[framework], {
        INGEST_URL: ingest.url,
        STATS_URL: stats.url,
        PUBLIC_INGEST_URL: `http://views.agency.localhost:${publicIngest.port}`,
        NUXT_PUBLIC_INGEST_URL: `http://views.agency.localhost:${publicIngest.port}`,
        MODELS: JSON.stringify(listed(models)),
        // A page does not wait for us longer than a second; here the machine may be slower than any page should be.
        MODEL_VIEWS_TIMEOUT_MS: "20000",
        ...KEYS,
      });
      await proxy.to(site.url);
      const origin = `http://www.agency.localhost:${proxy.port}`;
      const { fetchesAhead } = SITES[framework];
      return [framework, { origin, proxy, site, models, fetchesAhead }] as const;
    }),
  );
  const services = { publicIngest, ingest, stats };
  return {
    system,
    websites: Object.fromEntries(websites) as Record<Framework, Website>,
    services,
    async close() {
      await Promise.all(websites.map(([, { site }]) => site.stop()));
      await Promise.all([...proxies.map(([, proxy]) => proxy), ...Object.values(services)].map((one) => one.close()));
      await system.stop();
    },
  };
}

async function addModels({ addModel }: ProductionSystem): Promise<Record<Section, TwoModels>> {
  const added = await Promise.all(
    SECTIONS.map(async (section) => {
      const [anna, bella] = await Promise.all([addModel("Anna"), addModel("Bella")]);
      return [section, { anna, bella }] as const;
    }),
  );
  return Object.fromEntries(added) as Record<Section, TwoModels>;
}

function listed(models: Record<Section, TwoModels>): { id: string; name: string; way: string }[] {
  return Object.entries(models).flatMap(([way, { anna, bella }]) => [
    { id: anna, name: "Anna", way },
    { id: bella, name: "Bella", way },
  ]);
}

function asWebsite({ headers }: { headers: Record<string, string | string[] | undefined> }) {
  const address = String(headers[TEST_ADDRESS] ?? USUAL_ADDRESS);
  return {
    "x-real-ip": address,
    "x-forwarded-for": address,
    "x-forwarded-proto": "http",
    [TEST_ADDRESS]: undefined,
  };
}

function asIngest({ headers }: { headers: Record<string, string | string[] | undefined> }) {
  return { "x-forwarded-for": String(headers[TEST_ADDRESS] ?? USUAL_ADDRESS), [TEST_ADDRESS]: undefined };
}
