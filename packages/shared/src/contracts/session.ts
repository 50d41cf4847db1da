import { z } from "zod";

/** Body of `POST /v1/session`. */
export const sessionBodySchema = z.object({ key: z.string().min(1).max(1_024) });

/** Answer of `GET /v1/session` to a reader without a key or a session, where one is needed. */
export const signedOutSchema = z.object({ isSignedIn: z.literal(false) });

/** Answer of `GET /v1/session` to a reader who may read, and what every page of the dashboard has to know of the site. */
export const signedInSchema = z.object({
  isSignedIn: z.literal(true),
  name: z.string().describe("The name of the key, or that no key is needed"),
  needsKey: z.boolean().describe("False in development without keys: then there is nothing to sign out of"),
  mayChange: z.boolean().describe("Whether the key is an admin's"),
  reportingTimeZone: z.string(),
  firstViewedAt: z.iso
    .datetime()
    .nullable()
    .describe("Of the oldest view that is counted; null without views"),
  now: z.iso.datetime(),
  version: z.string(),
});

export const sessionAnswerSchema = z.union([signedInSchema, signedOutSchema]);
export type SessionAnswer = z.infer<typeof sessionAnswerSchema>;
