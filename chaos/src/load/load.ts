import { seededRandom } from "@model-views/lab/random.ts";
import type { SentView } from "./ledger.ts";
import { countAnswer, type LoadTotals, noLoadTotals } from "./load-totals.ts";
import { postedView, type ViewMaker } from "./make-views.ts";
import type { Answer, Post } from "./post.ts";

export type Load = {
  totals: LoadTotals;
  /** Sends no new views, and resolves when every request is answered. */
  stop(): Promise<void>;
};

export type LoadOptions = {
  /** Views per second. */
  rate: number;
  seed: number;
  maker: ViewMaker;
  ledger: Map<string, SentView>;
  post: Post;
  /** The port of each ingest; undefined while it does not run. */
  ports: () => readonly (number | undefined)[];
};

const TICK_MS = 20;
/** The share of the requests that are batches, and the most views in one. */
const BATCH_SHARE = 0.015;
const BATCH_VIEWS_MAX = 40;
const REQUESTS_WAITING_MAX = 2_000;
/** The shares of the requests that are sent again, with the same ids and times. */
const REPEAT_SHARES = { acknowledged: 0.03, other: 0.6 };
const REPEAT_MS_MAX = 4_000;
const TIMES_MAX = 4;

/** Posts views to every ingest in turn, and counts the answers. */
export function startLoad({ rate, seed, maker, ledger, post, ports }: LoadOptions): Load {
  const random = seededRandom(seed + 1);
  const totals = noLoadTotals();
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
      const count = random() < BATCH_SHARE ? 2 + Math.floor(random() * (BATCH_VIEWS_MAX - 1)) : 1;
      due -= count;
      if (waiting.size >= REQUESTS_WAITING_MAX) {
        totals.heldBack += count;
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
    countAnswer(totals, { views, answer, tookMs: performance.now() - began });
    const share = answer.kind === "acknowledged" ? REPEAT_SHARES.acknowledged : REPEAT_SHARES.other;
    if (times < TIMES_MAX && random() < share) repeat(views, times + 1);
  }

  function repeat(views: readonly SentView[], times: number): void {
    const timer = setTimeout(() => {
      repeats.delete(timer);
      totals.repeated += 1;
      send(views, times);
    }, random() * REPEAT_MS_MAX);
    repeats.add(timer);
  }

  return {
    totals,
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
