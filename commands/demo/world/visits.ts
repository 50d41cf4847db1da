import type { Attention } from "./attention.ts";
import { type Client, pickBot } from "./clients.ts";
import { ADVERTISED, type DemoModel, LINKED, MODELS, SUSPECTED, VIRAL } from "./models.ts";
import { BLOG, NEWSLETTER, pickCampaign, pickSource, pickViralSource, type Source } from "./sources.ts";
import { usualViewer, type Viewer, viralViewer } from "./viewers.ts";
import type { World } from "./world.ts";

export type VisitKind = "usual" | "campaign" | "link" | "viral" | "bot" | "suspect";

/** A view of the demo, before it is posted or recorded. */
export type DemoView = {
  /** Milliseconds since 1970. */
  at: number;
  model: DemoModel;
  viewer: Viewer;
  client: Client;
  /** How the visit came; undefined for its later views, which come from the website itself. */
  source: Source | undefined;
  /** Marked by ingest as beyond what one address can be believed. */
  isSuspect: boolean;
};

/** Each view of a visit is followed by another one with this probability. */
const NEXT_VIEW = 0.58;
const NEXT_VIRAL_VIEW = 0.25;
const VIEWS_A_VISIT_MAX = 12;
/** Views of an average visit. */
export const VIEWS_A_VISIT = 1 / (1 - NEXT_VIEW);
/** From one view to the next. */
const PAUSE_MS_MIN = 12_000;
const PAUSE_MS = 70_000;
const THURSDAY = 4;
const NEWSLETTER_SHARE = 0.16;

export type VisitContext = {
  world: World;
  day: Date;
  attention: Attention;
  random: () => number;
};

/** The viewer of the n-th visit of a kind on a day. */
export function viewerOf({ world, day, random }: VisitContext, kind: VisitKind, nth: number): Viewer {
  return kind === "viral" || kind === "suspect"
    ? viralViewer(world, day, kind === "suspect" ? nth + 25_000 : nth)
    : usualViewer(world, day, nth, random);
}

/** The views of one visit that begins at that time. */
export function visit(context: VisitContext, kind: VisitKind, viewer: Viewer, at: number): DemoView[] {
  const { attention, random, day } = context;
  const client = kind === "bot" ? pickBot(random()) : viewer.client;
  const isSuspect = kind === "suspect";
  if (kind === "bot") {
    const model = MODELS[Math.floor(random() * MODELS.length)] as DemoModel;
    return [{ at, model, viewer, client, source: undefined, isSuspect }];
  }
  const next = kind === "usual" || kind === "campaign" ? NEXT_VIEW : NEXT_VIRAL_VIEW;
  const views: DemoView[] = [];
  let time = at;
  for (let nth = 0; nth < VIEWS_A_VISIT_MAX; nth += 1) {
    if (nth > 0 && (isSuspect || random() > next)) break;
    const model = (nth === 0 ? landsOn(kind, random) : undefined) ?? attention.pick(viewer, random);
    views.push({
      at: time,
      model,
      viewer,
      client,
      source: nth === 0 ? sourceOf(kind, day, random) : undefined,
      isSuspect,
    });
    time += PAUSE_MS_MIN + Math.floor(random() * PAUSE_MS);
  }
  return views;
}

/** The model that a link leads to; undefined where the viewer chooses. */
function landsOn(kind: VisitKind, random: () => number): DemoModel | undefined {
  if (kind === "viral") return VIRAL;
  if (kind === "link") return LINKED;
  if (kind === "suspect") return SUSPECTED;
  return kind === "campaign" ? ADVERTISED[Math.floor(random() ** 1.5 * ADVERTISED.length)] : undefined;
}

function sourceOf(kind: VisitKind, day: Date, random: () => number): Source | undefined {
  if (kind === "campaign") return pickCampaign(random());
  if (kind === "viral") return pickViralSource(random());
  if (kind === "link") return BLOG;
  if (kind === "suspect") return undefined;
  const isNewsletter = day.getUTCDay() === THURSDAY && random() < NEWSLETTER_SHARE;
  return isNewsletter ? NEWSLETTER : pickSource(random());
}
