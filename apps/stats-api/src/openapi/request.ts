import type { z } from "zod";
import type { Example, RouteDescription } from "../http/route.ts";
import { inlineSchema, refTo } from "./json-schema.ts";

type Examples = RouteDescription["examples"];

/** The parameters of a route. */
export function parametersOf({ params, query, examples }: RouteDescription): object[] {
  return [
    ...parametersIn("path", params, (example, name) => example.params?.[name], examples),
    ...parametersIn("query", query, (example, name) => example.query?.[name], examples),
  ];
}

function parametersIn(
  where: "path" | "query",
  shape: z.ZodObject | undefined,
  pick: (example: Example, name: string) => unknown,
  examples: Examples,
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
      // One parameter with commas, instead of one for each item.
      ...(schema.type === "array" ? { style: "form", explode: false } : {}),
      // Only for required ones: the page fills in what has an example, and would combine parameters of different examples.
      ...(isRequired ? namedExamples(examples, (example) => pick(example, name)) : {}),
    };
  });
}

/** The JSON body of a route; undefined without one. */
export function bodyOf({ body, examples }: RouteDescription): object | undefined {
  if (body === undefined) return undefined;
  return {
    required: true,
    content: {
      "application/json": { schema: refTo(body), ...namedExamples(examples, (example) => example.body) },
    },
  };
}

/** The request of an example: `GET /v1/models/top?limit=2`. */
export function requestLine(
  { method, path }: RouteDescription,
  { params = {}, query = {} }: Example,
): string {
  const target = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const texts = Object.entries(query).map(([name, value]) => [name, String(value)] as const);
  const search = new URLSearchParams(Object.fromEntries(texts))
    .toString()
    .replaceAll(/%2C|%2F|%3A/g, decodeURIComponent);
  return `${method.toUpperCase()} ${target}${search === "" ? "" : `?${search}`}`;
}

type NamedExample = { summary: string; description?: string; value: unknown };

/** The examples for which `pick` finds a value, under the names that the route gives them; nothing when there are none. */
export function namedExamples(
  examples: Examples,
  pick: (example: Example) => unknown,
  describe?: (example: Example) => string,
): { examples?: Record<string, NamedExample> } {
  const named = Object.entries(examples).map(([name, example]) => {
    const description = describe === undefined ? {} : { description: describe(example) };
    return [name, { summary: example.summary, ...description, value: pick(example) }] as const;
  });
  const found = named.filter(([, { value }]) => value !== undefined);
  return found.length === 0 ? {} : { examples: Object.fromEntries(found) };
}
