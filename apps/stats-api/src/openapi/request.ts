import type { z } from "zod";
import type { Example, Operation } from "../operations/operation.ts";
import { inlineSchema, refTo } from "./json-schema.ts";

/** The parameters of an operation. */
export function parametersOf({ params, query, examples }: Operation): object[] {
  return [
    ...parametersIn("path", params, (example, name) => example.params?.[name], examples),
    ...parametersIn("query", query, (example, name) => example.query?.[name], examples),
  ];
}

function parametersIn(
  where: "path" | "query",
  shape: z.ZodObject | undefined,
  pick: (example: Example, name: string) => unknown,
  examples: Record<string, Example>,
): object[] {
  if (shape === undefined) return [];
  const { properties = {}, required = [] } = inlineSchema(shape);
  return Object.entries(properties).map(([name, { description, ...schema }]) => {
    const isRequired = where === "path" || required.includes(name);
    return {
      name,
      in: where,
      required: isRequired,
      description,
      schema,
      // One parameter with commas, instead of one for each.
      ...(schema.type === "array" ? { style: "form", explode: false } : {}),
      // Pages to try the API out fill in what has an example: of each parameter another one's, if the others had some.
      ...(isRequired ? examplesOf(examples, (example) => pick(example, name)) : {}),
    };
  });
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

/** How an example is asked: `GET /v1/models/top?limit=2`. */
export function requestLine({ method, path }: Operation, { params = {}, query = {} }: Example): string {
  const asked = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const texts = Object.entries(query).map(([name, value]) => [name, String(value)] as const);
  const search = new URLSearchParams(Object.fromEntries(texts))
    .toString()
    .replaceAll(/%2C|%2F|%3A/g, decodeURIComponent);
  return `${method.toUpperCase()} ${asked}${search === "" ? "" : `?${search}`}`;
}

type NamedExample = { summary: string; description?: string; value: unknown };

/** `examples` of whatever has some, under the names that the operation gives them; nothing where there are none. */
export function examplesOf(
  examples: Record<string, Example>,
  pick: (example: Example) => unknown,
  describe?: (example: Example) => string,
): { examples?: Record<string, NamedExample> } {
  const named = Object.entries(examples).map(([name, example]) => {
    const description = describe === undefined ? {} : { description: describe(example) };
    return [name, { summary: example.summary, ...description, value: pick(example) }] as const;
  });
  const given = named.filter(([, { value }]) => value !== undefined);
  return given.length === 0 ? {} : { examples: Object.fromEntries(given) };
}
