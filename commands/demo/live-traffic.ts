import { VIEWER_COOKIE } from "@model-views/shared/contracts/viewer-identifier.ts";
import { throttle } from "@model-views/shared/runtime/throttle.ts";
import { attentionOn } from "./world/attention.ts";
import { viralAt } from "./world/events.ts";
import { picker, rounded } from "./world/pick.ts";
import { hourlyBusyness } from "./world/rhythm.ts";
import type { Source } from "./world/sources.ts";
import { BOTS_SHARE, VIRAL_SHARE } from "./world/views.ts";
import { type DemoView, VIEWS_A_VISIT, type VisitKind, viewerOf, visit } from "./world/visits.ts";
import { DAY_MS, type World } from "./world/world.ts";

const TICK_MS = 500;
/** Every so often the views that a website's server has gathered are posted as one batch. */
const BATCH_EVERY_TICKS = 8;
/** Visits that a website's server reports; the others are posted by browsers. */
const SERVER_SHARE = 0.3;
const POST_TIMEOUT_MS = 10_000;
/** Milliseconds from one report of failures to the next. */
const REPORT_EVERY_MS = 30_000;
/** Numbers that viewers of the history do not have. */
const LIVE_VIEWERS_FROM = 30_000;
const LIVE_VIEWERS = 20_000;
const WEBSITE = "https://agency.example";
const KINDS: readonly VisitKind[] = ["usual", "viral", "bot"];

export type LiveTrafficOptions = {
  world: World;
  /** Views a second, on the average of a day. */
  perSecond: number;
  ingestUrl: string;
  /** Ends it. */
  signal: AbortSignal;
  /** Reports what goes wrong; a failing ingest is tried again with the next views. */
  say: (line: string) => void;
  random?: () => number;
  now?: () => Date;
};

type Waiting = { view: DemoView; isServers: boolean };

/**
 * Posts views to ingest until it is stopped: some as the browsers of viewers do, passed on by a website, with cookie, user agent
 * and address; some in batches, as servers do. Views that were not posted when it ends are dropped.
 */
export function startTraffic(options: LiveTrafficOptions): void {
  const { world, perSecond, ingestUrl, signal, say, random = Math.random, now = () => new Date() } = options;
  let waiting: Waiting[] = [];
  let batch: DemoView[] = [];
  let ticks = 0;
  const failed = throttle(REPORT_EVERY_MS, (reason: string) =>
    say(`live traffic: ingest did not take a view (${reason})`),
  );
  const timer = setInterval(tick, TICK_MS);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });

  function tick(): void {
    const at = now();
    begin(at);
    const due = waiting.filter(({ view }) => view.at <= at.getTime());
    waiting = waiting.filter(({ view }) => view.at > at.getTime());
    for (const { view, isServers } of due) {
      if (isServers) batch.push(view);
      else post("/v1/views", browserHeaders(view), browserBody(view));
    }
    ticks += 1;
    if (ticks % BATCH_EVERY_TICKS === 0) postBatch();
  }

  /** Begins the visits of this moment. */
  function begin(at: Date): void {
    const day = new Date(Math.floor(at.getTime() / DAY_MS) * DAY_MS);
    const shares = [1, VIRAL_SHARE * viralAt(world, at), BOTS_SHARE];
    const visits = (perSecond * hourlyBusyness(at) * TICK_MS) / 1_000 / VIEWS_A_VISIT;
    const context = { world, day, attention: attentionOn(world, day), random };
    const pickKind = picker(shares);
    for (let left = rounded(visits, random); left > 0; left -= 1) {
      const kind = KINDS[pickKind(random())] ?? "usual";
      const viewer = viewerOf(context, kind, LIVE_VIEWERS_FROM + Math.floor(random() * LIVE_VIEWERS));
      const isServers = random() < SERVER_SHARE;
      for (const view of visit(context, kind, viewer, at.getTime())) waiting.push({ view, isServers });
    }
  }

  function postBatch(): void {
    if (batch.length === 0) return;
    const views = batch.map((view) => ({
      ...browserBody(view),
      viewerId: view.viewer.id,
      ipAddress: view.viewer.address,
      userAgent: view.client.userAgent,
    }));
    batch = [];
    post("/v1/views/batch", {}, { views });
  }

  function post(path: string, headers: Record<string, string>, body: object): void {
    postJson(ingestUrl + path, headers, body).catch((error: unknown) => {
      if (!signal.aborted) failed(error instanceof Error ? error.message : String(error));
    });
  }
}

/** @throws when ingest did not accept it. */
async function postJson(url: string, headers: Record<string, string>, body: object): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(POST_TIMEOUT_MS),
  });
  const text = await response.text();
  if (response.status !== 202) throw new Error(`${response.status} ${text}`);
}

/** What a website passes on of a browser's request. Without keys, ingest in development trusts this machine to be the website. */
function browserHeaders({ viewer, client }: DemoView): Record<string, string> {
  return {
    "User-Agent": client.userAgent,
    Cookie: `${VIEWER_COOKIE}=${viewer.id}`,
    "Model-Views-Client-Address": viewer.address,
  };
}

function browserBody({ model, source }: DemoView): { modelId: string; path: string; referrer?: string } {
  const path = `${WEBSITE}/models/${model.slug}${queryOf(source)}`;
  return {
    modelId: model.id,
    path,
    ...(source?.referrer === undefined ? {} : { referrer: source.referrer }),
  };
}

function queryOf({ utmSource, utmMedium, utmCampaign }: Partial<Source> = {}): string {
  if (utmSource === undefined || utmMedium === undefined || utmCampaign === undefined) return "";
  const query = new URLSearchParams({
    utm_source: utmSource,
    utm_medium: utmMedium,
    utm_campaign: utmCampaign,
  });
  return `?${query}`;
}
