/** A view as it should be stored: what was sent, and what ingest derives from it. */
export type SentView = {
  id: string;
  modelId: string;
  viewerIdentifier: string;
  viewedAtMs: number;
  ipAddress: string | null;
  /** Index of its visit: user agent, referrer, campaign, and what follows from them. */
  visit: number;
  /** When it was sent for the first time, by `performance.now()`. */
  sentAtMs: number;
  isAcknowledged: boolean;
  /** It was made so that PostgreSQL refuses it. */
  isBad: boolean;
};

/** Every view that was ever sent, by id. */
export type Ledger = ReadonlyMap<string, SentView>;

/** The erasure of a viewer: none of their views until this time, in milliseconds since 1970, may be stored. */
export type Erasure = { viewerIdentifier: string; untilMs: number };

/** The deletion of a model, with the times at which it began and was over, by `performance.now()`. */
export type Deletion = { modelId: string; beganAtMs: number; overAtMs: number };
