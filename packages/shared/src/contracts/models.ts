import { z } from "zod";
import { storableText } from "./text.ts";
import { modelIdSchema } from "./views.ts";

const NAME_CHARS_MAX = 1_024;
const CATEGORY_CHARS_MAX = 255;

/** Body of `PUT /v1/models/:modelId`. A category left out, or null, is none. */
export const modelBodySchema = z.object({
  name: storableText(NAME_CHARS_MAX).min(1),
  category: storableText(CATEGORY_CHARS_MAX).min(1).nullable().default(null),
});

/** A model as the API answers it. */
export const modelSchema = z.object({
  id: modelIdSchema,
  name: z.string(),
  category: z.string().nullable(),
  createdAt: z.iso.datetime(),
});
export type ModelAnswer = z.infer<typeof modelSchema>;

/** `GET /v1/models`: a page of models, by id. */
export const modelListSchema = z.object({
  items: z.array(modelSchema),
  next: z.string().nullable().describe("Cursor of the next page; null on the last"),
  asOf: z.iso.datetime(),
});
export type ModelList = z.infer<typeof modelListSchema>;
