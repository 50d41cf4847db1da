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

/** Answer of `GET /v1/audience`: how the viewers of several models overlap in a period. */
export const audienceAnswerSchema = z.object({
  tz: z.string(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  any: z.int().nullable().describe(`Viewers of at least one of the models. ${REMOVED} of any model`),
  all: z.int().nullable().describe("Viewers of every one of the models. Null as `any`"),
  exactlyOne: z.int().nullable().describe("Viewers of only one of the models. Null as `any`"),
  items: z.array(modelAudienceSchema).describe("Each model, in the order of the question"),
  asOf: z.iso.datetime(),
});
export type AudienceAnswer = z.infer<typeof audienceAnswerSchema>;
