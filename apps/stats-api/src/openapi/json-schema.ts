import { z } from "zod";
import { type SchemaName, schemas } from "../operations/schemas.ts";

/** JSON Schema (2020-12, which is OpenAPI 3.1's) as far as this folder looks into it. */
export type JsonSchema = {
  type?: string | string[];
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  [keyword: string]: unknown;
};

type Override = NonNullable<z.core.ToJSONSchemaParams["override"]>;

/** What is sent, not what parsing makes of it: a number where a parameter's digits become one, a default as optional. */
const io = "input";

/** The schemas by name, for `#/components/schemas`. */
export function namedSchemas(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const all = z.toJSONSchema(registry, { io, uri: pointerTo, override: asReadersNeedIt }).schemas;
  return Object.fromEntries(
    Object.entries(all).map(([name, { $schema: _, $id: __, ...schema }]) => [name, schema as JsonSchema]),
  );
}

/** One or several of the named schemas. */
export function refTo(names: SchemaName | readonly SchemaName[]): JsonSchema {
  if (typeof names === "string") return { $ref: pointerTo(names) };
  return { anyOf: names.map((name) => ({ $ref: pointerTo(name) })) };
}

/** A schema that has no name: of parameters. */
export function inlineSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io, override: asReadersNeedIt }) as JsonSchema;
}

function pointerTo(id: string): string {
  return `#/components/schemas/${id}`;
}

/**
 * Leaves out what zod adds without being asked (the pattern behind a format, the bounds of JavaScript's integers), and a
 * default of null: generators take what has a default for always there, also where it is sent.
 */
const asReadersNeedIt: Override = ({ jsonSchema }) => {
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.default === null) delete jsonSchema.default;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
};
