import { z } from "zod";
import { storableText } from "./text.ts";

/** Views in one batch request, and in one queue job. */
export const BATCH_VIEWS_MAX = 500;
/** Characters of `viewerIdentifier`: the column is `varchar(255)`. */
export const VIEWER_IDENTIFIER_CHARS_MAX = 255;
const VIEWER_ID_CHARS_MAX = 255;
/** Characters of a user agent that are stored. */
export const USER_AGENT_CHARS_MAX = 1_024;
const TOKEN_CHARS_MAX = 128;
const URL_CHARS_MAX = 8_192;

/** Any 8-4-4-4-12 hexadecimal id that PostgreSQL takes as `uuid`, in lower case so that equal ids are equal strings. */
function uuidSchema() {
  return z.guid({ error: "must be a UUID" }).toLowerCase();
}

export const modelIdSchema = uuidSchema();

/** What a browser may say of a view. Unknown fields are dropped, never refused. */
const browserViewShape = {
  /** The model whose profile was viewed. */
  modelId: modelIdSchema,
  /** The view's own id: makes a retry recognisable. UUIDv7 carries its time inside; give any other with `viewedAt`. */
  id: uuidSchema().optional(),
  /** ISO 8601 instant, with `Z` or an offset. */
  viewedAt: z.iso
    .datetime({ offset: true, error: "must be an ISO 8601 instant like 2026-11-22T09:30:00Z" })
    .optional(),
  /** Address of the page before this one. */
  referrer: storableText(URL_CHARS_MAX).optional(),
  /** Path of the profile page, with its query string. */
  path: storableText(URL_CHARS_MAX).optional(),
  /** Page token, where ingest asks for one. */
  token: z.string().max(TOKEN_CHARS_MAX).optional(),
};

/** What only a server, trusted by its key, may say of a view besides. */
const serverOnlyShape = {
  /** The stored viewer, as is: a salted hash, or whatever else the website calls this viewer. */
  viewerIdentifier: storableText(VIEWER_IDENTIFIER_CHARS_MAX).min(1).optional(),
  /** The website's own id of the viewer, hashed with the salt before it is stored. */
  viewerId: storableText(VIEWER_ID_CHARS_MAX).min(1).optional(),
  ipAddress: z.union([z.ipv4(), z.ipv6()]).optional(),
  userAgent: storableText(USER_AGENT_CHARS_MAX).optional(),
};

/** Names of the fields that need a server key. */
export const SERVER_ONLY_FIELDS = Object.keys(serverOnlyShape) as (keyof typeof serverOnlyShape)[];

/** Body of `POST /v1/views`. */
export const postedViewSchema = z.object({ ...browserViewShape, ...serverOnlyShape });
export type PostedView = z.infer<typeof postedViewSchema>;

/** Body of `POST /v1/views/batch`; each view is parsed on its own, so that a bad one never costs the others. */
export const postedBatchSchema = z.object({
  views: z.array(z.unknown()).min(1).max(BATCH_VIEWS_MAX),
  /** Takes times of long ago as they are, where they would be replaced by the server's clock otherwise. */
  backfill: z.boolean().default(false),
});

const fieldErrorSchema = z.object({ path: z.string(), message: z.string() });

/** `202` of `POST /v1/views/batch`. */
export const acceptedBatchSchema = z.object({
  accepted: z.int(),
  rejected: z.array(z.object({ index: z.int(), errors: z.array(fieldErrorSchema) })),
});
export type AcceptedBatch = z.infer<typeof acceptedBatchSchema>;
