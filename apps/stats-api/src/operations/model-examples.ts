import { ANNA, AS_OF, BELLA, CARLA, NOBODY, UNKNOWN_MODEL } from "./example-world.ts";
import type { Example } from "./operation.ts";

const createdAt = "2026-01-10T08:00:00.000Z";
const anna = { id: ANNA, name: "Anna", category: "women", createdAt };
const bella = { id: BELLA, name: "Bella", category: "women", createdAt };
const carla = { id: CARLA, name: "Carla", category: null, createdAt };
/** Where the page after Bella begins. */
const AFTER_BELLA = "MDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAy";

export const listModelsExamples = {
  firstPage: {
    summary: "The first page",
    query: { limit: 2 },
    status: 200,
    answer: { items: [anna, bella], next: AFTER_BELLA, asOf: AS_OF },
  },
  lastPage: {
    summary: "The page after it",
    query: { limit: 2, cursor: AFTER_BELLA },
    status: 200,
    answer: { items: [carla], next: null, asOf: AS_OF },
  },
  asCsv: {
    summary: "A category as CSV",
    query: { category: "women", format: "csv" },
    status: 200,
    answer: [
      "id,name,category,createdAt",
      `${ANNA},Anna,women,${createdAt}`,
      `${BELLA},Bella,women,${createdAt}`,
      "",
    ].join("\r\n"),
  },
} as const satisfies Record<string, Example>;

export const getModelExamples = {
  known: { summary: "A model", params: { modelId: CARLA }, status: 200, answer: carla },
  unknown: {
    summary: "No such model",
    params: { modelId: NOBODY },
    status: 404,
    answer: UNKNOWN_MODEL,
  },
} as const satisfies Record<string, Example>;

export const putModelExamples = {
  changed: {
    summary: "Anna becomes Anna Maria",
    params: { modelId: ANNA },
    body: { name: "Anna Maria", category: "women" },
    status: 200,
    answer: { ...anna, name: "Anna Maria" },
  },
  created: {
    summary: "A new model",
    params: { modelId: NOBODY },
    body: { name: "Dora" },
    status: 201,
    answer: { id: NOBODY, name: "Dora", category: null, createdAt: AS_OF },
  },
} as const satisfies Record<string, Example>;

export const deleteModelExamples = {
  known: { summary: "A model", params: { modelId: CARLA }, status: 204 },
  unknown: {
    summary: "No such model",
    params: { modelId: NOBODY },
    status: 404,
    answer: UNKNOWN_MODEL,
  },
} as const satisfies Record<string, Example>;
