/** A row of `GET /v1/models/table`. */
export type ModelRow = {
  modelId: string;
  name: string;
  category: string | null;
  createdAt: string;
  totalViews: number | null;
  uniqueViews: number | null;
  lastViewedAt: string | null;
  previous?: { totalViews: number | null; uniqueViews: number | null } | undefined;
  series?: (number | null)[] | undefined;
};

/** Answer of `GET /v1/models/table`. */
export type ModelsTableAnswer = {
  items: ModelRow[];
  buckets?: string[] | undefined;
  from?: string;
  to?: string;
  isIncomplete: boolean;
  asOf: string;
};
