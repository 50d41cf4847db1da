/** How a view should look when it is stored: what was sent, and what ingest makes of it. */
export type SentView = {
  id: string;
  modelId: string;
  viewerIdentifier: string;
  viewedAtMs: number;
  ipAddress: string | null;
  /** Which of the made visits it is of: user agent, referrer, campaign, and what follows from them. */
  visit: number;
  /** When it was sent for the first time, by `performance.now()`. */
  sentAtMs: number;
  isAcknowledged: boolean;
  /** It was put on the queue so that PostgreSQL refuses it. */
  isBad: boolean;
};

/** Every view that was ever sent, by id. */
export type Ledger = ReadonlyMap<string, SentView>;

/** When a model was deleted: the deletion began and was over at these times, by `performance.now()`. */
export type Deletion = { modelId: string; beganAtMs: number; overAtMs: number };
