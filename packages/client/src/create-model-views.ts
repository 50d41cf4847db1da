import { type ActionState, failure } from "./action-state.ts";
import {
  isAccepted,
  isModelStats,
  isTopModels,
  type ModelViewStats,
  type TopViewedModel,
} from "./answers.ts";
import { askService } from "./ask-service.ts";
import { isUuid } from "./uuid.ts";
import { uuidV7 } from "./uuid-v7.ts";
import { metadataFields, type ViewMetadata } from "./view-metadata.ts";
import { type CookieStore, getOrCreateViewerIdentifier } from "./viewer-identifier.ts";

/** Milliseconds a page render is held at most, by default. */
const TIMEOUT_MS = 1_000;

/** Where the services are. What is missing makes the functions that need it answer an error, and nothing throw. */
export type ModelViewsConfig = {
  /** Address of ingest: `http://ingest:4001`. */
  ingestUrl?: string | undefined;
  /** Address of the stats API: `http://stats-api:4002`. */
  statsUrl?: string | undefined;
  /** One of ingest's `SERVER_KEYS`. */
  serverKey?: string | undefined;
  /** One of the stats API's `STATS_KEYS`. */
  statsKey?: string | undefined;
  /** The `VIEWER_ID_SALT` of ingest; only `getOrCreateViewerIdentifier` needs it. */
  viewerIdSalt?: string | undefined;
  /** Whether the cookie `viewer_id` goes over HTTPS only; yes unless told otherwise. */
  isProduction?: boolean | undefined;
  /** Milliseconds that a call takes at most, its retry included; 1,000 unless told otherwise, 60,000 at most. */
  timeoutMs?: number | undefined;
};

/** The server functions of a website. */
export type ModelViews = {
  /** Counts a view. It carries an id of its own, so that a post that had to be repeated counts once. Never rejects. */
  trackModelView(
    modelId: string,
    viewerIdentifier: string,
    metadata?: ViewMetadata,
  ): Promise<ActionState<{ success: boolean }>>;
  /** Views and viewers of a model. One that does not exist is an error. Never rejects. */
  getModelViewStats(modelId: string): Promise<ActionState<ModelViewStats>>;
  /** The most viewed models, 1 to 100 of them, of one category or of all. Never rejects. */
  getTopViewedModels(limit: number, category?: string | null): Promise<ActionState<TopViewedModel[]>>;
  /**
   * See {@link getOrCreateViewerIdentifier}, with the configured salt.
   *
   * @throws {TypeError} when no salt is configured.
   */
  getOrCreateViewerIdentifier(cookies: CookieStore | Promise<CookieStore>): Promise<string>;
};

/** Builds the server functions. Opens nothing, reads no environment. */
export function createModelViews(config: ModelViewsConfig): ModelViews {
  const timeoutMs = config.timeoutMs ?? TIMEOUT_MS;
  const ingest = { name: "ingest", url: config.ingestUrl, key: config.serverKey };
  const statsApi = { name: "the stats API", url: config.statsUrl, key: config.statsKey };
  const settings = { salt: config.viewerIdSalt ?? "", isProduction: config.isProduction ?? true };
  return {
    async trackModelView(modelId, viewerIdentifier, metadata) {
      if (!isUuid(modelId)) return notUuid();
      const now = Date.now();
      const body = {
        modelId,
        viewerIdentifier,
        id: uuidV7(now),
        viewedAt: new Date(now).toISOString(),
        ...metadataFields(metadata ?? {}),
      };
      const answer = await askService(ingest, { path: "/v1/views", body, isAnswer: isAccepted, timeoutMs });
      return answer.success ? { success: true, data: { success: true } } : answer;
    },

    async getModelViewStats(modelId) {
      if (!isUuid(modelId)) return notUuid();
      const path = `/v1/models/${modelId}/stats`;
      const answer = await askService(statsApi, { path, isAnswer: isModelStats, timeoutMs });
      if (!answer.success) return answer;
      const { totalViews, uniqueViews, lastViewedAt } = answer.data;
      return { success: true, data: { modelId: answer.data.modelId, totalViews, uniqueViews, lastViewedAt } };
    },

    async getTopViewedModels(limit, category) {
      const query = new URLSearchParams({ limit: String(limit), ...(category ? { category } : {}) });
      const path = `/v1/models/top?${query}`;
      const answer = await askService(statsApi, { path, isAnswer: isTopModels, timeoutMs });
      return answer.success ? { success: true, data: answer.data.items } : answer;
    },

    getOrCreateViewerIdentifier: (cookies) => getOrCreateViewerIdentifier(cookies, settings),
  };
}

function notUuid() {
  return failure("modelId must be a UUID");
}
