import { buildSites } from "./build-sites.ts";
import { SECTIONS, type Section } from "./expected.ts";
import { KEYS, type ProductionSystem, startProductionSystem } from "./production-system.ts";
import { type ReverseProxy, startReverseProxy } from "./reverse-proxy.ts";
import { openServices, type Services } from "./services.ts";
import { startSite } from "./site.ts";
import { FRAMEWORKS, type Framework } from "./sites.ts";

/** Visitors come from these networks. */
const HOME = "203.0.113.7";
const ELSEWHERE = "198.51.100.9";

/** A website of each framework, and what they need. */
export type Agency = {
  system: ProductionSystem;
  services: Services;
  websites: Record<Framework, Website>;
  /** Restarts the server of every website. */
  restart: (settings: SiteSettings) => Promise<void>;
  close: () => Promise<void>;
};

export type SiteSettings = {
  /** Milliseconds that a call of the website takes at most; without it the client's default. */
  timeoutMs?: number;
};

export type Website = {
  /** `http://www.agency.localhost:<port>`: the same site as ingest's host, with separate cookies. */
  origin: string;
  /** The same website, as visitors in another network reach it. */
  originElsewhere: string;
  /** The website's own proxy. */
  proxy: ReverseProxy;
  models: Record<Section, TwoModels>;
};

export type TwoModels = { anna: string; bella: string };

export async function openAgency(settings: SiteSettings): Promise<Agency> {
  const folders = await buildSites();
  const opened: Closable[] = [];
  const open: Open = async (opening) => {
    const one = await opening;
    opened.unshift(one);
    return one;
  };
  const close = async () => {
    for (const one of opened.splice(0)) await one.close();
  };
  try {
    const fronts = await Promise.all(FRAMEWORKS.map((framework) => openFront(open, framework)));
    const origins = fronts.flatMap(({ proxies }) => proxies.map(originOf));
    const system = await open(startProductionSystem(origins));
    const services = await open(openServices(system, asSeenFrom(HOME)));
    const websites = await Promise.all(fronts.map((front) => addWebsite(system, front)));
    const agency: Agency = {
      system,
      services,
      websites: Object.fromEntries(websites) as Record<Framework, Website>,
      async restart(settings) {
        await Promise.all(
          fronts.map(async ({ framework, proxies }) => {
            const environment = environmentOf(services, agency.websites[framework], settings);
            const { url } = await open(startSite(framework, folders[framework], environment));
            await Promise.all(proxies.map((proxy) => proxy.to(url)));
          }),
        );
      },
      close,
    };
    await agency.restart(settings);
    return agency;
  } catch (error) {
    await close();
    throw error;
  }
}

type Closable = { close: () => Promise<unknown> };
/** Remembers what is opened, to close it in the end. */
type Open = <T extends Closable>(opening: Promise<T>) => Promise<T>;

type Front = { framework: Framework; proxies: [home: ReverseProxy, elsewhere: ReverseProxy] };

async function openFront(open: Open, framework: Framework): Promise<Front> {
  const home = await open(startReverseProxy(asSeenFrom(HOME)));
  return { framework, proxies: [home, await open(startReverseProxy(asSeenFrom(ELSEWHERE)))] };
}

/** The headers that a proxy sets for its visitors, and that they cannot change. */
function asSeenFrom(address: string): Record<string, string> {
  return { "x-real-ip": address, "x-forwarded-for": address, "x-forwarded-proto": "http" };
}

function originOf({ port }: ReverseProxy): string {
  return `http://www.agency.localhost:${port}`;
}

async function addWebsite(
  { addModel }: ProductionSystem,
  { framework, proxies: [proxy, elsewhere] }: Front,
): Promise<[Framework, Website]> {
  const models = {} as Website["models"];
  for (const section of SECTIONS) {
    models[section] = { anna: await addModel("Anna"), bella: await addModel("Bella") };
  }
  return [framework, { origin: originOf(proxy), originElsewhere: originOf(elsewhere), proxy, models }];
}

/** The environment of a website's server. */
function environmentOf(
  { publicIngestUrl, ingestUrl, statsUrl }: Services,
  { models }: Website,
  { timeoutMs }: SiteSettings,
): Record<string, string> {
  const listed = Object.entries(models).flatMap(([way, { anna, bella }]) => [
    { id: anna, name: "Anna", way },
    { id: bella, name: "Bella", way },
  ]);
  return {
    ...KEYS,
    INGEST_URL: ingestUrl,
    STATS_URL: statsUrl,
    PUBLIC_INGEST_URL: publicIngestUrl,
    NUXT_PUBLIC_INGEST_URL: publicIngestUrl,
    MODELS: JSON.stringify(listed),
    ...(timeoutMs === undefined ? {} : { MODEL_VIEWS_TIMEOUT_MS: String(timeoutMs) }),
  };
}
