import type { Db } from "@model-views/db/postgres/connect.ts";
import type { Readiness } from "@model-views/shared/http/health.ts";
import type { Answers } from "../cache/answers.ts";
import type { InPeriod } from "../http/in-period.ts";
import type { LiveFeed } from "../http/live-feed.ts";

/** What the handlers of all routes need. Each handler names the ones that it uses. */
export type RouteDeps = {
  /** For questions: it need not be able to write. */
  db: Db;
  /** For what admins change, and for exports, which keep a connection for a long time. */
  adminDb: Db;
  answers: Answers;
  inPeriod: InPeriod;
  liveFeed: LiveFeed;
  /** Called for each part of an answer that cannot be answered now. */
  onPartFailed: (error: unknown) => void;
  readiness: () => Promise<Readiness>;
  /** The text of the document at `/openapi.json`, and its ETag. */
  document: { text: string; tag: string };
  now: () => Date;
  /** The time of an erasure: the latest of all clocks. */
  erasureTime: () => Promise<Date>;
};
