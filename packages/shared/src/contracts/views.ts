import { z } from "zod";
import { readFirstAddress } from "./address.ts";
import { storableStart, storableText } from "./text.ts";

/** Views in one batch request, and in one queue job. */
export const BATCH_VIEWS_MAX = 500;
/** Characters of `viewerIdentifier`: the column is `varchar(255)`. */
export const VIEWER_IDENTIFIER_CHARS_MAX = 255;
const VIEWER_ID_CHARS_MAX = 255;
/** Characters of a user agent to store. */
export const USER_AGENT_CHARS_MAX = 1_024;
const TOKEN_CHARS_MAX = 128;

const CANONICAL_UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
/** PostgreSQL allows a hyphen after each four digits (https://www.postgresql.org/docs/current/datatype-uuid.html). */
const UUID = /^(?:urn:uuid:)?((?:[\da-f]{4}-?){7}[\da-f]{4})$/i;
const IN_BRACES = /^\{(.*)\}$/;

/**
 * Any hexadecimal id that PostgreSQL accepts as `uuid`, and URNs: with upper-case digits, in braces, with other hyphens or
 * none, with white space around. The result is 8-4-4-4-12 in lower case, so that equal ids are equal strings.
 */
export const modelIdSchema = z.preprocess(canonicalUuid, z.guid({ error: "must be a UUID" }));

function canonicalUuid(value: unknown): unknown {
  if (typeof value !== "string" || CANONICAL_UUID.test(value)) return value;
  const [, digits] = UUID.exec(value.trim().replace(IN_BRACES, "$1")) ?? [];
  if (digits === undefined) return value;
  return digits
    .replaceAll("-", "")
    .toLowerCase()
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Treats `null` like an absent field, because the JSON of many languages writes absent fields so. */
function optional<Schema extends z.ZodType>(schema: Schema) {
  return schema
    .nullable()
    .transform((value) => value ?? undefined)
    .optional();
}

/** For fields that add to a view. An invalid one is dropped, so that it does not cost the view. */
function leftOutIfWrong<Schema extends z.ZodType>(schema: Schema) {
  return schema.optional().catch(undefined);
}

/** Fields that a browser may set. Unknown fields are dropped, never refused. */
const browserViewShape = {
  /** The model whose profile was viewed. */
  modelId: modelIdSchema,
  /** The view's own id, which identifies a retry. A UUIDv7 contains its time; any other needs `viewedAt`. */
  id: optional(modelIdSchema),
  /** ISO 8601 instant, with `Z` or an offset. */
  viewedAt: optional(
    z.iso.datetime({ offset: true, error: "must be an ISO 8601 instant like 2026-11-22T09:30:00Z" }),
  ),
  /** Address of the previous page. Any text: only its host is read. */
  referrer: leftOutIfWrong(z.string()),
  /** Path of the profile page with its query string, or its whole address. Any text: its campaign and host are read. */
  path: leftOutIfWrong(z.string()),
  /** Page token, if ingest requires one. */
  token: leftOutIfWrong(z.string().max(TOKEN_CHARS_MAX)),
  /** A program drives the browser (`navigator.webdriver`), so the view is a bot's. */
  automated: leftOutIfWrong(z.boolean()),
};

/** Fields that only a server with a key may set. */
const serverOnlyShape = {
  /** The viewer as stored: a salted hash, or any other name that the website has for the viewer. */
  viewerIdentifier: optional(storableText(VIEWER_IDENTIFIER_CHARS_MAX).min(1)),
  /** The website's own id of the viewer, hashed with the salt before it is stored. */
  viewerId: optional(storableText(VIEWER_ID_CHARS_MAX).min(1)),
  /** The viewer's address, alone or first in a list, in any form that {@link readFirstAddress} reads. */
  ipAddress: leftOutIfWrong(z.string().transform(readFirstAddress)),
  /** Only the first 1,024 characters count. */
  userAgent: leftOutIfWrong(z.string().transform((text) => storableStart(text, USER_AGENT_CHARS_MAX))),
};

/** Names of the fields that need a server key. */
export const SERVER_ONLY_FIELDS = Object.keys(serverOnlyShape) as (keyof typeof serverOnlyShape)[];

/** Body of `POST /v1/views`. */
export const postedViewSchema = z.object({ ...browserViewShape, ...serverOnlyShape });
export type PostedView = z.infer<typeof postedViewSchema>;

const KNOWN_FIELDS: ReadonlySet<string> = new Set(Object.keys(postedViewSchema.shape));

/** Whether a posted view has a field that the API does not have: {@link postedViewSchema} drops it. */
export function hasUnknownField(view: unknown): boolean {
  if (typeof view !== "object") return false;
  for (const field in view) if (!KNOWN_FIELDS.has(field)) return true;
  return false;
}

/** Body of `POST /v1/views/batch`. Each view is parsed on its own, so that an invalid one never costs the others. */
export const postedBatchSchema = z.object({
  views: z.array(z.unknown()).min(1).max(BATCH_VIEWS_MAX),
  /** Accepts old times, which ingest would otherwise replace with its own. */
  backfill: z.boolean().default(false),
});

const fieldErrorSchema = z.object({ path: z.string(), message: z.string() });

/** `202` of `POST /v1/views/batch`. */
export const acceptedBatchSchema = z.object({
  accepted: z.int(),
  /** Views whose addresses are left out (`IGNORE_ADDRESSES`). Absent if there are none. */
  ignored: z.int().exactOptional(),
  rejected: z.array(z.object({ index: z.int(), errors: z.array(fieldErrorSchema) })),
});
export type AcceptedBatch = z.infer<typeof acceptedBatchSchema>;
