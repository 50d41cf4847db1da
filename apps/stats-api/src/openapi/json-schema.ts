import { problemSchema } from "@model-views/shared/contracts/problems.ts";
import { z } from "zod";
import type { NamedSchemas, RouteDescription } from "../http/route.ts";

/** JSON Schema (2020-12, which OpenAPI 3.1 uses) as far as this folder reads it. */
export type JsonSchema = {
  type?: string | string[];
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  [keyword: string]: unknown;
};

type Override = NonNullable<z.core.ToJSONSchemaParams["override"]>;

/** The document shows what is sent, not what parsing makes of it: digits of a parameter, and defaults as optional. */
const io = "input";

/**
 * The schemas that the routes name, for `#/components/schemas`.
 *
 * @throws {Error} when two routes give one name to different schemas.
 */
export function namedSchemas(routes: readonly RouteDescription[]): Record<string, JsonSchema> {
  const byName = new Map<string, z.ZodType>();
  const named = routes.flatMap(({ body = {}, answers }) => [
    body,
    ...Object.values(answers).flatMap(({ json = {}, nested = {} }) => [json, nested]),
  ]);
  for (const [name, schema] of [{ Problem: problemSchema }, ...named].flatMap(Object.entries<z.ZodType>)) {
    if ((byName.get(name) ?? schema) !== schema) throw new Error(`two schemas are named ${name}`);
    byName.set(name, schema);
  }
  const registry = z.registry<{ id: string }>();
  for (const id of [...byName.keys()].sort()) registry.add(byName.get(id) ?? z.never(), { id });
  const all = z.toJSONSchema(registry, { io, uri: pointerTo, override: forReaders }).schemas;
  return Object.fromEntries(
    Object.entries(all).map(([name, { $schema: _, $id: __, ...schema }]) => [name, schema as JsonSchema]),
  );
}

/** One or several of the named schemas. */
export function refTo(schemas: NamedSchemas): JsonSchema {
  const refs = Object.keys(schemas).map((name) => ({ $ref: pointerTo(name) }));
  const [only, ...others] = refs;
  return only !== undefined && others.length === 0 ? only : { anyOf: refs };
}

/** A schema without a name: of parameters. */
export function inlineSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io, override: forReaders }) as JsonSchema;
}

function pointerTo(name: string): string {
  return `#/components/schemas/${name}`;
}

/**
 * Leaves out what zod adds on its own (the pattern behind a format, the bounds of JavaScript's integers), and a default of
 * null: generators treat what has a default as always present, also in requests.
 */
const forReaders: Override = ({ jsonSchema }) => {
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.default === null) delete jsonSchema.default;
};
