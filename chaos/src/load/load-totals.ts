import { acceptedBatchSchema } from "@model-views/shared/contracts/views.ts";
import type { SentView } from "./ledger.ts";
import type { Answer } from "./post.ts";

/** Counts of requests, and the time of the slowest answer. */
export type LoadTotals = {
  acknowledged: number;
  refused: number;
  unreachable: number;
  unknown: number;
  /** Requests that sent views again. */
  repeated: number;
  answerMsMax: number;
  /** Views that were not sent in time because too many requests waited for an answer. */
  heldBack: number;
  /** Answers that a correct request must never get. */
  wrong: string[];
};

const WRONG_MAX = 20;
/** Statuses that a busy or slow service may answer a correct request with. */
const BUSY = new Set([408, 503]);

export function noLoadTotals(): LoadTotals {
  return {
    ...{ acknowledged: 0, refused: 0, unreachable: 0, unknown: 0, repeated: 0 },
    ...{ answerMsMax: 0, heldBack: 0, wrong: [] },
  };
}

/** Counts an answer that took `tookMs`, and marks the views that it acknowledges. */
export function countAnswer(
  totals: LoadTotals,
  { views, answer, tookMs }: { views: readonly SentView[]; answer: Answer; tookMs: number },
): void {
  totals[answer.kind] += 1;
  if (answer.kind !== "unknown") totals.answerMsMax = Math.max(totals.answerMsMax, tookMs);
  const wrong = problemOf(views, answer);
  if (wrong !== undefined && totals.wrong.length < WRONG_MAX) totals.wrong.push(wrong);
  if (wrong !== undefined || answer.kind !== "acknowledged") return;
  for (const view of views) view.isAcknowledged = true;
}

function problemOf(views: readonly SentView[], answer: Answer): string | undefined {
  if (answer.kind === "refused")
    return BUSY.has(answer.status) ? undefined : `${answer.status} ${answer.body}`;
  if (answer.kind !== "acknowledged" || views.length === 1) return undefined;
  const { accepted, rejected } = acceptedBatchSchema.parse(JSON.parse(answer.body));
  return accepted === views.length && rejected.length === 0 ? undefined : `202 ${answer.body}`;
}
