import type { z } from "zod";
import type { Example, Operation } from "../operations/operation.ts";
import { inlineSchema, refTo } from "./json-schema.ts";

/** The parameters of an operation, with the values that its examples give them. */
export function parametersOf({ params, query, examples }: Operation): object[] {
  return [
    ...parametersIn("path", params, (example, name) => example.params?.[name], examples),
    ...parametersIn("query", query, (example, name) => example.query?.[name], examples),
  ];
}

function parametersIn(
  where: "path" | "query",
  shape: z.ZodObject | undefined,
  valueIn: (example: Example, name: string) => unknown,
  examples: Record<string, Example>,
): object[] {
  if (shape === undefined) return [];
  const { properties = {}, required = [] } = inlineSchema(shape);
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: where,
    required: where === "path" || required.includes(name),
    description,
    schema,
    // One parameter with commas, instead of one for each.
    ...(schema.type === "array" ? { style: "form", explode: false } : {}),
    ...examplesOf(examples, (example) => valueIn(example, name)),
  }));
}

/** The JSON body of an operation, where it has one. */
export function bodyOf({ body, examples }: Operation): object | undefined {
  if (body === undefined) return undefined;
  return {
    required: true,
    content: {
      "application/json": { schema: refTo(body), ...examplesOf(examples, (example) => example.body) },
    },
  };
}

/** `examples` of whatever has some, under the names that the operation gives them; nothing where there are none. */
export function examplesOf(
  examples: Record<string, Example>,
  pick: (example: Example) => unknown,
): { examples?: Record<string, { summary: string; value: unknown }> } {
  const named = Object.entries(examples)
    .map(([name, example]) => [name, { summary: example.summary, value: pick(example) }] as const)
    .filter(([, { value }]) => value !== undefined);
  return named.length === 0 ? {} : { examples: Object.fromEntries(named) };
}
