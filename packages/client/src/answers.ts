/** Views and viewers of one model. Without views: 0, 0, null. */
export type ModelViewStats = {
  modelId: string;
  totalViews: number;
  uniqueViews: number;
  /** ISO 8601 instant. */
  lastViewedAt: string | null;
};

/** One place of the list of the most viewed models. */
export type TopViewedModel = ModelViewStats & {
  name: string;
  category: string | null;
  lastViewedAt: string;
};

/** `202` of `POST /v1/views`. */
export function isAccepted(answer: unknown): answer is { id: string } {
  return isRecord(answer) && typeof answer["id"] === "string";
}

/** Answer of `GET /v1/models/:modelId/stats`. */
export function isModelStats(answer: unknown): answer is ModelViewStats {
  return (
    isRecord(answer) &&
    typeof answer["modelId"] === "string" &&
    typeof answer["totalViews"] === "number" &&
    typeof answer["uniqueViews"] === "number" &&
    isTextOrNull(answer["lastViewedAt"])
  );
}

/** Answer of `GET /v1/models/top`. */
export function isTopModels(answer: unknown): answer is { items: TopViewedModel[] } {
  return isRecord(answer) && Array.isArray(answer["items"]) && answer["items"].every(isTopModel);
}

function isTopModel(item: unknown): item is TopViewedModel {
  return (
    isRecord(item) &&
    typeof item["name"] === "string" &&
    isTextOrNull(item["category"]) &&
    typeof item["lastViewedAt"] === "string" &&
    isModelStats(item)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}
