import { z } from "zod";
import { modelIdSchema } from "./views.ts";

const REMOVED = "Null where retention has removed who viewed";

/** The viewers of one of several models. */
export const modelAudienceSchema = z.object({
  modelId: modelIdSchema,
  uniqueViews: z.int().nullable().describe(`Viewers of this model. ${REMOVED}`),
  onlyThis: z
    .int()
    .nullable()
    .describe(`Viewers of this model who saw none of the others. ${REMOVED} of any model`),
});

/** What two of several models have in common. */
export const pairAudienceSchema = z.object({
  models: z.tuple([modelIdSchema, modelIdSchema]).describe("In the order of the question"),
  both: z.int().nullable().describe(`Viewers who saw both of them. ${REMOVED} of one of them`),
});

/** Answer of `GET /v1/audience`: how the viewers of several models overlap in a period. */
export const audienceAnswerSchema = z.object({
  tz: z.string(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  any: z.int().nullable().describe(`Viewers of at least one of the models. ${REMOVED} of any model`),
  all: z.int().nullable().describe("Viewers of every one of the models. Null as `any`"),
  exactlyOne: z.int().nullable().describe("Viewers of only one of the models. Null as `any`"),
  items: z.array(modelAudienceSchema).describe("Each model, in the order of the question"),
  pairs: z.array(pairAudienceSchema).describe("Each model with each of those after it"),
  asOf: z.iso.datetime(),
});
export type AudienceAnswer = z.infer<typeof audienceAnswerSchema>;
