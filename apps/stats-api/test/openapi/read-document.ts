import { z } from "zod";

const examples = z.record(z.string(), z.object({ summary: z.string(), value: z.unknown() })).default({});
const content = z.record(z.string(), z.object({ schema: z.unknown(), examples })).default({});
const answer = z.object({ $ref: z.string().optional(), content });
const operation = z.object({
  operationId: z.string(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(z.object({ name: z.string(), in: z.enum(["path", "query"]), examples })).default([]),
  requestBody: z.object({ content }).default({ content: {} }),
  responses: z.record(z.string(), answer),
});

/** As much of the document as the tests of it read. */
export const documentSchema = z.object({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
});
export type ReadDocument = z.infer<typeof documentSchema>;
export type ReadOperation = z.infer<typeof operation> & { method: string; path: string };

export function operationsOf({ paths }: ReadDocument): ReadOperation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, read]) => ({ ...read, method: method.toUpperCase(), path })),
  );
}

/** Whose key an operation says it takes. */
export function keyOf({ security }: ReadOperation): "none" | "read" | "admin" {
  if (security.length === 0) return "none";
  return security.some((scheme) => "readKey" in scheme) ? "read" : "admin";
}

/** What the document says is asked, and answered. */
export type AskedExample = {
  title: string;
  operation: ReadOperation;
  /** Path and query. */
  target: string;
  body?: unknown;
  status: number;
  type?: string;
  schema?: unknown;
  answer?: unknown;
};

/** Every example of an operation: what has the same name in parameters, body and answers belongs together. */
export function examplesOf(operation: ReadOperation): AskedExample[] {
  const { parameters, requestBody, responses, method, path } = operation;
  const answers = Object.entries(responses).flatMap(([status, { content }]) =>
    Object.entries(content).flatMap(([type, { schema, examples }]) =>
      Object.entries(examples).map(([name, { value }]) => ({ name, status, type, schema, answer: value })),
    ),
  );
  const asked = [...parameters, ...Object.values(requestBody.content)].flatMap(({ examples }) =>
    Object.keys(examples),
  );
  const names = new Set([...asked, ...answers.map(({ name }) => name)]);
  return [...names].map((name) => {
    const told = answers.filter((each) => each.name === name);
    if (told.length > 1) throw new Error(`${path}: ${name} is answered twice`);
    const [without] = Object.entries(responses).find(([, each]) => !each.$ref && isEmpty(each.content)) ?? [];
    const status = told[0]?.status ?? without;
    if (status === undefined) throw new Error(`${path}: ${name} is not answered`);
    return {
      title: `${operation.operationId}, ${name}`,
      operation,
      target: targetOf(path, parameters, name),
      ...(method === "PUT" ? { body: requestBody.content["application/json"]?.examples[name]?.value } : {}),
      ...told[0],
      status: Number(status),
    };
  });
}

function targetOf(template: string, parameters: ReadOperation["parameters"], name: string): string {
  const query = new URLSearchParams();
  let path = template;
  for (const { name: parameter, in: where, examples } of parameters) {
    const value = examples[name]?.value;
    if (value === undefined) continue;
    if (where === "path") path = path.replace(`{${parameter}}`, encodeURIComponent(String(value)));
    // A list is one parameter with commas: String() of an array.
    else query.set(parameter, String(value));
  }
  return query.size === 0 ? path : `${path}?${query}`;
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}
