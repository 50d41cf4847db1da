import type { IncomingMessage } from "node:http";
import type { Db } from "@model-views/db/postgres/connect.ts";
import type { SiteInfo } from "@model-views/db/reporting-zone/site-info.ts";
import type { PipelineAnswer } from "@model-views/shared/contracts/pipeline.ts";
import type { Readiness } from "@model-views/shared/http/health.ts";
import type { Redis } from "ioredis";
import type { Answers } from "../cache/answers.ts";
import type { KeyUses } from "../guards/key-uses.ts";
import type { Reader } from "../guards/reader.ts";
import type { SessionCookie } from "../guards/session-cookie.ts";
import type { Sessions } from "../guards/sessions.ts";
import type { WrongKeyLimit } from "../guards/wrong-key-limit.ts";
import type { InPeriod } from "../http/in-period.ts";
import type { LiveFeed } from "../http/live-feed.ts";
import type { ViewsQueue } from "../http/views-queue.ts";

/** What the handlers of all routes need. Each handler names the ones that it uses. */
export type RouteDeps = {
  /** For questions: it need not be able to write. */
  db: Db;
  /** For what admins change, and for exports, which keep a connection for a long time. */
  adminDb: Db;
  /** The Redis of the queue; undefined: the service does not know it. */
  queueRedis: Redis | undefined;
  /** The queue in that Redis; undefined like it. */
  viewsQueue: ViewsQueue | undefined;
  /** The answer of `GET /v1/pipeline`; it may be some seconds old. */
  pipeline: () => Promise<PipelineAnswer>;
  answers: Answers;
  inPeriod: InPeriod;
  liveFeed: LiveFeed;
  liveDetailsFeed: LiveFeed;
  /** Called for each part of an answer that cannot be answered now. */
  onPartFailed: (error: unknown) => void;
  readiness: () => Promise<Readiness>;
  /** The text of the document at `/openapi.json`, and its ETag. */
  document: { text: string; tag: string };
  keyUses: KeyUses;
  sessions: Sessions;
  sessionCookie: SessionCookie;
  wrongKeyLimit: WrongKeyLimit;
  /** Called for each request with a key that is none of ours. */
  onWrongKey: () => void;
  clientAddress: (request: IncomingMessage) => string | undefined;
  /** What a request proves about its reader. */
  reader: (request: IncomingMessage) => Reader;
  /** Milliseconds until the session of a request ends; undefined without one. */
  sessionEnd: (request: IncomingMessage) => number | undefined;
  /** What every question about a period of the site begins with; it may be a minute old. */
  siteInfo: () => Promise<SiteInfo>;
  now: () => Date;
  /** The time of an erasure: the latest of all clocks. */
  erasureTime: () => Promise<Date>;
};
