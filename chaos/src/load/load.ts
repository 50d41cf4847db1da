import { seededRandom } from "@model-views/lab/random.ts";
import type { SentView } from "./ledger.ts";
import { keepBook, type LoadFigures, noFigures } from "./load-figures.ts";
import { postedView, type ViewMaker } from "./make-views.ts";
import type { Answer, Post } from "./post.ts";

export type Load = {
  figures: LoadFigures;
  /** Sends nothing new, and resolves when every answer is there. */
  stop(): Promise<void>;
};

export type LoadOptions = {
  /** Views per second. */
  rate: number;
  seed: number;
  maker: ViewMaker;
  ledger: Map<string, SentView>;
  post: Post;
  /** Where each ingest listens; undefined while it does not. */
  ports: () => readonly (number | undefined)[];
};

const TICK_MS = 20;
/** Part of the requests that are batches, and the views in one. */
const BATCH_PART = 0.015;
const BATCH_VIEWS_MAX = 40;
const REQUESTS_WAITING_MAX = 2_000;
/** Parts of the requests that are sent again, with the same ids and times. */
const REPEAT_PARTS = { acknowledged: 0.03, other: 0.6 };
const REPEAT_MS_MAX = 4_000;
const TIMES_MAX = 4;

/** Posts views to every ingest in turn, and keeps book of what became of each request. */
export function startLoad({ rate, seed, maker, ledger, post, ports }: LoadOptions): Load {
  const random = seededRandom(seed + 1);
  const figures = noFigures();
  const repeats = new Set<NodeJS.Timeout>();
  const waiting = new Set<Promise<void>>();
  let turn = 0;
  let due = 0;
  let tickedAt = performance.now();
  const ticker = setInterval(tick, TICK_MS);

  function tick(): void {
    const now = performance.now();
    due += ((now - tickedAt) / 1_000) * rate;
    tickedAt = now;
    while (due >= 1) {
      const count = random() < BATCH_PART ? 2 + Math.floor(random() * (BATCH_VIEWS_MAX - 1)) : 1;
      due -= count;
      if (waiting.size >= REQUESTS_WAITING_MAX) {
        figures.heldBack += count;
        continue;
      }
      const views = Array.from({ length: count }, () =>
        maker.next({ nowMs: Date.now(), sentAtMs: performance.now() }),
      );
      for (const view of views) ledger.set(view.id, view);
      send(views, 1);
    }
  }

  function send(views: readonly SentView[], times: number): void {
    const sending = sendOnce(views, times).finally(() => waiting.delete(sending));
    waiting.add(sending);
  }

  async function sendOnce(views: readonly SentView[], times: number): Promise<void> {
    const all = ports();
    turn += 1;
    const began = performance.now();
    const answer = await postViews(post, all[turn % all.length], views);
    keepBook(figures, { views, answer, tookMs: performance.now() - began });
    const part = answer.kind === "acknowledged" ? REPEAT_PARTS.acknowledged : REPEAT_PARTS.other;
    if (times < TIMES_MAX && random() < part) repeat(views, times + 1);
  }

  function repeat(views: readonly SentView[], times: number): void {
    const timer = setTimeout(() => {
      repeats.delete(timer);
      figures.repeated += 1;
      send(views, times);
    }, random() * REPEAT_MS_MAX);
    repeats.add(timer);
  }

  return {
    figures,
    async stop() {
      clearInterval(ticker);
      const nothingRepeats = () => {
        for (const timer of repeats) clearTimeout(timer);
        repeats.clear();
      };
      while (waiting.size > 0) {
        nothingRepeats();
        await Promise.all(waiting);
      }
      nothingRepeats();
    },
  };
}

/** One view by itself, several as a batch. */
function postViews(post: Post, port: number | undefined, views: readonly SentView[]): Promise<Answer> {
  const [only, ...others] = views.map(postedView);
  return only !== undefined && others.length === 0
    ? post(port, "/v1/views", only)
    : post(port, "/v1/views/batch", { views: views.map(postedView) });
}
