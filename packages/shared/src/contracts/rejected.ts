import { z } from "zod";
import { modelIdSchema } from "./views.ts";

/** Why views were rejected: the reason, or the SQLSTATE with which PostgreSQL refused them. */
export const rejectedReasonSchema = z.string().regex(/^(unknown_model|past_retention|refused|[0-9A-Z]{5})$/, {
  error: "must be unknown_model, past_retention, refused, or an SQLSTATE such as 22021",
});

/** Body of `POST /v1/rejected/redrive`. */
export const redriveBodySchema = z.strictObject({
  reason: rejectedReasonSchema
    .exactOptional()
    .describe(
      "Only views with this reason: `unknown_model`, `refused`, `past_retention`, or an SQLSTATE such as `22021`. Without it, all but `past_retention`, whose views would only be rejected again",
    ),
  modelId: modelIdSchema.exactOptional().describe("Only views of this model"),
  before: z.iso
    .datetime({ offset: true })
    .exactOptional()
    .describe("Only views that were rejected before this time; now, when it is not given"),
});

/** Answer of `POST /v1/rejected/redrive`. */
export const redrivenSchema = z.object({
  redriven: z
    .int()
    .describe("Views that are on the queue again. Those that PostgreSQL refuses again come back"),
  unreadable: z.int().describe("Views whose data cannot be read; they stay rejected"),
  next: z
    .object({ before: z.iso.datetime() })
    .nullable()
    .describe("Send the same body with these fields to go on with the next views; null when no view is left"),
});
export type Redriven = z.infer<typeof redrivenSchema>;
