import type { Db } from "@model-views/db/postgres/connect.ts";
import { type RejectedFilter, redriveToQueue } from "@model-views/db/rejected/redrive-to-queue.ts";
import { redriveBodySchema, redrivenSchema } from "@model-views/shared/contracts/rejected.ts";
import { type Enqueue, enqueueAsNewJob } from "@model-views/shared/queue/enqueue.ts";
import { describeOutcome } from "../guards/audit.ts";
import { ofRedis } from "../http/of-redis.ts";
import { noQuery } from "../http/parameters.ts";
import { defineRoute } from "../http/route.ts";
import type { RouteDeps } from "./deps.ts";
import { ANNA } from "./example-data.ts";

/** Views that one request puts on the queue, and up to 499 more: a second or two. */
const VIEWS_MAX = 10_000;

export const redriveRoute = defineRoute({
  id: "redriveRejected",
  method: "post",
  path: "/v1/rejected/redrive",
  summary: "Puts rejected views back on the queue",
  description: `As \`npm run redrive\` does, without waiting for what becomes of them: \`GET /v1/pipeline\` shows that. Safe to repeat, because a view counts once. A request puts about ${VIEWS_MAX} views back at most; \`next\` says how to go on.`,
  access: "admin",
  query: noQuery,
  body: { RedriveBody: redriveBodySchema },
  answers: { 200: { description: "What was done", json: { Redriven: redrivenSchema } } },
  audit: { action: "redrive-rejected", subject: null },
  examples: {
    ofAnna: {
      summary: "Views of Anna that PostgreSQL refused",
      body: { reason: "refused", modelId: ANNA },
      status: 200,
      answer: { redriven: 1, unreadable: 0, next: null },
    },
  },
  async handle({ body, response }, { adminDb, viewsQueue }: Pick<RouteDeps, "adminDb" | "viewsQueue">) {
    const filter = {
      reason: body.reason,
      modelId: body.modelId,
      before: await startOf(adminDb, body.before),
    };
    const enqueue: Enqueue = (batch) => ofRedis(viewsQueue, (queue) => queue.enqueue(batch));
    const counts = { redriven: 0, unreadable: 0 };
    let isComplete = false;
    try {
      isComplete = await redriveSome(adminDb, filter, enqueue, counts);
    } finally {
      describeOutcome(response, `${counts.redriven} views put on the queue${inWords(filter)}`);
    }
    response.json({ ...counts, next: isComplete ? null : { before: filter.before.toISOString() } });
  },
});

/** Counts what is done as it is done. False when the limit of a request is reached. */
async function redriveSome(
  { $client: pool }: Db,
  filter: RejectedFilter,
  enqueue: Enqueue,
  counts: { redriven: number; unreadable: number },
): Promise<boolean> {
  for await (const batch of redriveToQueue(pool, filter, (views) => enqueueAsNewJob(enqueue, views))) {
    const unreadable = batch.filter((rejected) => "unreadable" in rejected).length;
    counts.unreadable += unreadable;
    counts.redriven += batch.length - unreadable;
    if (counts.redriven >= VIEWS_MAX) return false;
  }
  return true;
}

/** By PostgreSQL's clock, which has written when views were rejected: a view that is rejected again is not redriven again. */
async function startOf({ $client: pool }: Db, given: string | undefined): Promise<Date> {
  const { rows } = await pool.query<{ before: Date }>(
    "select least($1::timestamptz, clock_timestamp()) as before",
    [given ?? null],
  );
  const [found] = rows;
  if (found === undefined) throw new Error("a question without a table returned no row");
  return found.before;
}

function inWords({ reason, modelId }: RejectedFilter): string {
  const chosen = [
    ...(reason === undefined ? [] : [`reason ${reason}`]),
    ...(modelId === undefined ? [] : [`model ${modelId}`]),
  ];
  return chosen.length === 0 ? "" : ` (${chosen.join(", ")})`;
}
