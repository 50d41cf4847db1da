import { acceptedBatchSchema } from "@model-views/shared/contracts/views.ts";
import type { SentView } from "./ledger.ts";
import type { Answer } from "./post.ts";

/** Counts of requests, and the longest that an answer took. */
export type LoadFigures = {
  acknowledged: number;
  refused: number;
  unreachable: number;
  unknown: number;
  /** Requests that sent views again. */
  repeated: number;
  answerMsMax: number;
  /** Views that could not be sent at their time because too many answers were due. */
  heldBack: number;
  /** Answers that a right request must never get. */
  wrong: string[];
};

const WRONG_KEPT = 20;
/** What a busy or slow service may say to a right request. */
const BUSY = new Set([408, 503]);

export function noFigures(): LoadFigures {
  return {
    ...{ acknowledged: 0, refused: 0, unreachable: 0, unknown: 0, repeated: 0 },
    ...{ answerMsMax: 0, heldBack: 0, wrong: [] },
  };
}

/** Counts an answer that took `tookMs`, and marks the views that it acknowledges. */
export function keepBook(
  figures: LoadFigures,
  { views, answer, tookMs }: { views: readonly SentView[]; answer: Answer; tookMs: number },
): void {
  figures[answer.kind] += 1;
  if (answer.kind !== "unknown") figures.answerMsMax = Math.max(figures.answerMsMax, tookMs);
  const wrong = whatIsWrong(views, answer);
  if (wrong !== undefined && figures.wrong.length < WRONG_KEPT) figures.wrong.push(wrong);
  if (wrong !== undefined || answer.kind !== "acknowledged") return;
  for (const view of views) view.isAcknowledged = true;
}

function whatIsWrong(views: readonly SentView[], answer: Answer): string | undefined {
  if (answer.kind === "refused")
    return BUSY.has(answer.status) ? undefined : `${answer.status} ${answer.body}`;
  if (answer.kind !== "acknowledged" || views.length === 1) return undefined;
  const { accepted, rejected } = acceptedBatchSchema.parse(JSON.parse(answer.body));
  return accepted === views.length && rejected.length === 0 ? undefined : `202 ${answer.body}`;
}
