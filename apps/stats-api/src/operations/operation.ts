import type { z } from "zod";
import type { SchemaName } from "./schemas.ts";

/** One thing that can be asked of the API: what the document at `/openapi.json` says of a route. */
export type Operation = {
  /** Unique. Generated clients call it so. */
  id: string;
  method: "get" | "put" | "delete";
  /** As Express writes it, from the root: `/v1/models/:modelId`. */
  path: string;
  summary: string;
  description?: string;
  /** Whose key it takes: nobody's, one that may read (an admin's too), or an admin's. */
  key: "none" | "read" | "admin";
  /** What the route parses with. */
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: SchemaName;
  /** By status. What goes wrong is not told here, but a model that may be unknown. */
  answers: Record<number, Answer>;
  mayBeUnknown?: true;
  /** The website's own table may not take it. */
  mayBeRefused?: true;
  /** By a name that is a word. A test asks each of them, and gets this very answer. */
  examples: Record<string, Example>;
};

export type HeaderName = "ETag" | "Age" | "Model-Views-Incomplete";

export type Answer = {
  description: string;
  /** JSON of this schema, or of one of these. */
  json?: SchemaName | readonly SchemaName[];
  /** Also as CSV, for `format=csv`. */
  csv?: true;
  /** That tell something of the answer. Who gets an ETag may be told `304` next time. */
  headers?: readonly HeaderName[];
  /** Text of this media type. */
  text?: "text/event-stream";
};

export type Example = {
  summary: string;
  params?: Record<string, string>;
  /** Lists as arrays. */
  query?: Record<string, string | number | readonly string[]>;
  body?: unknown;
  status: number;
  /** A string where the answer is text. Left out where there is none. */
  answer?: unknown;
};
