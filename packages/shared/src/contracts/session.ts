import { z } from "zod";

const KEY_CHARS_MAX = 1_024;

/** Body of `POST /v1/session`. */
export const sessionBodySchema = z.object({
  key: z.string().min(1).max(KEY_CHARS_MAX).describe("One of STATS_KEYS or ADMIN_KEYS"),
});

/** Answer of `GET /v1/session` to a reader who has to sign in. */
export const signedOutSchema = z.object({ isSignedIn: z.literal(false) });

/** Answer of `GET /v1/session` to a reader who may read, with what every page of a dashboard has to know of the site. */
export const signedInSchema = z.object({
  isSignedIn: z.literal(true),
  name: z.string().nullable().describe("The name of the reader's key; null where none is needed"),
  hasSession: z.boolean().describe("Whether a session can be ended: the reader has signed in"),
  canSignIn: z.boolean().describe("Whether there are keys to sign in with"),
  mayChange: z.boolean().describe("Whether the reader may do what needs an admin's key"),
  reportingTimeZone: z.string().describe("Of whose days statistics are stored"),
  firstDay: z.iso
    .date()
    .nullable()
    .describe("The first day, in that time zone, with views that are counted; null without any"),
  now: z.iso.datetime(),
  version: z.string(),
});

export const sessionAnswerSchema = z.union([signedInSchema, signedOutSchema]);
export type SessionAnswer = z.infer<typeof sessionAnswerSchema>;
